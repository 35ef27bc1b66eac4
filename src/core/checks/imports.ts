// Owns the invariants of importing a file: by a word, never a second issue of one task, never into the queue by itself.
import type { CreateEpic, ImportTasks, TellImport } from '../../domain/effect.ts';
import { sameSource } from '../../domain/fold-journal.ts';
import { IMPORTED_A_TICK_MAX } from '../../domain/import.ts';
import type { Commanded } from '../../domain/journal.ts';
import type { LabelName } from '../../domain/ids.ts';
import { isStatusLabel, sameLabel } from '../../domain/label.ts';
import { effectsOf, journalAfter } from './checked.ts';
import type { Checked, Violation } from './checked.ts';

export function checkImports(checked: Checked): readonly Violation[] {
  const made = effectsOf(checked.plan, 'import_tasks');
  const told = effectsOf(checked.plan, 'tell_import');
  return [
    ...made.flatMap((effect) => checkTasks(effect, checked)),
    ...told.flatMap((effect) => checkTold(effect, checked)),
    ...effectsOf(checked.plan, 'create_epic').flatMap((effect) => checkEpic(effect, checked)),
  ];
}

function checkTasks({ task, issues, there }: ImportTasks, checked: Checked): readonly Violation[] {
  const keys = issues.flatMap(({ key }) => key ?? []);
  const again = keys.filter((key, at) => there.has(key) || keys.indexOf(key) !== at);
  const lets_in = issues.flatMap(({ labels }) => labels).filter((label) => isQueueLabel(label, checked));
  const broken = (invariant: string, detail: string): Violation => ({ invariant, task, detail });
  return [
    ...(openImports(task, checked).length > 0 ? [] : [broken('files are imported by a word only', keys.join(', '))]),
    ...(keys.length <= IMPORTED_A_TICK_MAX ? [] : [broken('a tick makes so many issues', String(keys.length))]),
    ...(isFenced(task, checked) ? [] : [broken('of two ticks at once one imports', keys.join(', '))]),
    ...(again.length === 0 ? [] : [broken('a task of a file becomes one issue', again.join(', '))]),
    ...(lets_in.length === 0 ? [] : [broken('a file lets no task in', lets_in.join(', '))]),
  ];
}

/** Whoever loses its journal loses the effects of the task as well. */
function isFenced(task: ImportTasks['task'], { plan }: Checked): boolean {
  const append = effectsOf(plan, 'append_journal').find((each) => each.task === task);
  return append?.records.some(({ kind }) => kind === 'importing') === true;
}

function isQueueLabel(label: LabelName, { policy }: Checked): boolean {
  return sameLabel(label, policy.intake.label) || isStatusLabel(label);
}

function openImports(task: ImportTasks['task'], checked: Checked): readonly Commanded[] {
  return journalAfter(task, checked)?.imports ?? [];
}

function checkTold({ task, from }: TellImport, checked: Checked): readonly Violation[] {
  const is_open = openImports(task, checked).some((each) => sameSource(each.from, from));
  return is_open && isFenced(task, checked)
    ? []
    : [{ invariant: 'the end of an import is told once', task, detail: JSON.stringify(from) }];
}

/** It leaves the inbox when its issue is there, and not before. */
function checkEpic({ wish, labels }: CreateEpic, checked: Checked): readonly Violation[] {
  const { from } = wish;
  const run = 'run' in from ? from.run : null;
  const is_asked = checked.snapshot.inbox.some((entry) => entry.run === run);
  const is_kept = !effectsOf(checked.plan, 'clear_inbox').some((cleared) => cleared.run === run);
  const lets_in = labels.filter((label) => isQueueLabel(label, checked));
  return is_asked && is_kept && lets_in.length === 0
    ? []
    : [{ invariant: 'files are imported by a word only', task: null, detail: `run ${run}` }];
}
