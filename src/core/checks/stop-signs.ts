// Owns the invariants of who may start: nobody against a person's word, an open dependency or an earlier phase.
import { holdAt } from '../../domain/fold-journal.ts';
import type { TaskJournal } from '../../domain/journal.ts';
import { phaseOf, readLabels } from '../../domain/label.ts';
import type { LabelAsks } from '../../domain/label.ts';
import type { IssueFacts } from '../../domain/snapshot.ts';
import { openChildren, openDependencies, openForeign } from '../ties.ts';
import { claimsOf } from './checked.ts';
import type { Checked, ClaimChecked, Violation } from './checked.ts';

export function checkStopSigns(checked: Checked): readonly Violation[] {
  const claims = claimsOf(checked);
  if (claims.length === 0) return [];
  const phases = firstPhases(checked);
  return claims.flatMap((claim) =>
    [...stopSigns(claim, checked), ...phaseSigns(claim, checked, phases)].map((detail) => ({
      invariant: "no start against a person's word or an open dependency",
      task: claim.task,
      detail,
    })),
  );
}

function stopSigns({ task, before }: ClaimChecked, { snapshot, policy }: Checked): readonly string[] {
  const facts = snapshot.tasks.get(task);
  const issue = facts?.issue ?? null;
  if (issue === null)
    return [
      ...wordSigns(before, snapshot),
      ...(facts?.issue_read === 'missing' ? ['the issue is gone'] : []),
      ...(before.asked === null ? ['nobody asked for it'] : []),
    ];
  const asks = readLabels(issue.labels, policy.intake.label);
  return [
    ...wordSigns(before, snapshot),
    ...labelSigns(asks),
    ...(before.admitted === null ? ['nobody let it in'] : []),
    ...(policy.assignment === 'manual' && !isAssigned(before, asks) ? ['nobody assigned it'] : []),
    ...issueSigns(issue),
  ];
}

function wordSigns(journal: TaskJournal, { at }: Checked['snapshot']): readonly string[] {
  const holding = holdAt(journal, at);
  return [
    ...(holding === null ? [] : [`${holding.verb} by ${holding.by}`]),
    ...(journal.blocked === null ? [] : [`blocked by ${journal.blocked.by}`]),
  ];
}

function labelSigns({ intake, stop, unknown, labels }: LabelAsks): readonly string[] {
  const misread = unknown.filter(({ family }) => family !== 'priority').map(({ label }) => label);
  const torn = Object.values(labels).filter(({ length }) => length > 1);
  return [
    ...(intake ? [] : ['the intake label is not there']),
    ...(stop === null ? [] : [`the label ${stop} says no`]),
    ...misread.map((label) => `the label ${label} is not understood`),
    ...torn.map((several) => `the labels ${several.join(', ')} contradict each other`),
  ];
}

function isAssigned({ asked, epoch, wish }: TaskJournal, { engines }: LabelAsks): boolean {
  return asked !== null || epoch.number > 1 || wish.engine !== null || engines.length > 0;
}

function issueSigns(issue: IssueFacts): readonly string[] {
  return [
    ...(issue.open ? [] : ['the issue is closed']),
    ...(openDependencies(issue).length > 0 ? ['a dependency is open'] : []),
    ...(openChildren(issue).length > 0 ? ['a sub-issue is open'] : []),
    ...(openForeign(issue).length > 0 ? ['an issue of another repository is open'] : []),
  ];
}

/** Per epic, the earliest phase that has an open issue. */
function firstPhases({ snapshot }: Checked): ReadonlyMap<number, number> {
  const first = new Map<number, number>();
  for (const { issue } of snapshot.tasks.values()) {
    const phase = issue === null || !issue.open || issue.parent === null ? null : phaseOf(issue.labels);
    if (issue === null || issue.parent === null || phase === null) continue;
    first.set(issue.parent, Math.min(phase, first.get(issue.parent) ?? phase));
  }
  return first;
}

function phaseSigns(
  { task }: ClaimChecked,
  { snapshot }: Checked,
  phases: ReadonlyMap<number, number>,
): readonly string[] {
  const issue = snapshot.tasks.get(task)?.issue ?? null;
  const phase = issue === null ? null : phaseOf(issue.labels);
  if (issue === null || issue.parent === null || phase === null) return [];
  const first = phases.get(issue.parent) ?? phase;
  return first < phase ? [`phase ${first} of #${issue.parent} is not over`] : [];
}
