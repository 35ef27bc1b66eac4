// Owns showing one task: its records, its comment, its labels, its answers; only what differs becomes an effect.
import { findingEffects } from './findings.ts';
import { handLabels, typedNow } from '../core/contradictions.ts';
import { epicOf } from '../core/ties.ts';
import type { World } from '../core/world.ts';
import type { PullOrder, TaskDecision } from '../domain/decision.ts';
import { sha256 } from '../domain/digest.ts';
import type { Effect, MirrorProject, ProjectFields } from '../domain/effect.ts';
import { withRecords } from '../domain/fold-journal.ts';
import type { Digest } from '../domain/ids.ts';
import type { JournalRecord, Shown, TaskJournal } from '../domain/journal.ts';
import { isStatusLabel, sameLabel, statusLabel } from '../domain/label.ts';
import { originLabels } from '../domain/origin-label.ts';
import type { Alarm } from '../domain/notice.ts';
import type { TaskReport } from '../domain/plan.ts';
import type { IssueFacts } from '../domain/snapshot.ts';
import { renderPullBody, renderPullTitle } from '../wire/pr-body.ts';
import type { PullAbout } from '../wire/pr-body.ts';
import { renderDraft, renderPublished } from '../wire/published.ts';
import { renderStateComment } from '../wire/state-comment.ts';
import { planAnswers, tellTask } from './answers.ts';
import type { Answering } from './answers.ts';
import { planCall } from './calls.ts';
import { planClaim } from './claim.ts';
import type { Claim } from './claim.ts';
import { planHooks } from './hooks.ts';
import { importEffects } from './imports.ts';
import { proposalEffects } from './proposals.ts';
import { fullWait, isTroubled, stateView, titleOf } from './state-view.ts';
import type { Around } from './state-view.ts';

export interface ShownTask {
  readonly decision: TaskDecision;
  /** All that is appended to its journal, in one commit. */
  readonly records: readonly JournalRecord[];
  readonly claims: readonly Claim[];
  readonly visible: readonly Effect[];
  /** What ends things, after everything else is said. */
  readonly last: readonly Effect[];
  readonly branch: readonly Effect[];
  readonly mirror: readonly Effect[];
  readonly told: readonly Alarm[];
  readonly report: TaskReport;
}

export function showTask(decision: TaskDecision, world: World, around: Around): ShownTask {
  const claims = decision.starts.map((order) => planClaim(decision, order, world));
  const claimed = claims.map(({ record }) => record);
  const journal = withRecords(decision.journal, claimed);
  const comment = commentOf(decision, journal, around);
  const records = [...decision.records, ...claimed, ...shownRecord(decision, journal, { comment, world })];
  return {
    decision,
    records,
    claims,
    visible: [
      ...comment.effects,
      ...labelEffects(decision),
      ...answersOf(decision, journal, around),
      ...planCall(decision, journal, around),
      ...pullEffects(decision, around),
      ...publishEffects(decision),
      ...findingEffects(decision, around),
      ...proposalEffects(decision, around.repository),
      ...importEffects(decision, around.policy),
    ],
    last: [...closeEffects(decision), ...planHooks(decision, { journal, records }, around)],
    branch: branchEffects(decision),
    mirror: records.some(({ kind }) => kind === 'shown') ? mirrorOf(decision, journal, around) : [],
    told: toldOf(decision, journal, around),
    report: reportOf(decision, journal),
  };
}

interface Comment {
  readonly digest: Digest | null;
  readonly effects: readonly Effect[];
}

const UNSHOWN: Comment = { digest: null, effects: [] };

/**
 * A trouble with the configuration is told in comments that change anyway; it alone rewrites none, since one typo would
 * otherwise edit every comment of the repository.
 */
function commentOf(decision: TaskDecision, journal: TaskJournal, around: Around): Comment {
  if (!decision.is_task || isSettled(decision)) return UNSHOWN;
  const there = decision.facts.issue === null ? decision.journal.shown?.digest : decision.facts.comment?.digest;
  const body = renderStateComment(stateView(decision, journal, around));
  const digest = sha256(body);
  if (digest === there) return { digest, effects: [] };
  const untroubled = untroubledDigest(decision, journal, around);
  if (untroubled !== null && untroubled === there) return { digest: untroubled, effects: [] };
  return { digest, effects: writeComment(decision, body) };
}

function untroubledDigest(decision: TaskDecision, journal: TaskJournal, around: Around): Digest | null {
  if (!isTroubled(around.origin)) return null;
  return sha256(renderStateComment(stateView(decision, journal, { ...around, origin: { kind: 'newest' } })));
}

/** Finished, shown and unaltered: not even rendered, so that a new wording rewrites nothing old. */
function isSettled({ facts, records, answers, journal, state }: TaskDecision): boolean {
  if (journal.finished === null || records.length > 0 || answers.length > 0 || journal.news.length > 0) return false;
  const { shown } = journal;
  if (typedNow({ issue: facts.issue, state, journal, records }).length > 0) return false;
  return shown !== null && shown.state === state && (facts.issue === null || facts.comment?.digest === shown.digest);
}

function writeComment({ facts }: TaskDecision, body: string): readonly Effect[] {
  const { issue } = facts;
  if (issue === null) return [];
  return [
    {
      kind: 'write_state_comment',
      task: facts.id,
      issue: issue.number,
      issue_id: issue.id,
      comment: facts.comment?.id ?? null,
      body,
    },
  ];
}

/** Written down before it is shown, in the same append as what it shows. */
function shownRecord(
  decision: TaskDecision,
  { shown, news }: TaskJournal,
  { comment, world }: { readonly comment: Comment; readonly world: World },
): readonly JournalRecord[] {
  const { facts, state, priority } = decision;
  if (comment.digest === null) return [];
  const ties = tiesShown(decision);
  const same =
    shown !== null &&
    shown.state === state &&
    shown.digest === comment.digest &&
    shown.priority === priority &&
    JSON.stringify([shown.knot, shown.epic, shown.by_hand]) === JSON.stringify([ties.knot, ties.epic, ties.by_hand]);
  if (same && news.length === 0) return [];
  return [
    {
      kind: 'shown',
      at: world.snapshot.at,
      state,
      comment: facts.comment?.id ?? null,
      digest: comment.digest,
      priority,
      ...ties,
    },
  ];
}

/** What the next tick must know of this task although it does not read it. */
function tiesShown({ facts, wait, state, journal, records }: TaskDecision): Pick<Shown, 'knot' | 'epic' | 'by_hand'> {
  const by_hand = handLabels({ issue: facts.issue, state, journal, records });
  const epic = epicOf(facts);
  const knot = wait?.kind === 'person' && wait.reason.kind === 'circle' ? wait.reason.circle : null;
  return {
    ...(knot === null ? {} : { knot }),
    ...(epic === null ? {} : { epic }),
    ...(by_hand.length === 0 ? {} : { by_hand }),
  };
}

/** Exactly one status label; added before the old one goes, by whoever applies it. */
function labelEffects({ facts, is_task, state }: TaskDecision): readonly Effect[] {
  const { issue } = facts;
  if (issue === null || !is_task) return [];
  const wanted = statusLabel(state);
  const own = issue.labels.filter(isStatusLabel);
  const add = own.some((label) => sameLabel(label, wanted)) ? [] : [wanted];
  const remove = own.filter((label) => !sameLabel(label, wanted));
  if (add.length + remove.length === 0) return [];
  return [{ kind: 'set_labels', task: facts.id, issue_id: issue.id, issue: issue.number, add, remove }];
}

function answersOf(decision: TaskDecision, journal: TaskJournal, around: Around): readonly Effect[] {
  return decision.answers.length === 0 ? [] : planAnswers(answeringOf(decision, journal, around));
}

function toldOf(decision: TaskDecision, journal: TaskJournal, around: Around): readonly Alarm[] {
  return decision.told.length === 0 ? [] : tellTask(answeringOf(decision, journal, around));
}

function answeringOf(decision: TaskDecision, journal: TaskJournal, around: Around): Answering {
  return { decision, view: stateView(decision, journal, around), wait: fullWait(decision, journal), around };
}

function pullEffects({ facts, journal, open_pull }: TaskDecision, around: Around): readonly Effect[] {
  if (open_pull === null) return [];
  const about = aboutPull({ facts, journal }, open_pull, around);
  const { branch, base, draft } = open_pull;
  return [
    {
      kind: 'open_pull_request',
      task: facts.id,
      branch,
      base,
      title: renderPullTitle(about),
      body: renderPullBody(about),
      draft,
      reviewers: around.policy.pull_request.reviewers,
    },
  ];
}

function publishEffects({ facts, journal, publish }: TaskDecision): readonly Effect[] {
  if (publish === null) return [];
  const { title, body, marker } = renderPublished({ task: facts.id, journal, publish });
  const labels = originLabels(facts.id, journal);
  return [{ kind: 'create_issue', task: facts.id, title, body, marker, since: publish.at, labels }];
}

/** What deliver would have said; only the engine's own title for its work is lost. */
function aboutPull(
  { facts, journal }: Pick<TaskDecision, 'facts' | 'journal'>,
  { attempt }: PullOrder,
  { policy, repository }: Around,
): PullAbout {
  const { number, claim, settled } = attempt;
  return {
    task: facts.id,
    attempt: number,
    issue: facts.issue?.number ?? null,
    closes_issue: policy.auto_close,
    issue_title: titleOf(facts, journal),
    title: null,
    summary: settled?.summary ?? '',
    engine: claim.engine,
    model: claim.model,
    proof: settled?.proof ?? [],
    usage: settled?.usage ?? {
      input_tokens: null,
      output_tokens: null,
      cache_read_tokens: null,
      cache_write_tokens: null,
      cost_usd: null,
      turns: null,
    },
    seconds: settled?.seconds ?? 0,
    run_url: `${repository.url}/actions/runs/${claim.run}`,
    isolated: policy.sandbox === 'on',
  };
}

function closeEffects({ facts, close }: TaskDecision): readonly Effect[] {
  return close === null || facts.issue === null ? [] : [closeIssue(facts.issue, facts.id, close)];
}

function branchEffects({ facts, delete_branch }: TaskDecision): readonly Effect[] {
  if (delete_branch === null) return [];
  const { name, expected } = delete_branch;
  return [{ kind: 'delete_branch', task: facts.id, branch: name, expected }];
}

function closeIssue(
  { number, id }: IssueFacts,
  task: TaskDecision['facts']['id'],
  reason: NonNullable<TaskDecision['close']>,
): Effect {
  return { kind: 'close_issue', task, issue: number, issue_id: id, reason };
}

/** Best effort, and only when something was shown anew. */
function mirrorOf(
  { facts, state }: TaskDecision,
  journal: TaskJournal,
  { policy, repository }: Around,
): readonly Effect[] {
  const item = itemOf(facts, journal);
  if (policy.project === null || item === null) return [];
  const costs = journal.attempts.flatMap(({ settled }) => settled?.usage.cost_usd ?? []);
  const fields: ProjectFields = {
    status: state,
    engine: journal.route?.engine ?? null,
    complexity: journal.route?.complexity ?? null,
    attempts: journal.attempts.at(-1)?.number ?? journal.attempts_before,
    pr: journal.pr === null ? null : `${repository.url}/pull/${journal.pr}`,
    cost_usd: costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0),
  };
  return [{ kind: 'mirror_project', task: facts.id, item, fields }];
}

/** An issue that is gone is on no board any more. */
function itemOf({ id, issue, issue_read }: TaskDecision['facts'], journal: TaskJournal): MirrorProject['item'] | null {
  if (issue !== null) return { kind: 'issue', id: issue.id };
  return issue_read === 'internal' ? { kind: 'draft', ...renderDraft(id, journal) } : null;
}

function reportOf(decision: TaskDecision, journal: TaskJournal): TaskReport {
  const { facts, state, wait, did } = decision;
  return {
    task: facts.id,
    title: titleOf(facts, journal),
    before: facts.journal.shown?.state ?? null,
    state,
    wait,
    did,
  };
}
