// Owns a stage for mode attempt as a process: the local GitHub, a claimed task, and the runner's environment around the bundle.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import type { ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { vi } from 'vitest';
import { SCRIPT_FOLDER } from '../agent/attempt/scripted-engine.ts';
import { bundleInUse } from '../../src/cli/bundle.ts';
import type { Brief } from '../../src/domain/brief.ts';
import { DEFAULT_POLICY, ENGINE_DEFAULTS } from '../../src/domain/default-policy.ts';
import type { HandIn } from '../../src/domain/hand-in.ts';
import {
  ArtifactId,
  AttemptNumber,
  BranchName,
  CommitSha,
  Digest,
  IssueNumber,
  Login,
  RunId,
  TaskId,
} from '../../src/domain/ids.ts';
import { instantFromMs } from '../../src/domain/instant.ts';
import type { JournalRecord } from '../../src/domain/journal.ts';
import { UNKNOWN_USAGE } from '../../src/domain/outcome.ts';
import { createBriefs, downloadInto } from '../../src/github/artifacts.ts';
import { runStep } from '../../src/local/actions/process.ts';
import { issueJobToken, openJob, openRun } from '../../src/local/model/actions.ts';
import { startLocalGitHub } from '../../src/local/server.ts';
import type { LocalGitHub } from '../../src/local/server.ts';
import { parseHandIn } from '../../src/wire/hand-in.ts';
import { renderJournalMessage } from '../../src/wire/journal-record.ts';
import { taskRef } from '../../src/wire/refs.ts';

const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

export interface Stage {
  readonly github: LocalGitHub;
  readonly root: string;
  readonly base: CommitSha;
  brief(changes?: Partial<Brief>): Brief;
  /** Claims the task, freezes the brief, and runs the job's step as a runner would, `post` included. */
  attempt(ask: Ask): Promise<Ran>;
  close(): Promise<void>;
}

export interface Ask {
  readonly brief: Brief;
  readonly key?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly inputs?: Readonly<Record<string, string>>;
  /** Called for every line of the log, with the means to act on what it says. */
  readonly onLine?: (line: string, act: Act) => void;
}

export interface Act {
  /** As a cancelled job: SIGINT, and the end of all patience seven seconds later. */
  interrupt(): void;
  /** Somebody settles the attempt: its journal moves. */
  settle(): void;
  /** The journal moves for a reason that is nobody's cancel. */
  nudge(): void;
}

export interface Ran {
  readonly exit_code: number | null;
  readonly outputs: Readonly<Record<string, string>>;
  readonly log: readonly string[];
  /** What people read on the job's page. */
  readonly summary: string;
  /** The hand-in as deliver would read it. */
  readonly result: HandIn | null;
  readonly handed_in: readonly string[];
  readonly folder: string;
  /** Whether patience ended before the process did. */
  readonly killed: boolean;
}

const PATIENCE_MS = 7_000;

export async function openAttemptStage(): Promise<Stage> {
  const root = mkdtempSync(path.join(tmpdir(), 'orch-mode-'));
  const github = await startLocalGitHub({ owner: 'octo', name: 'demo', directory: path.join(root, 'github') });
  const files = { 'README.md': '# demo\n', 'src/app.js': 'export const greeting = "hi";\n' };
  const base = CommitSha.parse(github.repository.commitFiles('main', files, 'first'));
  let tasks = 11;
  return {
    github,
    root,
    base,
    brief: (changes = {}) => {
      tasks += 1;
      return { ...plainBrief(github, base, tasks), ...changes };
    },
    attempt: (ask) => runAttemptStep({ github, root, base }, ask),
    close: async () => {
      await github.close();
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function plainBrief(github: LocalGitHub, base: CommitSha, number: number): Brief {
  const at = instantFromMs(Date.now());
  const run = RunId.parse(openRun(github.world, { event: 'issues', actor: 'alice', title: 'Orch' }).id);
  return {
    version: 1,
    task: TaskId.parse(String(number)),
    attempt: AttemptNumber.parse(1),
    run,
    role: 'code',
    engine: ENGINE_DEFAULTS.custom,
    plain: false,
    model: null,
    complexity: 'simple',
    profile: { skills: [], tools: [], constraints: [] },
    repository: {
      owner: 'octo',
      name: 'demo',
      url: `${github.server_url}/octo/demo`,
      default_branch: BranchName.parse('main'),
    },
    base,
    branch: BranchName.parse(`orch/${number}-say-hello`),
    continues: null,
    issue: {
      number: IssueNumber.parse(number),
      title: 'Say hello',
      url: `${github.server_url}/octo/demo/issues/${number}`,
      body: { by: 'alice', trust: 'trusted', at, text: 'Please say hello to everybody.' },
    },
    asked: null,
    thread: [],
    thread_cut: false,
    relations: [],
    past: [],
    timeout_minutes: 1,
    silence_minutes_max: 1,
    setup: [],
    verify: [],
    verify_rounds_max: 1,
    required_tools: [],
    registry_hosts: [],
    sandbox: 'on',
    gate: DEFAULT_POLICY.gate,
    pull_request: { draft: false, reviewers: [] },
    auto_close: true,
  };
}

type Place = Pick<Stage, 'github' | 'root' | 'base'>;

async function runAttemptStep(place: Place, ask: Ask): Promise<Ran> {
  const { github, root } = place;
  const { brief } = ask;
  const job = openJob(github.world, { run: brief.run, name: `attempt ${brief.task}` });
  const token = issueJobToken(github.world, { run: brief.run, job: job.id, permissions: { contents: 'read' } });
  const runtime = github.artifacts.runtimeEnvironment({
    results_url: github.results_url,
    run_id: brief.run,
    job: String(job.id),
  });
  const actions = { ...runtime, GITHUB_SERVER_URL: github.server_url, GITHUB_WORKSPACE: root };
  const frozen = await withEnv(actions, () => createBriefs(root).freeze(brief));
  const lease = append(github, brief, null, [claimOf(brief, frozen.sha256)]);
  const log: string[] = [];
  let child: ChildProcess | null = null;
  let killed = false;
  let tip = lease;
  const act: Act = {
    interrupt: () => {
      child?.kill('SIGINT');
      const patience = setTimeout(() => {
        killed = child?.kill('SIGKILL') ?? false;
      }, PATIENCE_MS);
      child?.once('exit', () => clearTimeout(patience));
    },
    settle: () => {
      tip = append(github, brief, tip, [settled(brief)]);
    },
    nudge: () => {
      tip = append(github, brief, tip, [whyAsked(brief)]);
    },
  };
  const step = await runStep({
    bundle: bundleInUse(process.env).file,
    temp_root: path.join(root, 'jobs'),
    event: {},
    inputs: {
      mode: 'attempt',
      token,
      task: brief.task,
      attempt: String(brief.attempt),
      lease,
      'brief-artifact': String(frozen.artifact_id),
      'brief-sha256': frozen.sha256,
      'engine-key': ask.key ?? '',
      ...ask.inputs,
    },
    env: { ...runnerEnv(github, brief), ...runtime, ...ask.env },
    isLost: () => false,
    onStart: (started) => {
      child = started;
    },
    onLine: (line) => {
      log.push(line);
      ask.onLine?.(line, act);
    },
  });
  const handed = await withEnv(actions, () => readHandIn(root, step.outputs));
  return { ...step, ...handed, log, killed };
}

/** What `@actions/artifact` finds its service by, in this process for once; it also tells the log all it does. */
async function withEnv<Value>(env: Readonly<Record<string, string>>, act: () => Promise<Value>): Promise<Value> {
  const before = Object.fromEntries(Object.keys(env).map((name) => [name, process.env[name]]));
  Object.assign(process.env, env);
  const quiet = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    return await act();
  } finally {
    quiet.mockRestore();
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

function runnerEnv(github: LocalGitHub, brief: Brief): Readonly<Record<string, string>> {
  return {
    // A folder of PATH is readable inside, as a toolchain is.
    PATH: [process.env['PATH'] ?? '', path.dirname(process.execPath), SCRIPT_FOLDER].join(path.delimiter),
    HOME: process.env['HOME'] ?? '',
    GITHUB_ACTIONS: 'true',
    GITHUB_REPOSITORY: 'octo/demo',
    GITHUB_RUN_ID: String(brief.run),
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_ACTOR: 'alice',
    GITHUB_EVENT_NAME: 'issues',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_WORKFLOW_REF: 'octo/demo/.github/workflows/orch.yml@refs/heads/main',
    GITHUB_SERVER_URL: github.server_url,
    GITHUB_API_URL: github.api_url,
    GITHUB_GRAPHQL_URL: github.graphql_url,
    ORCH_LEASE_POLL_SECONDS: '0.2',
  };
}

function append(
  github: LocalGitHub,
  brief: Brief,
  parent: CommitSha | null,
  records: readonly JournalRecord[],
): CommitSha {
  const parents = parent === null ? [] : ['-p', parent];
  const commit = github.repository.git(
    'commit-tree',
    EMPTY_TREE,
    ...parents,
    '-m',
    renderJournalMessage(records, 'a test'),
  );
  github.repository.setRef(taskRef(brief.task), commit);
  return CommitSha.parse(commit);
}

function claimOf(brief: Brief, brief_sha256: string): JournalRecord {
  return {
    kind: 'claimed',
    at: instantFromMs(Date.now()),
    attempt: brief.attempt,
    role: 'code',
    engine: brief.engine.id,
    model: brief.model,
    run: brief.run,
    run_attempt: 1,
    base: brief.base,
    branch: brief.branch,
    continues: brief.continues,
    brief_sha256: Digest.parse(brief_sha256),
    timeout_minutes: brief.timeout_minutes,
  };
}

function settled(brief: Brief): JournalRecord {
  return {
    kind: 'settled',
    at: instantFromMs(Date.now()),
    attempt: brief.attempt,
    outcome: 'cancelled',
    engine_started: true,
    seconds: 1,
    usage: UNKNOWN_USAGE,
    head: null,
    files: 0,
    detail: 'a person said so',
    summary: '',
    proof: [],
    not_before: null,
    by: 'reconcile',
  };
}

function whyAsked(brief: Brief): JournalRecord {
  const at = instantFromMs(Date.now());
  return {
    kind: 'commanded',
    at,
    by: Login.parse('alice'),
    from: { run: brief.run },
    verb: 'why',
    engine: null,
    model: null,
    refused: null,
  };
}

async function readHandIn(
  root: string,
  outputs: Ran['outputs'],
): Promise<Pick<Ran, 'result' | 'handed_in' | 'folder'>> {
  const artifact = outputs['hand-in-artifact'] ?? '';
  const folder = mkdtempSync(path.join(root, 'hand-in-'));
  if (artifact === '') return { result: null, handed_in: [], folder };
  const { digest_matches } = await downloadInto({
    artifact: ArtifactId.parse(Number(artifact)),
    sha256: Digest.parse(outputs['hand-in-sha256']),
    folder,
  });
  if (!digest_matches) throw new Error('the digest is not the one the step named');
  const parsed = parseHandIn(readFileSync(path.join(folder, 'result.json'), 'utf8'));
  if (parsed.kind === 'invalid') throw new Error(parsed.problem);
  return { result: parsed.hand_in, handed_in: readdirSync(folder).sort(), folder };
}
