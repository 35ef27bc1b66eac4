// Owns the file of tasks that people of the simulation have imported, and what must have become of it in the end.
import { TaskId } from '../../domain/ids.ts';
import { parseMarker } from '../../wire/marker.ts';
import type { Issue } from '../model/state.ts';
import type { Stage } from './stage.ts';

export const IMPORT_FILE = 'tasks.jsonl';

/** More than one tick makes. */
const TASKS_IN_FILE = 24;

export const IMPORT_TEXT = Array.from({ length: TASKS_IN_FILE }, (_, at) => {
  const dependencies = at % 5 === 4 ? [`t${at - 1}`] : [];
  return `${JSON.stringify({ id: `t${at}`, title: `Imported ${at}`, labels: ['priority:high'], dependencies })}\n`;
}).join('');

/** A runner that is paused between its look at the clock and one request does what another did meanwhile: nothing can fence that. */
export function checkImported({ world, store, faults, findings }: Stage): void {
  const pauses = faults.struck.filter((key) => key.startsWith('job_paused')).length;
  for (const issue of world.issues.values()) {
    const keys = issue.sub_issues.flatMap((number) => keyOf(world.issues.get(number)) ?? []);
    const twice = keys.length - new Set(keys).size;
    findings.insist(twice <= pauses, 'a task of a file becomes one issue', `#${issue.number}: ${twice} too many`);
  }
  for (const { number } of world.issues.values()) {
    const open = store.journal(TaskId.parse(String(number)))?.journal.imports.length ?? 0;
    findings.insist(open === 0, 'an import comes to its end', `#${number}: ${open}`);
  }
}

function keyOf(issue: Issue | undefined): string | null {
  const mark = issue === undefined ? null : parseMarker('imported', issue.body);
  return typeof mark === 'object' && mark !== null && 'key' in mark ? String(mark.key) : null;
}
