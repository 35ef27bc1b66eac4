// Owns what every plan must satisfy before anyone acts on it; a plan that breaks one is a bug, and applies nothing.
import type { Effect } from '../domain/effect.ts';
import type { Checked, Violation } from './checks/checked.ts';
import { checkBrakes } from './checks/brakes.ts';
import { checkClaims } from './checks/claims.ts';
import { checkImports } from './checks/imports.ts';
import { checkJournals } from './checks/journals.ts';
import { checkProposals } from './checks/proposals.ts';
import { checkShowing } from './checks/showing.ts';
import { checkSlots } from './checks/slots.ts';
import { checkStopSigns } from './checks/stop-signs.ts';
import { checkTexts } from './checks/texts.ts';
import { checkWrites } from './checks/writes.ts';

/** Each check is written against the snapshot, not against the decision: it must find decide's own mistakes. */
export function checkPlan(checked: Checked): readonly Violation[] {
  return [
    ...checkOrder(checked),
    ...checkJournals(checked),
    ...checkClaims(checked),
    ...checkStopSigns(checked),
    ...checkProposals(checked),
    ...checkImports(checked),
    ...checkSlots(checked),
    ...checkBrakes(checked),
    ...checkShowing(checked),
    ...checkTexts(checked),
    ...checkWrites(checked),
  ];
}

/** Claim first, then show: whoever reads the screen may rely on the journal. */
const RANK: Readonly<Record<Effect['kind'], number>> = {
  append_room: 0,
  append_journal: 0,
  append_history: 0,
  clear_inbox: 0,
  delete_branch: 0,
  start_attempt: 1,
  ensure_labels: 2,
  keep_export: 2,
  write_state_comment: 3,
  set_labels: 3,
  react: 3,
  post_comment: 3,
  open_pull_request: 3,
  create_issue: 3,
  file_finding: 3,
  create_epic: 3,
  import_tasks: 3,
  tell_import: 3,
  propose_change: 3,
  propose_asked: 3,
  close_issue: 4,
  send_hook: 4,
  mirror_project: 5,
};

function checkOrder({ plan }: Checked): readonly Violation[] {
  const ranks = plan.effects.map(({ kind }) => RANK[kind]);
  const broken = ranks.findIndex((rank, index) => index > 0 && rank < (ranks[index - 1] ?? 0));
  return broken < 0
    ? []
    : [{ invariant: 'journals first, what people see after', task: null, detail: `effect ${broken} comes too late` }];
}
