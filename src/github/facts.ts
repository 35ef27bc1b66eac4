// Owns the turning of GitHub's answers into facts: no decision, only what is there.
import { IssueNumber, TaskId } from '../domain/ids.ts';
import type { NodeId, PrNumber } from '../domain/ids.ts';
import type { TaskJournal } from '../domain/journal.ts';
import type {
  ChildFacts,
  DependencyFacts,
  ForeignFacts,
  IssueFacts,
  LabelEvent,
  PullFacts,
  StateCommentFacts,
  TaskDetails,
} from '../domain/snapshot.ts';
import { parseMarker } from '../wire/marker.ts';
import { shownRuns } from '../wire/prose.ts';
import type { Pull, Related, StateComment, Task } from './schema.ts';

export function taskIdOf(number: number): TaskId {
  return TaskId.parse(String(number));
}

/** `references`: what its text says it waits for. `home`: `owner/name`, since numbers of other repositories are not ours. */
export function issueFacts(task: Task, references: readonly DependencyFacts[], home: string): IssueFacts {
  const isOurs = (issue: Pick<Related, 'repository'>): boolean => isAt(issue, home);
  const [blockers, children] = [present(task.blockedBy?.nodes), present(task.subIssues?.nodes)];
  const foreign = [...blockers, ...children].filter((issue) => !isOurs(issue)).map(foreignFacts);
  const open = task.state === 'OPEN';
  const labels = present(task.labels?.nodes).map(({ name }) => name);
  return {
    id: task.id,
    number: task.number,
    title: task.title,
    body: open ? task.body : '',
    author: task.author?.login ?? null,
    open,
    not_planned: task.stateReason === 'NOT_PLANNED' || task.stateReason === 'DUPLICATE',
    labels,
    label_events: labelEvents(task).filter(({ label }) => labels.includes(label)),
    dependencies: [
      ...blockers.filter(isOurs).map((node) => ({ ...related(node), source: 'native' as const })),
      ...references,
    ],
    children: children.filter(isOurs).map(related),
    ...(foreign.length === 0 ? {} : { foreign }),
    parent: task.parent != null && isOurs(task.parent) ? task.parent.number : null,
    milestone: milestoneOf(task),
    reopened: reopenedOf(task),
    created_at: task.createdAt,
    updated_at: task.updatedAt,
  };
}

function milestoneOf({ milestone }: Task): IssueFacts['milestone'] {
  return milestone === null ? null : { title: milestone.title, open: milestone.state === 'OPEN', due: milestone.dueOn };
}

/** Newest event per label; GitHub lists them oldest first. */
function labelEvents(task: Task): readonly LabelEvent[] {
  const newest = new Map<string, LabelEvent>();
  for (const item of present(task.timelineItems.nodes)) {
    if (item.__typename !== 'LabeledEvent') continue;
    const { actor, createdAt, label } = item;
    newest.set(label.name, {
      label: label.name,
      by: actor?.login ?? null,
      by_bot: actor?.__typename === 'Bot',
      at: createdAt,
    });
  }
  return [...newest.values()];
}

function reopenedOf(task: Task): IssueFacts['reopened'] {
  const events = present(task.timelineItems.nodes).filter((item) => item.__typename === 'ReopenedEvent');
  const last = events.at(-1);
  return last === undefined ? null : { by: last.actor?.login ?? null, at: last.createdAt };
}

function related({ number, title, state }: Related): ChildFacts {
  return { issue: number, title, open: state === 'OPEN' };
}

function foreignFacts({ number, state, repository }: Related): ForeignFacts {
  return { name: `${repository?.nameWithOwner ?? ''}#${number}`, open: state === 'OPEN' };
}

function isAt({ repository }: Pick<Related, 'repository'>, home: string): boolean {
  return repository === undefined || repository.nameWithOwner.toLowerCase() === home.toLowerCase();
}

/** What a text says that its issue waits for (`text`), or would rather come after (`soft`). */
export interface Reference {
  readonly issue: IssueNumber;
  readonly source: 'text' | 'soft';
}

const RELATION =
  /^[ \t]*(?:[-*][ \t]+(?:\[[ x]\][ \t]+)?)?(depends on|blocked by|soft-depends on)\b[:\s]*((?:#\d{1,9}(?:\s*(?:,|and)\s*)?)+)/gim;

/**
 * `Depends on #12`, `blocked by #3, #4`: the fallback for repositories without native dependencies. `Soft-depends on #5`
 * has no native counterpart. Said both ways, the issue waits. In code and in hidden comments it is an example.
 */
export function referencedIssues(task: Task): readonly Reference[] {
  if (task.state !== 'OPEN') return [];
  // Most texts name none: what of them is on the page need not be found out.
  const runs = /depends on|blocked by/i.test(task.body) ? shownRuns(task.body) : [];
  const lines = runs.flatMap((run) => [...run.matchAll(RELATION)]);
  const found = new Map<number, Reference['source']>();
  for (const [, words = '', numbers = ''] of lines)
    for (const [, digits] of numbers.matchAll(/#(\d+)/g)) {
      const source = words.toLowerCase().startsWith('soft') ? 'soft' : 'text';
      const number = Number(digits);
      if (source === 'text' || !found.has(number)) found.set(number, source);
    }
  return [...found]
    .filter(([number]) => number > 0 && number !== task.number)
    .map(([number, source]) => ({ issue: IssueNumber.parse(number), source }));
}

export function pullFacts(pull: Pull): PullFacts {
  const states = { OPEN: 'open', CLOSED: 'closed', MERGED: 'merged' } as const;
  return {
    number: pull.number,
    id: pull.id,
    state: states[pull.state],
    draft: pull.isDraft,
    head: pull.headRefOid,
    base_branch: pull.baseRefName,
    files: pull.changedFiles,
    review: reviewOf(pull),
    merged_by: pull.mergedBy?.login ?? null,
    closed_at: pull.closedAt,
  };
}

function reviewOf({ reviewDecision }: Pull): PullFacts['review'] {
  switch (reviewDecision) {
    case 'APPROVED':
      return 'approved';
    case 'CHANGES_REQUESTED':
      return 'changes_requested';
    case 'REVIEW_REQUIRED':
    case null:
      return null;
  }
}

/** The open one, else the newest: what a person would call "its pull request". A fork may name its branch like ours. */
export function chosenPull(pulls: readonly Pull[], branch: string | null, known: PrNumber | null): PullFacts | null {
  const ours = pulls.filter(
    ({ headRefName, number, isCrossRepository }) => !isCrossRepository && (headRefName === branch || number === known),
  );
  const open = ours.find(({ state }) => state === 'OPEN');
  const newest = ours.toSorted((a, b) => b.number - a.number)[0];
  const chosen = open ?? newest;
  return chosen === undefined ? null : pullFacts(chosen);
}

/** By the id the journal names, else the newest that is ours by author and marker. Anybody can paste a marker. */
export function stateComment(
  task: Task,
  journal: TaskJournal,
  far: ReadonlyMap<NodeId, StateComment>,
): StateCommentFacts | null {
  const comments = present(task.comments.nodes);
  const known = journal.shown?.comment ?? null;
  const named = known === null ? undefined : (comments.find(({ id }) => id === known) ?? far.get(known));
  const found = named ?? comments.findLast((comment) => comment.viewerDidAuthor && remembered(comment, task) !== null);
  if (found === undefined) return null;
  const ours = found.viewerDidAuthor;
  const edited = found.editor !== null && found.editor.login !== found.author?.login;
  const memory = ours && !edited ? remembered(found, task) : null;
  const { digest } = found;
  return { id: found.id, digest, believed: ours && !edited && digest === journal.shown?.digest, remembers: memory };
}

function remembered({ memory }: StateComment, task: Task): StateCommentFacts['remembers'] {
  if (memory === null || memory.task !== String(task.number)) return null;
  return { attempts: memory.attempts, pr: memory.pr };
}

export function taskDetails(task: Task): TaskDetails {
  const thread = present(task.thread?.nodes).filter(
    (comment) =>
      parseMarker('state', comment.body) === null &&
      parseMarker('answer', comment.body) === null &&
      parseMarker('call', comment.body) === null,
  );
  return {
    thread: thread.map(({ author, authorAssociation, createdAt, body }) => ({
      by: author?.login ?? null,
      association: authorAssociation,
      at: createdAt,
      body,
    })),
    thread_cut: (task.thread?.totalCount ?? 0) > (task.thread?.nodes.length ?? 0),
  };
}

export function present<T>(nodes: readonly (T | null)[] | null | undefined): readonly T[] {
  return (nodes ?? []).filter((node) => node !== null);
}

export function isTransferredAway(task: Task, repository: string): boolean {
  return !isAt(task, repository);
}
