// Owns the look of Orch's labels: what is created when it is missing. What labels mean is domain/label.ts.
import { LABEL_FAMILIES, PRIORITIES, STOP_LABELS, statusLabel } from '../domain/label.ts';
import { LabelName } from '../domain/ids.ts';
import { isOriginLabel, MENTION, SCHEDULED, SELF_IMPROVEMENT } from '../domain/origin-label.ts';
import { AskableRole, Complexity, TASK_STATES } from '../domain/task.ts';
import type { EngineId, TaskState } from '../domain/task.ts';

export interface LabelSpec {
  readonly name: LabelName;
  /** Six hexadecimal digits, without `#`. */
  readonly color: string;
  /** At most 100 characters, GitHub's limit. */
  readonly description: string;
}

const STATUS_LOOK: Readonly<Record<TaskState, readonly [color: string, description: string]>> = {
  new: ['ededed', 'In the queue, no engine chosen yet'],
  routed: ['c5def5', 'Engine and model are chosen, waits for its turn'],
  in_progress: ['1d76db', 'An engine is working on it'],
  in_review: ['8a63d2', 'Its pull request is open'],
  done: ['0e8a16', 'Merged or closed as completed'],
  blocked: ['fbca04', 'Waits for another issue'],
  needs_review: ['d93f0b', 'A person must act; the comment says how'],
  skipped: ['bfbfbf', 'Left alone until a person takes it back'],
  archived: ['7f7f7f', 'Closed as not planned'],
};

const ROLE_TEXT: Readonly<Record<AskableRole, string>> = {
  code: 'change files and open a pull request',
  audit: 'look, report, and change no file',
};

const STOP_TEXT = ['leave this issue alone for now', 'never touch this issue'] as const;

/** Everything a person can pick from GitHub's list: an engine that nobody configured is not offered. */
export function labelManifest(intake: LabelName, engines: readonly EngineId[] = []): readonly LabelSpec[] {
  return [
    { name: intake, color: '5319e7', description: 'Orch: put this issue into the queue' },
    ...STOP_LABELS.map((name, index) => ({ name, color: 'bfbfbf', description: `Orch: ${STOP_TEXT[index] ?? ''}` })),
    ...TASK_STATES.map((state) => ({
      name: statusLabel(state),
      color: STATUS_LOOK[state][0],
      description: `Orch: ${STATUS_LOOK[state][1]}`,
    })),
    ...engines.map((engine) => wish('engine', engine, `use the engine ${engine}`)),
    ...Complexity.options.map((complexity) => wish('complexity', complexity, `treat this issue as ${complexity}`)),
    ...AskableRole.options.map((role) => wish('role', role, ROLE_TEXT[role])),
    ...Object.keys(PRIORITIES).map((priority) => wish('priority', priority, `${priority} place in the queue`)),
  ];
}

function wish(family: keyof typeof LABEL_FAMILIES, value: string, text: string): LabelSpec {
  return { name: LabelName.parse(`${LABEL_FAMILIES[family]}${value}`), color: 'd4c5f9', description: `Orch: ${text}` };
}

/** Labels that Orch alone sets are made when it first needs one: nobody is offered what would mean nothing by hand. */
export function originManifest(names: readonly LabelName[]): readonly LabelSpec[] {
  return names
    .filter(isOriginLabel)
    .map((name) => ({ name, color: 'c2e0c6', description: `Orch: ${originText(name)}` }));
}

/** Labels of our families that a file may name, made when the first issue of it needs one. */
export function familyManifest(names: readonly LabelName[]): readonly LabelSpec[] {
  return names.flatMap((name) => {
    const [family = '', value = ''] = name.toLowerCase().split(':');
    if (family === 'phase') return [{ name, color: 'bfdadc', description: `Orch: phase ${value} of its epic` }];
    if (family === 'priority') return [wish('priority', value, `${value} place in the queue`)];
    return family === 'complexity' ? [wish('complexity', value, `treat this issue as ${value}`)] : [];
  });
}

function originText(name: LabelName): string {
  const [family = '', ...value] = name.split(':');
  if (family === 'parent') return `part of #${value.join(':')}`;
  if (family === 'job') return `made by the job ${value.join(':')}`;
  return ORIGIN_TEXT.get(name) ?? 'made by Orch';
}

const ORIGIN_TEXT: ReadonlyMap<LabelName, string> = new Map([
  [SCHEDULED, 'made by a scheduled job'],
  [MENTION, 'asked for in a comment'],
  [SELF_IMPROVEMENT, 'what Orch found in its own history; a person decides'],
]);
