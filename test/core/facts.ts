// Owns the builders tests speak with: an issue, its task, a snapshot around them, each with telling defaults.
import { decide } from '../../src/core/decide.ts';
import { DEFAULT_POLICY } from '../../src/domain/default-policy.ts';
import { foldJournal, liveAttempts } from '../../src/domain/fold-journal.ts';
import {
  AttemptNumber,
  BranchName,
  CommentId,
  CommitSha,
  Digest,
  Instant,
  IssueNumber,
  LabelName,
  Login,
  NodeId,
  PrNumber,
  RunId,
  TaskId,
} from '../../src/domain/ids.ts';
import { plusMinutes } from '../../src/domain/instant.ts';
import type { Claimed, JournalRecord, TaskJournal, Settled } from '../../src/domain/journal.ts';
import { UNKNOWN_USAGE } from '../../src/domain/outcome.ts';
import type { OutcomeKind } from '../../src/domain/outcome.ts';
import type { Plan } from '../../src/domain/plan.ts';
import type { Policy } from '../../src/domain/policy.ts';
import type { InboxEntry, ParsedCommand, SpokenCommand } from '../../src/domain/command.ts';
import type { Route } from '../../src/domain/route.ts';
import { EMPTY_ROOM } from '../../src/domain/room.ts';
import type { IssueFacts, LeaseStatus, PullFacts, Snapshot, TaskFacts } from '../../src/domain/snapshot.ts';
import type { EngineId, RoleName } from '../../src/domain/task.ts';
import { planShowing } from '../../src/reconcile/show.ts';

export const NOW = Instant.parse('2026-11-20T12:00:00Z');
export const BASE = sha('base');

export function sha(word: string): CommitSha {
  const hex = [...word].map((char) => char.charCodeAt(0).toString(16)).join('');
  return CommitSha.parse(hex.padEnd(40, '0').slice(0, 40));
}

export function minutes(count: number): Instant {
  return plusMinutes(NOW, count);
}

export const who = (name: string): Login => Login.parse(name);
export const label = (name: string): LabelName => LabelName.parse(name);
export const taskId = (id: number | string): TaskId => TaskId.parse(String(id));

export function issue(
  number: number,
  given: Partial<IssueFacts> & { readonly labelled?: readonly string[] } = {},
): IssueFacts {
  const { labelled = ['agent-todo'], ...rest } = given;
  const labels = labelled.map(label);
  return {
    id: NodeId.parse(`I_${number}`),
    number: IssueNumber.parse(number),
    title: `Issue ${number}`,
    body: 'Please.',
    author: who('ada'),
    open: true,
    not_planned: false,
    labels,
    label_events: labels.map((name) => ({ label: name, by: who('ada'), by_bot: false, at: minutes(-60) })),
    dependencies: [],
    children: [],
    parent: null,
    milestone: null,
    reopened: null,
    created_at: minutes(-120),
    updated_at: minutes(-60),
    ...rest,
  };
}

export function task(
  id: number | string,
  given: Partial<Omit<TaskFacts, 'journal'>> & {
    readonly records?: readonly JournalRecord[];
    readonly lease?: LeaseStatus;
  } = {},
): TaskFacts {
  const { records = [], lease, ...rest } = given;
  const journal = foldJournal(records);
  const internal = String(id).startsWith('i');
  return {
    id: taskId(id),
    issue: internal ? null : issue(Number(id)),
    issue_read: internal ? 'internal' : 'read',
    journal,
    journal_tip: records.length === 0 ? null : sha(`tip${id}`),
    branch: null,
    pull: null,
    comment: null,
    leases: leasesOf(journal, lease),
    details: { thread: [], thread_cut: false },
    answer: { kind: 'unanswered', why: 'no_key', detail: '' },
    ...rest,
  };
}

/** Every live attempt's. */
function leasesOf(journal: TaskJournal, lease: LeaseStatus | undefined): TaskFacts['leases'] {
  return new Map(lease === undefined ? [] : liveAttempts(journal).map(({ number }) => [number, lease]));
}

export function policy(given: Partial<Policy> = {}): Policy {
  return { ...DEFAULT_POLICY, ...given };
}

export function snapshot(tasks: readonly TaskFacts[], given: Partial<Snapshot> = {}): Snapshot {
  return {
    at: NOW,
    wake: { cause: 'schedule', issue: null, actor: null, sweep: false },
    run: { run: RunId.parse(900), run_attempt: 1, url: 'https://github.com/o/r/actions/runs/900' },
    repository: {
      owner: 'o',
      name: 'r',
      url: 'https://github.com/o/r',
      default_branch: BranchName.parse('main'),
      base: BASE,
      labels: new Set(),
    },
    scope: 'changed',
    room: { state: EMPTY_ROOM, tip: null },
    calendar: new Map(),
    tasks: new Map(tasks.map((facts) => [facts.id, facts])),
    commands: [],
    inbox: [],
    roles: roles({ ada: 'write', tom: 'triage', eve: 'read' }),
    engines_ready: new Set(['claude', 'codex']),
    history: {
      tip: null,
      recent_routes: [],
      recent_endings: [],
      last_sweep_at: minutes(-30),
      watermark: null,
      owed_since: null,
    },
    unread: [],
    runs_read: new Set(),
    ...given,
  };
}

export function roles(held: Readonly<Record<string, RoleName>>): ReadonlyMap<Login, RoleName> {
  return new Map(Object.entries(held).map(([name, role]) => [who(name), role]));
}

/* Records */

export function admitted(by = 'ada', at: Instant = minutes(-60)): JournalRecord {
  return { kind: 'admitted', at, by: who(by), issue_id: null };
}

export function route(given: Partial<Route> = {}): Route {
  return {
    engine: 'claude',
    model: null,
    complexity: 'medium',
    role: 'code',
    source: 'round_robin',
    profile: { skills: [], tools: [], constraints: [] },
    confidence: null,
    likely_files: [],
    reason: '',
    ...given,
  };
}

export function routed(given: Partial<Route> = {}): JournalRecord {
  return { kind: 'routed', at: minutes(-55), route: route(given) };
}

export function claimed(attempt: number, given: Partial<Claimed> = {}): Claimed {
  return {
    kind: 'claimed',
    at: minutes(-50),
    attempt: AttemptNumber.parse(attempt),
    role: 'code',
    engine: 'claude',
    model: null,
    run: RunId.parse(800 + attempt),
    run_attempt: 1,
    base: BASE,
    branch: BranchName.parse('orch/12-issue-12'),
    continues: null,
    brief_sha256: Digest.parse('0'.repeat(64)),
    timeout_minutes: 40,
    ...given,
  };
}

export function settled(attempt: number, outcome: OutcomeKind, given: Partial<Settled> = {}): Settled {
  return {
    kind: 'settled',
    at: minutes(-1),
    attempt: AttemptNumber.parse(attempt),
    outcome,
    engine_started: outcome !== 'infra',
    seconds: 60,
    usage: UNKNOWN_USAGE,
    head: outcome === 'delivered' ? sha(`head${attempt}`) : null,
    files: 0,
    detail: `it ended ${outcome}`,
    summary: '',
    proof: [],
    not_before: null,
    by: 'deliver',
    ...given,
  };
}

/** Let in, routed, and these endings so far, one attempt each. */
export function history(
  endings: readonly (readonly [OutcomeKind, Partial<Settled>?, EngineId?])[],
): readonly JournalRecord[] {
  const attempts = endings.flatMap(([outcome, given, engine], index) => [
    claimed(index + 1, { engine: engine ?? 'claude' }),
    settled(index + 1, outcome, given),
  ]);
  return [admitted(), routed(), ...attempts];
}

export function retried(by = 'ada', at: Instant = minutes(-10)): JournalRecord {
  return {
    kind: 'commanded',
    at,
    by: who(by),
    from: { comment: CommentId.parse(70) },
    verb: 'retry',
    engine: null,
    model: null,
    refused: null,
  };
}

/* People and GitHub */

export function pull(number: number, given: Partial<PullFacts> = {}): PullFacts {
  return {
    number: PrNumber.parse(number),
    id: NodeId.parse(`PR_${number}`),
    state: 'open',
    draft: false,
    head: sha('head1'),
    base_branch: BranchName.parse('main'),
    files: 2,
    review: null,
    merged_by: null,
    closed_at: given.state === 'merged' || given.state === 'closed' ? minutes(-5) : null,
    ...given,
  };
}

export function branch(head = 'head1', name = 'orch/12-issue-12'): NonNullable<TaskFacts['branch']> {
  return { name: BranchName.parse(name), head: sha(head) };
}

export function says(
  by: string,
  parsed: ParsedCommand,
  given: Partial<SpokenCommand> & { readonly id?: number; readonly on?: number } = {},
): SpokenCommand {
  const { id = 1, on = 12, ...rest } = given;
  return {
    comment: CommentId.parse(id),
    comment_node: NodeId.parse(`IC_${id}`),
    issue: IssueNumber.parse(on),
    by: who(by),
    by_bot: false,
    answered: false,
    at: minutes(-2),
    parsed,
    ...rest,
  };
}

type Prompt = Extract<InboxEntry['ask'], { readonly kind: 'prompt' }>;

/** A task without an issue, as a dispatch asks for one. */
export function prompt(given: Partial<Prompt> = {}): Prompt {
  return { kind: 'prompt', title: 'Tidy', prompt: 'Tidy up.', engine: null, model: null, role: 'code', ...given };
}

export const RETRY: ParsedCommand = { kind: 'command', command: { verb: 'retry', engine: null, model: null } };
export const SKIP: ParsedCommand = { kind: 'command', command: { verb: 'skip', until: null } };
export const CANCEL: ParsedCommand = { kind: 'command', command: { verb: 'cancel' } };
export const WHY: ParsedCommand = { kind: 'command', command: { verb: 'why' } };
export const HELP: ParsedCommand = { kind: 'command', command: { verb: 'help' } };

/** What a tick that sees this would do. */
export function planOf(world: Snapshot, rules: Policy): Plan {
  return planShowing({ decision: decide(world, rules), snapshot: world, policy: rules, origin: { kind: 'newest' } });
}
