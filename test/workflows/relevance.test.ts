// Owns which events start a runner: the caller's own `if`s, evaluated by GitHub's expression engine.
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { evaluateIf } from '../../src/local/actions/expression.ts';
import type { Json } from '../../src/local/actions/expression.ts';
import { readShipped } from './shipped.ts';

const Job = z.object({ if: z.string() });
const Caller = z.object({ jobs: z.object({ orch: Job, nudge: Job }) });
const caller = Caller.parse(parse(readShipped('docs/caller.yml')));

type Vars = Readonly<Record<string, string>>;

function starts(job: keyof typeof caller.jobs, event_name: string, event: Json, vars: Vars = {}): boolean {
  const github = { event_name, event, repository: 'acme/shop' };
  return evaluateIf(caller.jobs[job].if, { github, vars }, { failed: false, cancelled: false });
}

function labelled(label: string, on: readonly string[] = [], by = 'User'): Json {
  return {
    action: 'labeled',
    label: { name: label },
    sender: { type: by },
    issue: { number: 7, labels: [...on, label].map((name) => ({ name })), issue_dependencies_summary: { blocking: 0 } },
  };
}

function closed(on: readonly string[], blocking = 0): Json {
  return {
    action: 'closed',
    issue: { number: 7, labels: on.map((name) => ({ name })), issue_dependencies_summary: { blocking } },
  };
}

function said(body: string, type = 'User'): Json {
  return { action: 'created', comment: { body }, sender: { type }, issue: { number: 7, labels: [] } };
}

function pull(over: Readonly<Record<string, Json>>): Json {
  const head = { ref: 'orch/7-fix', repo: { full_name: 'acme/shop' } };
  return {
    action: 'closed',
    pull_request: { merged: false, head, base: { ref: 'main' }, ...over },
    repository: { default_branch: 'main' },
  };
}

describe('a tick', () => {
  it.each([
    ['the intake label', 'issues', labelled('agent-todo')],
    ['the skip label', 'issues', labelled('agent-skipped')],
    ['an engine label on a task', 'issues', labelled('agent:codex', ['agent-todo'])],
    ['a status label typed by hand', 'issues', labelled('status:done', ['agent-todo'])],
    ['the phase of a task', 'issues', labelled('phase:2', ['agent-todo'])],
    ['a task that is to run alone', 'issues', labelled('parallel:off', ['agent-todo'])],
    ['a task that is to be tried twice at once', 'issues', labelled('instances:2', ['agent-todo'])],
    ['a task that is to be looked at only', 'issues', labelled('role:audit', ['agent-todo'])],
    ['a task that is closed', 'issues', closed(['agent-todo'])],
    ['an issue that blocks another is closed', 'issues', closed([], 1)],
    ['a command', 'issue_comment', said('/orch retry')],
    ['a mention', 'issue_comment', said('@orchestrator why')],
    ['cron', 'schedule', {}],
    ['a dispatch', 'workflow_dispatch', { inputs: {} }],
    ['another service', 'repository_dispatch', {}],
  ] as const)('[TRG-01] starts for %s', (_, event_name, event) => {
    expect(starts('orch', event_name, event)).toBe(true);
    expect(starts('nudge', event_name, event)).toBe(false);
  });

  it.each([
    ['a label that is not ours', 'issues', labelled('bug')],
    ['our own status label', 'issues', labelled('status:in_progress', ['agent-todo'], 'Bot')],
    ['an engine label on an issue outside the queue', 'issues', labelled('agent:codex')],
    ['an ordinary issue that is closed', 'issues', closed(['bug'])],
    ['an ordinary comment', 'issue_comment', said('looks good to me')],
    ["a bot's comment, whatever it says", 'issue_comment', said('/orch retry', 'Bot')],
  ] as const)('starts no runner for %s', (_, event_name, event) => {
    expect(starts('orch', event_name, event)).toBe(false);
    expect(starts('nudge', event_name, event)).toBe(false);
  });

  it('[TRG-07] follows ORCH_LABEL', () => {
    expect(starts('orch', 'issues', labelled('robots'), { ORCH_LABEL: 'robots' })).toBe(true);
    expect(starts('orch', 'issues', labelled('agent-todo'), { ORCH_LABEL: 'robots' })).toBe(false);
  });

  it('[TRG-14] [CFG-21] [ENG-14] nothing at all starts once ORCH_ENABLED is false', () => {
    expect(starts('orch', 'issues', labelled('agent-todo'), { ORCH_ENABLED: 'false' })).toBe(false);
    expect(starts('orch', 'schedule', {}, { ORCH_ENABLED: 'false' })).toBe(false);
    expect(starts('nudge', 'pull_request', pull({}), { ORCH_ENABLED: 'false' })).toBe(false);
  });
});

describe('a nudge', () => {
  it.each([
    ['a pull request of ours closed without merging', 'pull_request', pull({})],
    ['one merged into another branch', 'pull_request', pull({ merged: true, base: { ref: 'release' } })],
    [
      'one of an internal task, which has no issue to close',
      'pull_request',
      pull({ merged: true, head: { ref: 'orch/i99-x', repo: { full_name: 'acme/shop' } } }),
    ],
    ['a review of ours', 'pull_request_review', pull({})],
    [
      'the end of CI on our branch',
      'workflow_run',
      { workflow_run: { head_branch: 'orch/7-fix', head_repository: { full_name: 'acme/shop' } } },
    ],
  ] as const)('follows %s', (_, event_name, event) => {
    expect(starts('nudge', event_name, event)).toBe(true);
    expect(starts('orch', event_name, event)).toBe(false);
  });

  it.each([
    ['a merge into the default branch: its issue closes and starts the tick', 'pull_request', pull({ merged: true })],
    [
      "somebody's own pull request",
      'pull_request',
      pull({ head: { ref: 'feature', repo: { full_name: 'acme/shop' } } }),
    ],
    [
      'a fork that names its branch like ours',
      'pull_request',
      pull({ head: { ref: 'orch/7-fix', repo: { full_name: 'mallory/shop' } } }),
    ],
    ['a fork whose repository is gone', 'pull_request_review', pull({ head: { ref: 'orch/7-fix', repo: null } })],
    [
      'CI on main',
      'workflow_run',
      { workflow_run: { head_branch: 'main', head_repository: { full_name: 'acme/shop' } } },
    ],
  ] as const)('starts no runner for %s', (_, event_name, event) => {
    expect(starts('nudge', event_name, event)).toBe(false);
  });
});
