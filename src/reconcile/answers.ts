// Owns what people hear back: a reaction as receipt, and a comment where a reaction does not say it all.
import type { Answer, Say, TaskDecision, Told } from '../domain/decision.ts';
import type { Effect } from '../domain/effect.ts';
import type { BranchName, Login, NodeId } from '../domain/ids.ts';
import type { Alarm, Notice, ProposalPage, StateView } from '../domain/notice.ts';
import type { WaitReason } from '../domain/plan.ts';
import type { RepositoryFacts } from '../domain/snapshot.ts';
import { scheduleText } from '../domain/schedule.ts';
import { renderNotice } from '../wire/notices.ts';
import type { Around } from './state-view.ts';

export interface Answering {
  readonly decision: TaskDecision;
  readonly view: StateView;
  readonly wait: WaitReason | null;
  readonly around: Around;
}

export function planAnswers(answering: Answering): readonly Effect[] {
  const comments = Map.groupBy(answering.decision.answers, ({ to }) => to.comment);
  return [...comments.values()].flatMap((answers) => planAnswer(answers, answering));
}

/** One receipt for a comment, whatever it says; a comment of ours for each of its words that asks for one. */
function planAnswer(answers: readonly Answer[], answering: Answering): readonly Effect[] {
  const [first] = answers;
  if (first === undefined) return [];
  const { facts } = answering.decision;
  const { comment, comment_node, issue } = first.to;
  const reaction = loudest(answers.map((answer) => answer.reaction));
  const react: Effect = { kind: 'react', task: facts.id, comment: comment_node, reaction };
  const issue_id = whereOf(first, answering);
  if (issue_id === null) return [react];
  const notices = answers
    .flatMap((answer) => [noticeOf(answer, answering), unheededOf(answer)])
    .filter((notice) => notice !== null);
  const told = notices.map((notice, part): Effect => {
    const body = renderNotice(notice, { comment, part });
    const otherwise =
      notice.kind === 'export'
        ? { without_export: renderNotice({ kind: 'export', view: null }, { comment, part }) }
        : {};
    return { kind: 'post_comment', task: facts.id, issue, issue_id, body, ...otherwise };
  });
  return [react, ...told];
}

/** What a person must see first: that something was not obeyed, then that something starts. */
const LOUDEST_FIRST = ['CONFUSED', 'ROCKET', 'THUMBS_UP'] as const;

function loudest(reactions: readonly Answer['reaction'][]): Answer['reaction'] {
  return LOUDEST_FIRST.find((reaction) => reactions.includes(reaction)) ?? 'EYES';
}

function unheededOf({ unheeded }: Answer): Notice | null {
  return unheeded === undefined ? null : { kind: 'unheeded', commands: unheeded };
}

function noticeOf({ say, by }: Pick<Answer, 'say' | 'by'>, { view, wait, around }: Answering): Notice | null {
  switch (say?.kind) {
    case undefined:
      return null;
    case 'why':
      return { kind: 'why', view, wait };
    case 'status':
      return { kind: 'status', view, wait, spent: around.spent };
    case 'asked':
      return { kind: 'asked', task: view.task };
    case 'queue':
    case 'settings':
    case 'jobs':
    case 'runs':
    case 'proposed':
    case 'imports':
    case 'export':
    case 'help':
    case 'refused':
      return noticeToAll(say, by, around);
  }
}

type SayToAll = Exclude<Say, { readonly kind: 'why' | 'status' | 'asked' }>;

/** What is the same wherever it is asked. */
function noticeToAll(
  say: SayToAll,
  by: Login,
  { policy, origin, repository, ready, queue, settings, jobs, runs, exported }: Around,
): Notice {
  switch (say.kind) {
    case 'queue':
      return { kind: 'queue', queue: queue(say.of) };
    case 'settings':
      return { kind: 'settings', settings: settings(say.key), origin };
    case 'jobs':
      return { kind: 'jobs', jobs };
    case 'runs':
      return { kind: 'runs', schedule: say.schedule, runs: runs.get(scheduleText(say.schedule)) ?? [] };
    case 'proposed':
      return { kind: 'proposed', change: say.change, page: pageOf(say.branch, repository) };
    case 'export':
      return { kind: 'export', view: exported() };
    case 'imports':
      return { kind: 'imports', path: say.path };
    case 'help':
      return { kind: 'help', commands: policy.commands, mention: policy.mention, ready };
    case 'refused':
      return { kind: 'refused', by, refusal: say.refusal };
  }
}

function pageOf(head: BranchName, { url, default_branch }: RepositoryFacts): ProposalPage {
  return { repository_url: url, base: default_branch, head };
}

/** Into the summary of the tick: a dispatch has no comment to answer under. */
export function tellDispatch({ run, by, say }: Told, around: Around): readonly Alarm[] {
  if (say.kind === 'why' || say.kind === 'status' || say.kind === 'asked') return [];
  return [{ kind: 'told', run, by, notice: noticeToAll(say, by, around) }];
}

/** The same for a dispatch to one task. */
export function tellTask(answering: Answering): readonly Alarm[] {
  return answering.decision.told.flatMap(({ run, by, say }): Alarm[] => {
    const notice = noticeOf({ say, by }, answering);
    return notice === null ? [] : [{ kind: 'told', run, by, notice }];
  });
}

/** Where the question stands: under the issue, under the task's pull request, or somewhere that was read beside it. */
function whereOf({ to }: Answer, { decision: { facts }, around }: Answering): NodeId | null {
  if (facts.issue !== null && Number(facts.issue.number) === Number(to.issue)) return facts.issue.id;
  if (facts.pull !== null && Number(facts.pull.number) === Number(to.issue)) return facts.pull.id;
  return around.nodes.get(to.issue) ?? null;
}
