// Owns what must hold at every step: each change to a journal, a pull request or a thread is held against the truth.
import { FINDINGS_MAX } from '../../domain/finding.ts';
import { holdAt, chargedAttempts, infraAttempts, liveAttempts, withRecords } from '../../domain/fold-journal.ts';
import type { TaskId } from '../../domain/ids.ts';
import { SELF_IMPROVEMENT } from '../../domain/origin-label.ts';
import type { JournalRecord, TaskJournal } from '../../domain/journal.ts';
import type { Policy } from '../../domain/policy.ts';
import { commentsOf } from '../model/comments.ts';
import type { Issue } from '../model/state.ts';
import type { World } from '../model/world.ts';
import { BOT } from '../model/world.ts';
import type { Findings } from './findings.ts';
import type { Lists } from './lists.ts';
import type { Job } from './stage.ts';

const STOPS = ['agent-skipped', 'no-agent'];
/**
 * Besides an answer to each word of a person: the state comment, and one more for each job that was paused between its
 * journal and its comment and went on hours later, which nothing can fence.
 */
const COMMENTS_SPARE = 6;

function phaseIn(labels: readonly string[]): number | null {
  const phases = labels.flatMap((label) => (label.startsWith('phase:') ? [Number(label.slice('phase:'.length))] : []));
  return phases.length === 0 ? null : Math.max(...phases);
}

export class Watch {
  /** Whose push is being looked at. */
  writer: Job | null = null;
  /** Jobs of attempts that are under way on their runner, as `task attempt`. */
  readonly running = new Map<string, { readonly task: TaskId; readonly attempt: number }>();
  readonly #world: World;
  readonly #policy: Policy;
  readonly #findings: Findings;
  readonly #lists: Lists;
  readonly #merged = new Set<number>();
  /** Issues that people were shown as tasks. */
  readonly #known = new Set<number>();

  constructor(world: World, { policy, findings, lists }: { policy: Policy; findings: Findings; lists: Lists }) {
    this.#world = world;
    this.#policy = policy;
    this.#findings = findings;
    this.#lists = lists;
  }

  commentsReadable(): number {
    return this.#lists.commentsUntil();
  }

  /** In truth, now: open, in the queue, no stop sign, nothing it waits for. */
  mayStart(task: TaskId): boolean {
    const issue = this.#world.issues.get(Number(task));
    if (issue === undefined || issue.state === 'closed') return false;
    const has = (label: string): boolean => issue.labels.some((name) => name.toLowerCase() === label);
    const waits = [...issue.blocked_by, ...issue.sub_issues, ...this.#earlierPhases(issue)].some(
      (number) => this.#world.issues.get(number)?.state === 'open',
    );
    return has(this.#policy.intake.label.toLowerCase()) && !STOPS.some(has) && !waits;
  }

  /** Sub-issues of the same parent that the queue knows, and whose phase comes first. */
  #earlierPhases({ number, labels }: Issue): readonly number[] {
    const phase = phaseIn(labels);
    const parent = this.#world.parents.get(number);
    if (phase === null || parent === undefined) return [];
    const siblings = this.#world.issues.get(parent)?.sub_issues ?? [];
    return siblings.filter((sibling) => {
      const theirs = phaseIn(this.#world.issues.get(sibling)?.labels ?? []);
      return theirs !== null && theirs < phase && this.#known.has(sibling);
    });
  }

  records(task: TaskId, before: TaskJournal, records: readonly JournalRecord[]): void {
    if (records.some(({ kind }) => kind === 'shown')) this.#known.add(Number(task));
    const after = withRecords(before, records);
    const { insist } = this.#tools(task);
    const live = liveAttempts(after);
    const [first, ...others] = live;
    const is_group = others.every(({ claim }) => claim.group !== undefined && claim.group === first?.claim.group);
    insist(is_group, 'I1 at most one live attempt', `${live.length}`);
    insist(live.length <= this.#policy.instances_max, 'I1 at most one live attempt per instance', `${live.length}`);
    const won = after.attempts
      .filter(({ settled }) => settled?.outcome === 'delivered')
      .map(({ claim }) => claim.group);
    const twice = won.some((group, index) => group !== undefined && won.indexOf(group) !== index);
    insist(!twice, 'I2 one instance delivers', won.join(' '));
    insist(after.attempts.length >= before.attempts.length, 'I3 attempts never decrease', `${after.attempts.length}`);
    const { attempts_max, infra_attempts_max } = this.#policy;
    insist(
      chargedAttempts(after) <= Math.max(attempts_max, after.attempts_before),
      'I3 attempts stay in the budget',
      `${chargedAttempts(after)}`,
    );
    insist(infraAttempts(after) <= infra_attempts_max + 1, 'I3 attempts stay in the budget', 'infra');
    let journal = before;
    for (const record of records) {
      this.#heard(task, before, record);
      this.#record(task, journal, record);
      journal = withRecords(journal, [record]);
    }
  }

  /** The commands of one comment are written down together. */
  #heard(task: TaskId, { handled_comments }: TaskJournal, record: JournalRecord): void {
    if (record.kind !== 'commanded' || !('comment' in record.from)) return;
    const is_told = handled_comments.has(record.from.comment);
    this.#tools(task).insist(!is_told, 'every command is answered once', JSON.stringify(record.from));
  }

  #record(task: TaskId, before: TaskJournal, record: JournalRecord): void {
    const { insist } = this.#tools(task);
    switch (record.kind) {
      case 'claimed':
        insist(holdAt(before, record.at) === null, 'I4 no start against a hold', `attempt ${record.attempt}`);
        insist(
          // What has no issue waits for nothing that people set on one.
          task.startsWith('i') || this.writer?.reads.startable.get(task) === true,
          'I4 no start against what was readable',
          `attempt ${record.attempt}`,
        );
        insist(before.blocked === null, 'I4 no start of what a word blocks', `attempt ${record.attempt}`);
        insist(!this.#isCompleted(task, before), 'I4 no start of what is completed', `attempt ${record.attempt}`);
        insist(
          this.writer?.reads.paused !== true,
          'I4 no start while the queue is paused',
          `attempt ${record.attempt}`,
        );
        insist(!this.#isSpent(before), 'I5 no start over the budget', `attempt ${record.attempt}`);
        insist(
          liveAttempts(before).every(({ claim }) => claim.group !== undefined && claim.group === record.group),
          'I1 at most one live attempt',
          `claim ${record.attempt}`,
        );
        insist(!this.#lastWordSkips(task, before), 'I4 the last word wins', `attempt ${record.attempt}`);
        return;
      case 'settled': {
        const known = before.attempts.find(({ number }) => number === record.attempt);
        insist(known?.settled === null, 'I4 what was taken away settles nothing', `attempt ${record.attempt}`);
        if (record.by === 'reconcile' && record.outcome !== 'cancelled') {
          const is_running = this.running.has(`${task} ${record.attempt}`);
          insist(!is_running, 'I1 a live attempt is not given up', `attempt ${record.attempt}`);
        }
        return;
      }
      case 'admitted':
        insist(this.#may(record.by, ['write', 'admin']), 'I8 only trusted people let a task in', record.by);
        return;
      case 'commanded': {
        const { verb, refused, by } = record;
        const is_open = verb === 'why' || verb === 'help' || refused !== null;
        insist(
          is_open || this.#may(by, ['triage', 'write', 'admin']),
          'I8 only trusted people are obeyed',
          `${by} ${verb}`,
        );
        return;
      }
      default:
    }
  }

  /** By a word, and nobody has opened it again since: neither by a word nor by hand. */
  #isCompleted(task: TaskId, { completed, epoch }: TaskJournal): boolean {
    if (completed === null || epoch.number > 1) return false;
    const events = this.#world.issues.get(Number(task))?.events ?? [];
    return !events.some(({ kind, at }) => kind === 'reopened' && Date.parse(at) > Date.parse(completed.at));
  }

  /** What the journal itself says this round has cost. */
  #isSpent({ attempts, epoch }: TaskJournal): boolean {
    const { usd, tokens } = this.#policy.budget.task;
    const used = attempts.flatMap(({ epoch: of, settled }) => (of === epoch.number && settled ? [settled.usage] : []));
    const paid = used.reduce((sum, { cost_usd }) => sum + (cost_usd ?? 0), 0);
    const told = used.reduce(
      (sum, { input_tokens, output_tokens }) => sum + (input_tokens ?? 0) + (output_tokens ?? 0),
      0,
    );
    return (usd !== null && paid >= usd) || (tokens !== null && told >= tokens);
  }

  #may(login: string, roles: readonly string[]): boolean {
    return roles.includes(this.#world.roleOf(login));
  }

  /** A branch that an attempt moved: from where its claim saw it or a sibling left it, and from nowhere else. */
  pushed(branch: string, from: string | null, seen: readonly (string | null)[]): void {
    this.#findings.insist(seen.includes(from), "I6 nobody else's push is overwritten", branch);
  }

  /** A skip that could be read and was not judged, and no retry after it. */
  #lastWordSkips(task: TaskId, { handled_comments }: TaskJournal): boolean {
    const until_ms = this.writer?.reads.comments_until_ms ?? null;
    if (until_ms === null) return false;
    const words = commentsOf(this.#world, Number(task)).filter(({ body, author, created_at }) => {
      const is_said = Date.parse(created_at) <= until_ms;
      const may = this.#world.roleOf(author.login);
      return is_said && author !== BOT && /^\/orch (?:skip|retry)$/.test(body) && (may === 'write' || may === 'admin');
    });
    const last = words.at(-1);
    const judged = new Set<number>(handled_comments.keys());
    return last !== undefined && last.body === '/orch skip' && !judged.has(last.id);
  }

  #tools(task: TaskId) {
    return {
      insist: (holds: boolean, invariant: string, detail: string): void =>
        this.#findings.insist(holds, invariant, `#${task}: ${detail}`),
    };
  }

  /** After every event of the world. */
  pulls(): void {
    const open = new Map<string, number>();
    for (const issue of this.#world.pulls.values()) this.#pull(issue, open);
  }

  #pull({ number, state, pull, author }: Issue, open: Map<string, number>): void {
    if (pull === null) return;
    const is_merged = pull.merged_at !== null;
    if (is_merged) this.#merged.add(number);
    this.#findings.insist(is_merged || !this.#merged.has(number), 'I10 merged is final', `#${number}`);
    if (state === 'closed' || author !== BOT) return;
    const task = /^orch\/(i?\d+)-/.exec(pull.head_ref)?.[1] ?? pull.head_ref;
    open.set(task, (open.get(task) ?? 0) + 1);
    this.#findings.insist(open.get(task) === 1, 'I2 at most one open pull request', `task ${task}`);
  }

  /** What Orch says about itself, in the two days of a history: few issues, each once, and none it works on. */
  selfMade(): void {
    const made = [...this.#world.issues.values()].filter(({ labels }) => labels.includes(SELF_IMPROVEMENT));
    const markers = made.map(({ body }) => body.split('\n').at(-1) ?? '');
    this.#findings.insist(made.length <= FINDINGS_MAX, 'issues about itself are few', `${made.length}`);
    this.#findings.insist(new Set(markers).size === made.length, 'none says it twice', markers.join(' '));
    const queued = made.filter(({ labels }) => labels.includes(this.#policy.intake.label));
    this.#findings.insist(
      queued.length === 0,
      'none puts itself into the queue',
      queued.map(({ number }) => number).join(' '),
    );
  }

  comments(number: number): void {
    const all = commentsOf(this.#world, number);
    const ours = all.filter(({ author }) => author === BOT).length;
    const said = all.filter(({ author }) => author !== BOT).reduce((sum, { body }) => sum + body.split('\n').length, 0);
    this.#findings.insist(ours <= said + COMMENTS_SPARE, 'comments are bounded', `#${number}: ${ours}`);
  }
}
