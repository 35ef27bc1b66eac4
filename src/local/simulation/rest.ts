// Owns what must be true once everything has come to rest: no task lost, no word unanswered, nothing orphaned.
import { CommentId, TaskId } from '../../domain/ids.ts';
import { liveAttempt } from '../../domain/fold-journal.ts';
import type { TaskJournal } from '../../domain/journal.ts';
import { commentsOf } from '../model/comments.ts';
import type { Comment, Issue } from '../model/state.ts';
import { BOT } from '../model/world.ts';
import { OWNER } from './people.ts';
import { checkImported } from './files.ts';
import type { Stage } from './stage.ts';

/** What people were last shown of a task. */
export function stateOf({ store, world }: Stage, number: number): string {
  if (!world.issues.has(number)) return 'deleted';
  return store.journal(TaskId.parse(String(number)))?.journal.shown?.state ?? 'unknown';
}

/** A machine that has not stopped by itself must have left one of these. */
const RESTING = new Set(['done', 'in_review', 'blocked', 'needs_review', 'skipped', 'archived', 'deleted']);

export function checkRest(stage: Stage): void {
  for (const issue of stage.world.issues.values()) if (issue.pull === null) checkTask(stage, issue);
  checkInternal(stage);
  checkImported(stage);
}

/** States of tasks without an issue. */
export function internalStates({ store }: Stage): readonly string[] {
  return internalTasks(store).map(([, { journal }]) => journal.shown?.state ?? 'unknown');
}

function internalTasks(store: Stage['store']) {
  return [...store.read().chains].filter(([task]) => task.startsWith('i'));
}

/** Each task without an issue came to its end, and each time of a job that fell due made one at most. */
function checkInternal({ findings, store }: Stage): void {
  const seen = new Set<string>();
  for (const [task, { journal }] of internalTasks(store)) {
    const state = journal.shown?.state ?? 'unknown';
    findings.insist(RESTING.has(state), 'L1 no task is lost', `${task} is ${state}`);
    findings.insist(liveAttempt(journal) === null, 'L2 no lease is left', task);
    const job = journal.asked?.job;
    if (job === undefined) continue;
    const run = `${job.name} ${job.slot}`;
    findings.insist(!seen.has(run), 'a job runs once for each time', `${task}: ${run}`);
    seen.add(run);
  }
}

/** What people wanted of the configuration is a branch, or made no difference when GitHub could be asked. */
function checkChanges({ findings, world }: Stage, { number }: Issue, { changes, handled_comments }: TaskJournal): void {
  findings.insist(changes.length === 0, 'what is wanted of the configuration is answered', `#${number}`);
  const wanted = commentsOf(world, number).some(({ id, body, author }) => {
    const is_heard = handled_comments.get(CommentId.parse(id)) === null;
    return is_heard && author.login === OWNER && body.startsWith('/orch set');
  });
  const is_there = world.git.refs('refs/heads/orch/config-').length > 0;
  findings.insist(!wanted || is_there, 'what is wanted of the configuration is proposed', `#${number}`);
}

function checkTask(stage: Stage, issue: Issue): void {
  const { findings, store } = stage;
  const task = TaskId.parse(String(issue.number));
  const state = stateOf(stage, issue.number);
  const journal = store.journal(task)?.journal ?? null;
  const is_task = issue.labels.includes('agent-todo') && issue.state === 'open';
  if (is_task) findings.insist(RESTING.has(state), 'L1 no task is lost', `#${task} is ${state}`);
  if (journal !== null) {
    findings.insist(liveAttempt(journal) === null, 'L2 no lease is left', `#${task}`);
    checkChanges(stage, issue, journal);
    checkShown(stage, issue, state);
    if (is_task)
      findings.insist(state === 'done' || !isMerged(stage, issue, journal), 'merged is done', `#${task} is ${state}`);
  }
  for (const comment of commentsOf(stage.world, issue.number)) checkAnswered(stage, issue, comment);
  if (state === 'blocked') checkBlocked(stage, issue);
}

/** In this round, and nobody has opened the issue again since. */
function isMerged({ world }: Stage, { events }: Issue, { pr, epoch }: TaskJournal): boolean {
  const merged_at = pr === null ? null : (world.pulls.get(pr)?.pull?.merged_at ?? null);
  if (merged_at === null) return false;
  const since = [epoch.since ?? '', ...events.filter(({ kind }) => kind === 'reopened').map(({ at }) => at)];
  return since.every((at) => at === '' || Date.parse(at) < Date.parse(merged_at));
}

function checkShown({ findings }: Stage, issue: Issue, state: string): void {
  const shown = issue.labels.filter((name) => name.startsWith('status:'));
  if (state === 'unknown') return;
  // What is finished and carries no label that brings it into a list is nobody's to repair when a person strips it.
  const is_stripped = shown.length === 0 && !issue.labels.includes('agent-todo');
  findings.insist(
    is_stripped || (shown.length === 1 && shown[0] === `status:${state}`),
    'L2 the label says what the journal says',
    `#${issue.number} ${state}: ${shown.join(' ')}`,
  );
}

/** Released within a sweep after what it waited for was closed. */
function checkBlocked({ findings, world, store }: Stage, issue: Issue): void {
  const named = [...issue.body.matchAll(/#(\d+)/g)].map((match) => Number(match[1]));
  const parent = world.parents.get(issue.number);
  const siblings = parent === undefined ? [] : (world.issues.get(parent)?.sub_issues ?? []);
  const phased = issue.labels.some((label) => label.startsWith('phase:')) ? siblings : [];
  const waits = [...issue.blocked_by, ...issue.sub_issues, ...phased, ...named].some(
    (number) => number !== issue.number && world.issues.get(number)?.state === 'open',
  );
  const word = store.journal(TaskId.parse(String(issue.number)))?.journal.blocked ?? null;
  findings.insist(waits || word !== null, 'L3 dependants are released', `#${issue.number}`);
}

/** By the reaction of ours that says it was heard. */
function checkAnswered(stage: Stage, issue: Issue, comment: Comment): void {
  const speaks = comment.author !== BOT && /^(?:\/orch|@orchestrator)/.test(comment.body);
  if (!speaks || !isHeeded(stage, issue, comment)) return;
  const { findings, store } = stage;
  const journal = store.journal(TaskId.parse(String(issue.number)))?.journal;
  const own = store.journal(TaskId.parse(`i${comment.id}`))?.journal;
  const heard = [journal, own].filter((one) =>
    [...(one?.handled_comments.keys() ?? [])].some((id) => Number(id) === comment.id),
  ).length;
  const said = [...comment.reactions.values()].filter(({ by }) => by === BOT).length;
  findings.insist(said <= 1, 'every command is answered once', `#${issue.number} ${comment.body}: ${said}`);
  if (journal === undefined && own === undefined) return;
  // Whether it was a command when somebody wrote it, nobody can tell: it is refused, or too old to be heard at all.
  if (comment.edited_at !== null)
    return findings.insist(heard <= 1, 'an edit is heard once at most', `#${issue.number}`);
  findings.insist(heard === 1, 'every command is heard once', `#${issue.number} ${comment.body}: ${heard}`);
  if (heard > 0) findings.insist(said === 1, 'every command is answered', `#${issue.number} ${comment.body}`);
}

/** Strangers who speak where no task is to be seen yet, or on a closed issue that may have been none then, talk to nobody. */
function isHeeded({ world, store }: Stage, { events, number }: Issue, { author, created_at }: Comment): boolean {
  const role = world.roleOf(author.login);
  if (role !== 'none' && role !== 'read') return true;
  const before = events.filter(({ at }) => at <= created_at);
  const intake = before.findLast(({ label }) => label === 'agent-todo');
  // A record bears the time of its tick's look: one that was paused then writes it down an hour later.
  const is_seen = before.some(({ label, by }) => by === BOT && label?.startsWith('status:') === true);
  const first = store.records(TaskId.parse(String(number))).find(({ kind }) => kind === 'shown');
  const state = before.findLast(({ kind }) => kind === 'closed' || kind === 'reopened');
  const is_known = is_seen && first !== undefined && first.at <= created_at;
  return intake?.kind === 'labeled' && is_known && state?.kind !== 'closed';
}
