// Owns calling a person: edits of the state comment notify nobody, so what they asked to be told of is a comment of its own.
import type { TaskDecision } from '../domain/decision.ts';
import type { Effect } from '../domain/effect.ts';
import type { Login } from '../domain/ids.ts';
import type { TaskJournal } from '../domain/journal.ts';
import type { HoldReason, WaitReason } from '../domain/plan.ts';
import type { Policy } from '../domain/policy.ts';
import type { TaskState } from '../domain/task.ts';
import { renderCall } from '../wire/call-text.ts';
import { stateView } from './state-view.ts';
import type { Around } from './state-view.ts';

const CALLED_FOR: Readonly<Record<Policy['notify'], ReadonlySet<TaskState>>> = {
  all: new Set(['needs_review', 'in_review', 'done']),
  errors: new Set(['needs_review']),
  none: new Set(),
};

const OWN_WORD: ReadonlySet<HoldReason['kind']> = new Set(['held', 'cancelled', 'pr_closed']);

/** As far as people were told: a journal that was lost says nothing of that, and the comment that outlived it stands. */
export function comesToStand({ facts, state }: TaskDecision): boolean {
  const before = facts.journal.shown?.state ?? null;
  return before !== state && (before !== null || facts.comment === null);
}

/** They did it themselves, and are there. */
export function isOwnDoing(wait: WaitReason | null): boolean {
  return wait?.kind === 'person' && OWN_WORD.has(wait.reason.kind);
}

/**
 * Once for each time the task comes to stand so. Whoever is called let the task in or ordered its newest round, so they
 * may; a stranger is never called. A tick that dies before it says so calls nobody: the comment above says it all the same.
 */
export function planCall(decision: TaskDecision, journal: TaskJournal, around: Around): readonly Effect[] {
  const { facts, state, wait } = decision;
  const { issue } = facts;
  const to = personOf(journal);
  if (issue === null || to === null || !decision.is_task || !comesToStand(decision)) return [];
  if (!CALLED_FOR[around.policy.notify].has(state)) return [];
  if (isOwnDoing(wait)) return [];
  const body = renderCall({ to, view: stateView(decision, journal, around) });
  return [{ kind: 'post_comment', task: facts.id, issue: issue.number, issue_id: issue.id, body }];
}

function personOf({ epoch, admitted, asked }: TaskJournal): Login | null {
  return epoch.by ?? admitted?.by ?? asked?.by ?? null;
}
