// Owns a tiny pure world for histories: issues, journals and branches as data, people and attempts as verbs, ticks as decide.
import { expect } from 'vitest';
import { checkPlan } from '../../src/core/check-plan.ts';
import { decide } from '../../src/core/decide.ts';
import { outrunBy } from '../../src/core/instances.ts';
import { needsEdits, needsRouting, needsRuns } from '../../src/core/needs.ts';
import { move, CAUSES } from '../../src/core/transitions.ts';
import { lastDue, nextDue } from '../../src/domain/cron.ts';
import { sha256 } from '../../src/domain/digest.ts';
import type { CreateIssue, Effect, HistoryLine, Patch } from '../../src/domain/effect.ts';
import { foldJournal, lastAttempt, liveAttempt, liveAttempts } from '../../src/domain/fold-journal.ts';
import { CommentId, Instant, IssueNumber, NodeId, PrNumber, RunId } from '../../src/domain/ids.ts';
import type { CommitSha, LabelName, Login, TaskId } from '../../src/domain/ids.ts';
import { isBefore, plusMinutes } from '../../src/domain/instant.ts';
import { withHomes, withoutLostHomes, wordKey } from '../../src/domain/import.ts';
import type { JournalRecord, Settled, TaskJournal } from '../../src/domain/journal.ts';
import type { InboxEntry, SpokenCommand } from '../../src/domain/command.ts';
import { OutcomeKind } from '../../src/domain/outcome.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { configFile } from '../../src/input/config-file.ts';
import { placesOf } from '../../src/input/policy-places.ts';
import type { Policy, PolicyTexts } from '../../src/domain/policy.ts';
import type { IssueFacts, LeaseStatus, PullFacts, Snapshot, TaskFacts } from '../../src/domain/snapshot.ts';
import { EMPTY_ROOM } from '../../src/domain/room.ts';
import { changeKey } from '../../src/domain/setting.ts';
import { scheduleText } from '../../src/domain/schedule.ts';
import type { RoleName, TaskState } from '../../src/domain/task.ts';
import { mayHavePull } from '../../src/domain/round.ts';
import { runsOf } from '../../src/reconcile/look.ts';
import { planShowing } from '../../src/reconcile/show.ts';
import { inOneComment } from '../../src/domain/spoken.ts';
import { parseCommands } from '../../src/wire/command-text.ts';
import { parseStateComment } from '../../src/wire/state-comment.ts';
import * as build from '../core/facts.ts';
import { importIssues, withFiles } from './files.ts';

const NO_ROUTER = { kind: 'unanswered', why: 'no_key', detail: '' } as const;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

interface Comment {
  readonly id: NodeId;
  body: string;
}

/** What anybody but Orch may do to it is a verb here; what Orch does goes through plans. */
export function createStory(given: Partial<Policy> = {}) {
  return new Story(build.policy(given));
}

export class Story {
  policy: Policy;
  now: Instant = build.NOW;
  readonly issues = new Map<number, Mutable<IssueFacts>>();
  readonly closed = new Map<number, Instant>();
  readonly journals = new Map<TaskId, JournalRecord[]>();
  readonly comments = new Map<TaskId, Comment>();
  readonly branches = new Map<TaskId, NonNullable<TaskFacts['branch']>>();
  readonly pulls = new Map<TaskId, Mutable<PullFacts>>();
  /** Pull requests of people, which belong to no task. */
  readonly others_pulls = new Set<number>();
  readonly leases = new Map<TaskId, LeaseStatus>();
  readonly history: HistoryLine[] = [];
  room: Snapshot['room'] = { state: EMPTY_ROOM, tip: null };
  readonly said: SpokenCommand[] = [];
  readonly inbox = new Map<RunId, InboxEntry & { readonly tip: CommitSha }>();
  readonly answers: string[] = [];
  /** Sub-issues that a lagging list does not show yet. */
  readonly unseen = new Set<number>();
  /** What other workflows were told. */
  readonly hooks: string[] = [];
  readonly reactions: string[] = [];
  /** Files of runs that hold the queue. */
  readonly exports: string[] = [];
  readonly roles = new Map<Login, RoleName>(build.roles({ max: 'maintain', ada: 'write', tom: 'triage', eve: 'read' }));
  /** Pull requests that change the configuration, by their branch. */
  readonly proposals = new Map<string, { readonly number: PrNumber; readonly patch: Patch }>();
  texts: PolicyTexts = { repository: null, organisation: null };
  /** Of the default branch. */
  readonly files = new Map<string, string>();
  readonly repository_labels = new Set<string>();
  ready: readonly string[] = ['claude', 'codex'];
  ticks = 0;
  /** Highest attempt number ever claimed, while anything of ours still remembered it. */
  readonly #highest = new Map<TaskId, number>();
  #numbers = 100;

  constructor(policy: Policy) {
    this.policy = policy;
  }

  /* People */

  open(number: number, given: Parameters<typeof build.issue>[1] & { readonly by?: string } = {}): void {
    const { by = 'ada', ...rest } = given;
    const labels = (rest.labelled ?? ['agent-todo']).map(build.label);
    const label_events = labels.map((label) => ({
      label,
      by: build.who(by),
      by_bot: by.endsWith('[bot]'),
      at: this.now,
    }));
    this.issues.set(number, build.issue(number, { label_events, created_at: this.now, ...rest }));
  }

  issue(number: number): Mutable<IssueFacts> {
    const issue = this.issues.get(number);
    if (issue === undefined) throw new Error(`no issue ${number}`);
    return issue;
  }

  labels(number: number, add: readonly string[], remove: readonly string[] = [], by = 'ada'): void {
    const issue = this.issue(number);
    const left = issue.labels.filter((label) => !remove.includes(label));
    const names = add.map(build.label).filter((label) => !left.includes(label)); // GitHub says nothing of a label that is there
    issue.labels = [...left, ...names];
    const kept = issue.label_events.filter(({ label }) => left.includes(label));
    issue.label_events = [
      ...kept,
      ...names.map((label) => ({ label, by: build.who(by), by_bot: false, at: this.now })),
    ];
  }

  says(by: string, on: number, body: string): void {
    const said = inOneComment(parseCommands(body, this.policy.mention));
    const id = this.#next();
    if (said === null) return;
    this.said.push({
      comment: CommentId.parse(id),
      comment_node: NodeId.parse(`IC_${id}`),
      issue: IssueNumber.parse(on),
      by: build.who(by),
      by_bot: by.endsWith('[bot]'),
      answered: false,
      at: this.now,
      ...said,
    });
  }

  /** Somebody who may write has the last comment of another person say something else; what it said before may have been chatter. */
  edits(author: string, on: number, body: string): void {
    const last = this.said.findLastIndex(({ by, issue }) => by === build.who(author) && Number(issue) === on);
    if (last < 0) this.says(author, on, body);
    const index = last < 0 ? this.said.length - 1 : last;
    const said = inOneComment(parseCommands(body, this.policy.mention));
    const before = this.said[index];
    if (before === undefined || said === null) throw new Error(`${author} said nothing on ${on}`);
    const { more: _, unheeded: __, ...comment } = before;
    this.said[index] = { ...comment, ...said, edited: true };
  }

  /** As after a tick that died between its journals and what people see. */
  losesReceipts(): void {
    this.said.forEach((command, index) => (this.said[index] = { ...command, answered: false }));
  }

  closes(number: number, not_planned = false): void {
    Object.assign(this.issue(number), { open: false, not_planned });
    this.closed.set(number, this.now);
  }

  reopens(number: number, by = 'ada'): void {
    Object.assign(this.issue(number), {
      open: true,
      not_planned: false,
      reopened: { by: build.who(by), at: this.now },
    });
  }

  deletes(number: number): void {
    this.issues.delete(number);
  }

  depends(number: number, on: readonly number[]): void {
    this.issue(number).dependencies = on.map((issue) => ({
      issue: IssueNumber.parse(issue),
      title: '',
      open: true,
      source: 'native',
    }));
  }

  adopts(parent: number, children: readonly number[]): void {
    for (const child of children) this.issue(child).parent = IssueNumber.parse(parent);
  }

  merges(id: number | string): void {
    this.#endPull(id, 'merged');
  }

  closesPull(id: number | string): void {
    this.#endPull(id, 'closed');
  }

  /** Somebody deletes the ref; with the comment gone too, nothing of ours remembers the task. */
  losesJournal(number: number): void {
    const task = build.taskId(number);
    this.journals.delete(task);
    if (!this.comments.has(task)) this.#highest.delete(task);
  }

  /** The other way round: whichever goes last takes the memory with it. */
  losesComment(number: number): void {
    const task = build.taskId(number);
    this.comments.delete(task);
    if (!this.journals.has(task)) this.#highest.delete(task);
  }

  /** As after a tick whose push of this journal somebody else forestalled: nothing of it is seen either. */
  losesAppend(number: number, before: readonly JournalRecord[]): void {
    const task = build.taskId(number);
    this.journals.set(task, [...before]);
    this.leases.delete(task);
    this.#highest.delete(task);
  }

  dispatches(run: number, by: string, ask: InboxEntry['ask']): void {
    const id = RunId.parse(run);
    this.inbox.set(id, { run: id, by: build.who(by), at: this.now, ask, tip: build.sha(`inbox${run}`) });
  }

  /* Attempts */

  /** Deliver settles the live attempt; delivered work has its branch and pull request. */
  ends(
    id: number | string,
    outcome: OutcomeKind,
    given: Partial<Settled> & { readonly pull?: 'opened' | 'forgotten' } = {},
  ): void {
    const task = build.taskId(id);
    const { pull = 'opened', ...rest } = given;
    const live = this.#live(task, rest.attempt);
    const head = outcome === 'delivered' || rest.head != null ? build.sha(`${task}work${live.number}`) : null;
    const settled = build.settled(live.number, outcome, { at: this.now, ...rest, head });
    this.#append(task, [settled, ...outrunBy(settled, { journal: this.journal(id), claim: live.claim })]);
    if (head !== null) this.branches.set(task, { name: live.claim.branch, head });
    if (outcome === 'delivered' && pull === 'opened') this.opensPull(id, head ?? build.BASE);
    if (liveAttempt(this.journal(id)) === null) this.leases.set(task, { kind: 'unread' });
  }

  opensPull(id: number | string, head: CommitSha): void {
    const task = build.taskId(id);
    const open = this.pulls.get(task);
    if (open?.state === 'open') open.head = head;
    else this.pulls.set(task, build.pull(this.#next(), { head }));
  }

  dies(id: number | string, cause: (LeaseStatus & { kind: 'dead' })['cause']): void {
    this.leases.set(build.taskId(id), { kind: 'dead', cause });
  }

  passes(minutes: number): void {
    this.now = plusMinutes(this.now, minutes);
  }

  /* Orch */

  /** One tick; afterwards everything is settled: a second look at the same world writes nothing. */
  tick(given: Partial<Snapshot> = {}): Plan {
    const states = new Map([...this.journals.keys()].map((id) => [id, this.journal(id).shown?.state]));
    const plan = this.plan(given);
    for (const effect of plan.effects) this.#apply(effect);
    this.ticks += 1;
    for (const [id, before] of states) this.#expectMove(before, this.journal(id).shown?.state);
    const opens = plan.effects.some(({ kind }) => kind === 'open_pull_request'); // its number is news to the next tick
    if (!plan.more && !opens)
      expect(
        this.plan(given).effects.map(({ kind }) => kind),
        'a second run is silent [I11]',
      ).toEqual([]);
    return plan;
  }

  /** A tick that is killed right after its first effect of this kind, or does everything if it has none. */
  diesAfter(kind: Effect['kind']): void {
    const { effects } = this.plan();
    const last = effects.findIndex((effect) => effect.kind === kind);
    for (const effect of effects.slice(0, last < 0 ? effects.length : last + 1)) this.#apply(effect);
    this.ticks += 1;
  }

  look(given: Partial<Snapshot> = {}) {
    const seen = withFiles(this, this.#snapshot(given));
    const routed = needsRouting(seen, this.policy).map((facts) => [facts.id, { ...facts, answer: NO_ROUTER }] as const);
    const snapshot = { ...seen, tasks: new Map([...seen.tasks, ...routed]) };
    return { snapshot, decision: decide(snapshot, this.policy) };
  }

  plan(given: Partial<Snapshot> = {}): Plan {
    const { snapshot, decision } = this.look(given);
    const plan = planShowing({
      decision,
      snapshot,
      policy: this.policy,
      origin: { kind: 'newest' },
      places: () => placesOf(this.texts, { label: null }),
    });
    expect(checkPlan({ plan, snapshot, policy: this.policy })).toEqual([]);
    return plan;
  }

  journal(id: number | string): TaskJournal {
    return foldJournal(this.journals.get(build.taskId(id)) ?? []);
  }

  /** Tasks that somebody asked for without an issue. */
  prompts(): readonly TaskId[] {
    return [...this.journals.keys()].filter((id) => this.journal(id).asked !== null);
  }

  state(id: number | string): TaskState | undefined {
    return this.journal(id).shown?.state;
  }

  status(number: number): readonly string[] {
    return this.issue(number).labels.filter((label) => label.startsWith('status:'));
  }

  comment(id: number | string): string {
    return this.comments.get(build.taskId(id))?.body ?? '';
  }

  attempts(id: number | string): readonly string[] {
    return this.journal(id).attempts.map(
      ({ number, claim, settled }) => `${number} ${claim.engine} ${settled?.outcome ?? 'live'}`,
    );
  }

  #snapshot(given: Partial<Snapshot>): Snapshot {
    const numbers = [...this.issues.keys(), ...this.others_pulls];
    const ids = new Set([...numbers.map((number) => build.taskId(number)), ...this.journals.keys()]);
    return build.snapshot(
      [...ids].map((id) => this.#facts(id)),
      {
        at: this.now,
        run: { run: RunId.parse(1000 + this.ticks), run_attempt: 1, url: 'https://github.com/o/r/actions/runs/1' },
        commands: this.said,
        pulls: this.#pulls(),
        inbox: withoutLostHomes(
          withHomes([...this.inbox.values()], new Map([...ids].map((id) => [id, this.journal(id)]))),
          (issue) => !this.issues.has(issue),
        ),
        room: this.room,
        calendar: new Map(
          this.policy.jobs.map((job) => [job.name, { last: lastDue(job, this.now), next: nextDue(job, this.now) }]),
        ),
        asked_runs: new Map(
          needsRuns({ commands: this.said, inbox: [...this.inbox.values()] }).map((schedule) => [
            scheduleText(schedule),
            runsOf(schedule, this.now, nextDue),
          ]),
        ),
        config_edits: new Map(
          needsEdits({ commands: this.said, inbox: [...this.inbox.values()], tasks: this.#tasks(ids) }).map(
            (change) => [changeKey(change), configFile({ label: null }).edit(this.texts, change)],
          ),
        ),
        roles: this.roles,
        engines_ready: new Set(this.ready),
        history: {
          tip: null,
          recent_routes: this.history.flatMap((line) =>
            line.kind === 'route' ? [{ engine: line.engine, source: line.source }] : [],
          ),
          recent_endings: this.history.flatMap((line) =>
            line.kind === 'settled'
              ? [{ ...line, outcome: OutcomeKind.parse(line.outcome), at: Instant.parse(line.at) }]
              : [],
          ),
          last_sweep_at: build.NOW,
          watermark: null,
          owed_since: null,
        },
        ...given,
      },
    );
  }

  #tasks(ids: ReadonlySet<TaskId>): Snapshot['tasks'] {
    return new Map([...ids].map((id) => [id, this.#facts(id)]));
  }

  #childrenOf(parent: IssueNumber): IssueFacts['children'] {
    const children = [...this.issues.values()].filter((issue) => issue.parent === parent);
    return children.map(({ number, title, open }) => ({ issue: number, title, open }));
  }

  #facts(id: TaskId): TaskFacts {
    const records = this.journals.get(id) ?? [];
    const issue = this.issues.get(Number(id)) ?? null;
    const dependencies =
      issue?.dependencies.map((one) => ({ ...one, open: this.issues.get(one.issue)?.open ?? false })) ?? [];
    const comment = this.comments.get(id);
    const journal = foldJournal(records);
    const memory = comment === undefined ? null : parseStateComment(comment.body);
    const digest = comment === undefined ? null : sha256(comment.body);
    return build.task(id, {
      issue: issue === null ? null : { ...issue, dependencies, children: this.#childrenOf(issue.number) },
      issue_read: this.#readOf(id),
      records,
      journal_tip: records.length === 0 ? null : this.#tip(id),
      branch: this.branches.get(id) ?? null,
      pull: this.#seesPull(id, memory) ? (this.pulls.get(id) ?? null) : null,
      comment:
        comment === undefined || digest === null
          ? null
          : {
              id: comment.id,
              digest,
              believed: digest === journal.shown?.digest,
              remembers: memory === null ? null : { attempts: memory.attempts, pr: memory.pr },
            },
      lease: this.leases.get(id) ?? { kind: 'alive' },
    });
  }

  /** `For #12` links nothing, and a task without an issue has none to link: it is asked for while the task is unfinished. */
  #seesPull(id: TaskId, memory: { readonly pr: PrNumber | null } | null): boolean {
    const is_linked = this.policy.auto_close && !id.startsWith('i');
    const is_known = this.journals.has(id) ? mayHavePull(this.journal(id)) : memory !== null && memory.pr !== null;
    return is_linked || is_known;
  }

  #readOf(id: TaskId): TaskFacts['issue_read'] {
    if (id.startsWith('i')) return 'internal';
    if (this.others_pulls.has(Number(id))) return 'pull';
    return this.issues.has(Number(id)) ? 'read' : 'missing';
  }

  #pulls(): NonNullable<Snapshot['pulls']> {
    const ours = [...this.pulls].map(([task, { number, id }]) => ({ number: Number(number), id, task }));
    const others = [...this.others_pulls].map((number) => ({ number, id: NodeId.parse(`PR_${number}`), task: null }));
    return new Map([...ours, ...others].map(({ number, ...pull }) => [IssueNumber.parse(number), pull]));
  }

  #tip(id: TaskId): CommitSha {
    return build.sha(`${id}#${this.journals.get(id)?.length ?? 0}`);
  }

  #apply(effect: Effect): void {
    switch (effect.kind) {
      case 'append_journal':
        expect(effect.expected).toBe(this.journals.has(effect.task) ? this.#tip(effect.task) : null);
        return this.#append(effect.task, effect.records);
      case 'append_room':
        expect(effect.expected).toBe(this.room.tip);
        this.room = { state: effect.room, tip: build.sha(`room#${this.ticks}`) };
        return;
      case 'append_history':
        this.history.push(effect.line);
        return;
      case 'clear_inbox':
        this.inbox.delete(effect.run);
        return;
      case 'start_attempt':
        expect(effect.brief.attempt, 'attempts never decrease').toBeGreaterThan(this.#highest.get(effect.task) ?? 0);
        this.#highest.set(effect.task, effect.brief.attempt);
        this.leases.set(effect.task, { kind: 'alive' });
        return;
      case 'write_state_comment':
        this.comments.set(effect.task, {
          id: effect.comment ?? NodeId.parse(`IC_state_${effect.task}_${this.#next()}`),
          body: effect.body,
        });
        return;
      case 'set_labels':
        return this.#relabel(effect.issue, effect.add, effect.remove);
      case 'react':
        this.reactions.push(`${effect.task} ${effect.reaction}`);
        this.said.forEach((command, index) => {
          if (command.comment_node === effect.comment) this.said[index] = { ...command, answered: true };
        });
        return;
      case 'post_comment':
        this.answers.push(effect.body);
        return;
      case 'close_issue':
        this.closes(effect.issue);
        return;
      case 'open_pull_request':
        this.opensPull(effect.task, this.branches.get(effect.task)?.head ?? build.BASE);
        return;
      case 'delete_branch':
        this.branches.delete(effect.task);
        return;
      case 'create_issue': {
        const made = [...this.issues.values()].find(({ body }) => body.includes(effect.marker));
        const number = made?.number ?? IssueNumber.parse(this.#next());
        if (made === undefined) this.#makes(number, effect);
        return this.#append(effect.task, [{ kind: 'published', at: this.now, issue: number }]);
      }
      case 'file_finding': {
        const said = [...this.issues.values()].find(({ number, open, body }) => {
          const closed_at = this.closed.get(number);
          const is_quiet = open || (closed_at !== undefined && !isBefore(closed_at, effect.quiet_since));
          return is_quiet && body.includes(effect.marker);
        });
        const issue = said?.number ?? IssueNumber.parse(this.#next());
        if (said === undefined) this.#makes(issue, effect);
        return this.#append(effect.task, [{ kind: 'filed', at: this.now, key: effect.key, issue }]);
      }
      case 'create_epic': {
        const there = this.#made(effect.marker);
        const made = there ?? IssueNumber.parse(this.#next());
        if (there === null) this.#makes(made, effect);
        const task = build.taskId(made);
        return this.journals.has(task) ? undefined : this.#append(task, [effect.wish]);
      }
      case 'keep_export':
        this.exports.push(effect.text);
        return;
      case 'import_tasks':
        return this.#append(effect.task, [
          {
            kind: 'importing',
            at: this.now,
            from: effect.from,
            until: null,
            made: importIssues(this, effect, () => IssueNumber.parse(this.#next())).map((made) => ({
              ...made,
              word: wordKey(effect.from),
            })),
          },
        ]);
      case 'tell_import':
        if (!this.answers.some((body) => body.includes(effect.marker))) this.answers.push(effect.body);
        return this.#append(effect.task, [{ kind: 'imported', at: this.now, from: effect.from, made: effect.made }]);
      case 'propose_change': {
        const pr = this.#proposed(effect.proposal);
        return this.#append(effect.task, [{ kind: 'proposed', at: this.now, from: effect.from, pr, detail: '' }]);
      }
      case 'propose_asked':
        this.#proposed(effect.proposal);
        this.inbox.delete(effect.entry.run);
        return;
      case 'send_hook':
        this.hooks.push(`${effect.event_type} ${JSON.stringify(effect.payload)}`);
        return;
      case 'ensure_labels':
      case 'mirror_project':
        return;
    }
  }

  #makes(number: IssueNumber, { labels, title, body }: Pick<CreateIssue, 'labels' | 'title' | 'body'>): void {
    this.open(number, { labelled: labels, by: 'github-actions[bot]', title, body });
  }

  #made(marker: string): IssueNumber | null {
    return [...this.issues.values()].find(({ body }) => body.includes(marker))?.number ?? null;
  }

  #proposed(patch: Patch): PrNumber {
    const number = this.proposals.get(patch.branch)?.number ?? PrNumber.parse(this.#next());
    this.proposals.set(patch.branch, { number, patch });
    return number;
  }

  #relabel(number: IssueNumber, add: readonly LabelName[], remove: readonly LabelName[]): void {
    const issue = this.issue(number);
    issue.labels = [...issue.labels.filter((label) => !remove.includes(label)), ...add];
  }

  #append(id: TaskId, records: readonly JournalRecord[]): void {
    this.journals.set(id, [...(this.journals.get(id) ?? []), ...records]);
  }

  #live(id: TaskId, number?: number) {
    const live = liveAttempts(this.journal(id)).findLast((each) => number === undefined || each.number === number);
    if (live === undefined)
      throw new Error(`task ${id} has no live attempt; last: ${lastAttempt(this.journal(id))?.settled?.outcome}`);
    return live;
  }

  #endPull(id: number | string, state: 'merged' | 'closed'): void {
    const pull = this.pulls.get(build.taskId(id));
    if (pull === undefined) throw new Error(`task ${id} has no pull request`);
    Object.assign(pull, { state, closed_at: this.now });
  }

  /** What people saw before and what they see now is joined by moves of the table, however many happened in between. */
  #expectMove(before: TaskState | undefined, after: TaskState | undefined): void {
    if (before === undefined || after === undefined || before === after) return;
    expect(reachable(before), `${before} → ${after}`).toContain(after);
  }

  #next(): number {
    this.#numbers += 1;
    return this.#numbers;
  }
}

const STEPS_MAX = 3;

function reachable(from: TaskState): ReadonlySet<TaskState> {
  const seen = new Set<TaskState>([from]);
  for (let step = 0; step < STEPS_MAX; step += 1) {
    for (const state of Array.from(seen)) {
      for (const cause of CAUSES) {
        const result = move(state, cause);
        if (result.kind === 'to') seen.add(result.state);
      }
    }
  }
  return seen;
}
