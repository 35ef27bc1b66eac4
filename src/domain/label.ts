// Owns what labels mean: the vocabulary people type, and the one reading of it. Colours and texts are wire/labels.ts.
import { LabelName, ModelName } from './ids.ts';
import { isOriginLabel } from './origin-label.ts';
import { createMemory } from './remembering.ts';
import { AskableRole, Complexity, EngineId, TASK_STATES } from './task.ts';
import type { TaskState } from './task.ts';

export const LABEL_FAMILIES = {
  status: 'status:',
  engine: 'agent:',
  model: 'model:',
  complexity: 'complexity:',
  role: 'role:',
  priority: 'priority:',
} as const;

/** Either keeps the machine's hands off: the first for now, the second for good. */
export const STOP_LABELS: readonly LabelName[] = [LabelName.parse('agent-skipped'), LabelName.parse('no-agent')];

/** Higher first; an issue without such a label is 0. `priority:<integer>` says it in figures. */
export const PRIORITIES = { critical: 300, high: 200, medium: 100, low: -100 } as const;

/** A label of one of our families whose value is not in the vocabulary. */
export interface UnknownLabel {
  readonly family: 'engine' | 'complexity' | 'role' | 'priority';
  readonly label: LabelName;
  readonly allowed: readonly LabelName[];
}

/** What the labels of one issue ask for. Lists, since people may contradict themselves; nothing is chosen here. */
export interface LabelAsks {
  readonly intake: boolean;
  /** The label that says "leave it alone", as it is spelled on the issue. */
  readonly stop: LabelName | null;
  readonly engines: readonly EngineId[];
  readonly models: readonly ModelName[];
  readonly complexities: readonly Complexity[];
  readonly roles: readonly AskableRole[];
  readonly priorities: readonly number[];
  readonly statuses: readonly LabelName[];
  /** `parallel:off`: this task runs while nothing else does. */
  readonly alone: boolean;
  /** `instances:3`: so many attempts side by side; 1 without such a label. */
  readonly instances: number;
  /** The labels themselves of the families in which two contradict each other. */
  readonly labels: Readonly<Record<'engine' | 'model' | 'complexity' | 'role', readonly LabelName[]>>;
  readonly unknown: readonly UnknownLabel[];
}

const STATUS_LABEL_OF = new Map(
  TASK_STATES.map((state) => [state, LabelName.parse(`${LABEL_FAMILIES.status}${state}`)] as const),
);

export function statusLabel(state: TaskState): LabelName {
  return STATUS_LABEL_OF.get(state) ?? LabelName.parse(`${LABEL_FAMILIES.status}${state}`);
}

export const STATUS_LABELS: readonly LabelName[] = TASK_STATES.map(statusLabel);
const STATUS_NAMES: ReadonlySet<string> = new Set(STATUS_LABELS.map((label) => label.toLowerCase()));

export function isStatusLabel(label: LabelName): boolean {
  return STATUS_NAMES.has(label.toLowerCase());
}

/** GitHub compares label names without case, and so do we. */
export function sameLabel(a: LabelName, b: LabelName): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

const REMEMBERED_CHARS_MAX = 1_000_000;
const known = createMemory<string, LabelAsks>(REMEMBERED_CHARS_MAX);

/** Most issues carry the same few labels, and each is asked several times a tick. */
export function readLabels(labels: readonly LabelName[], intake_label: LabelName): LabelAsks {
  return known([intake_label, ...labels].join('\u0000'), () => asksIn(labels, intake_label));
}

function asksIn(labels: readonly LabelName[], intake_label: LabelName): LabelAsks {
  return {
    intake: labels.some((label) => sameLabel(label, intake_label)),
    stop: labels.find((label) => STOP_LABELS.some((stop) => sameLabel(stop, label))) ?? null,
    engines: valuesOf(labels, 'engine', EngineId),
    models: valuesOf(labels, 'model', ModelName),
    complexities: valuesOf(labels, 'complexity', Complexity),
    roles: valuesOf(labels, 'role', AskableRole),
    priorities: labels.flatMap((label) => priorityIn(label) ?? []),
    statuses: inFamily(labels, 'status'),
    alone: labels.some((label) => /^parallel:\s*off$/i.test(label)),
    instances: instancesIn(labels),
    labels: {
      engine: inFamily(labels, 'engine'),
      model: inFamily(labels, 'model'),
      complexity: inFamily(labels, 'complexity'),
      role: inFamily(labels, 'role'),
    },
    unknown: labels.flatMap(unknownIn),
  };
}

/** Words to Orch that belong to no family with a value of its own. */
const WORDS = /^(?:phase|parallel|instances):/;

/** What the repository says of an issue for itself. */
export function ownLabels(labels: readonly LabelName[], intake_label: LabelName): readonly LabelName[] {
  const families = Object.values(LABEL_FAMILIES);
  return labels.filter((label) => {
    const name = label.toLowerCase();
    const is_word = WORDS.test(name) || families.some((family) => name.startsWith(family));
    return (
      !is_word && !isOriginLabel(label) && ![intake_label, ...STOP_LABELS].some((known) => sameLabel(known, label))
    );
  });
}

type Family = keyof typeof LABEL_FAMILIES;

function valueIn(label: LabelName, family: Family): string | null {
  const prefix = LABEL_FAMILIES[family];
  return label.toLowerCase().startsWith(prefix) ? label.slice(prefix.length).trim() : null;
}

function inFamily(labels: readonly LabelName[], family: Family): readonly LabelName[] {
  return labels.filter((label) => valueIn(label, family) !== null);
}

interface Vocabulary<Value> {
  safeParse(value: unknown): { readonly success: true; readonly data: Value } | { readonly success: false };
}

function valuesOf<Value>(
  labels: readonly LabelName[],
  family: Family,
  vocabulary: Vocabulary<Value>,
): readonly Value[] {
  return labels.flatMap((label) => {
    const value = valueIn(label, family);
    if (value === null) return [];
    const parsed = vocabulary.safeParse(family === 'model' ? value : value.toLowerCase());
    return parsed.success ? [parsed.data] : [];
  });
}

/** `phase:2` of a sub-issue says that those of lower phases under the same parent come first; of several the last one counts. */
export function phaseOf(labels: readonly LabelName[]): number | null {
  const phases = labels.flatMap((label) => {
    const digits = /^phase:\s*(\d{1,4})$/i.exec(label)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
  return phases.length === 0 ? null : Math.max(...phases);
}

/** Of several the largest counts. */
function instancesIn(labels: readonly LabelName[]): number {
  return Math.max(1, ...labels.map((label) => Number(/^instances:\s*(\d{1,3})$/i.exec(label)?.[1] ?? 1)));
}

function priorityIn(label: LabelName): number | null {
  const word = valueIn(label, 'priority')?.toLowerCase() ?? null;
  if (word === null) return null;
  const named = Object.entries(PRIORITIES).find(([name]) => name === word);
  return named?.[1] ?? (/^-?\d{1,4}$/.test(word) ? Number(word) : null);
}

const VOCABULARY: Readonly<Record<UnknownLabel['family'], readonly string[]>> = {
  engine: EngineId.options,
  complexity: Complexity.options,
  role: AskableRole.options,
  priority: Object.keys(PRIORITIES),
};

const FAMILIES: readonly UnknownLabel['family'][] = ['engine', 'complexity', 'role', 'priority'];

function unknownIn(label: LabelName): readonly UnknownLabel[] {
  return FAMILIES.flatMap((family) => {
    const value = valueIn(label, family)?.toLowerCase() ?? null;
    if (value === null || VOCABULARY[family].includes(value) || (family === 'priority' && priorityIn(label) !== null))
      return [];
    const allowed = VOCABULARY[family].map((known) => LabelName.parse(`${LABEL_FAMILIES[family]}${known}`));
    return [{ family, label, allowed }];
  });
}
