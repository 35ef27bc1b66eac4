// Owns Orch's labels: the manifest, and what a person's label asks for.
import { LabelName, ModelName } from '../domain/ids.ts';
import { Complexity, EngineId, TASK_STATES } from '../domain/task.ts';
import type { TaskState } from '../domain/task.ts';

export interface LabelSpec {
  readonly name: LabelName;
  /** Six hexadecimal digits, without `#`. */
  readonly color: string;
  readonly description: string;
}

export const SKIP_LABEL = LabelName.parse('agent-skipped');
export const NEVER_LABEL = LabelName.parse('no-agent');

const STATUS_TEXT: Readonly<Record<TaskState, readonly [color: string, description: string]>> = {
  new: ['ededed', 'In the queue, not routed yet'],
  routed: ['c5def5', 'Engine and model are chosen; waits for its turn'],
  in_progress: ['1d76db', 'An engine works on it'],
  in_review: ['8a63d2', 'Its pull request is open'],
  done: ['0e8a16', 'Merged'],
  blocked: ['fbca04', 'Waits for another issue'],
  needs_review: ['d93f0b', 'A person must act; the comment says how'],
  skipped: ['bfbfbf', 'Taken out of the queue'],
  archived: ['7f7f7f', 'Closed as not planned'],
};

export function statusLabel(state: TaskState): LabelName {
  return LabelName.parse(`status:${state}`);
}

/** Every status label that is on an issue; more than one is a contradiction that the next tick repairs. */
export function statusLabelsOn(labels: readonly LabelName[]): readonly LabelName[] {
  const known = new Set(TASK_STATES.map(statusLabel));
  return labels.filter((label) => known.has(label));
}

/** Labels that Orch creates when they are missing. */
export function labelManifest(intake: LabelName): readonly LabelSpec[] {
  return [
    { name: intake, color: '5319e7', description: 'Orch: put this issue into the queue' },
    { name: SKIP_LABEL, color: 'bfbfbf', description: 'Orch: take this issue out of the queue' },
    { name: NEVER_LABEL, color: 'bfbfbf', description: 'Orch: never touch this issue' },
    ...TASK_STATES.map((state) => {
      const [color, description] = STATUS_TEXT[state];
      return { name: statusLabel(state), color, description: `Orch: ${description}` };
    }),
  ];
}

export type Asked<T> = { readonly kind: 'none' } | { readonly kind: 'asked'; readonly value: T } | { readonly kind: 'unknown'; readonly label: LabelName };

export interface LabelWishes {
  readonly engine: Asked<EngineId>;
  readonly model: Asked<ModelName>;
  readonly complexity: Asked<Complexity>;
  /** `priority:high|medium|low`, or `priority:<integer>`; higher first, 0 without one. */
  readonly priority: Asked<number>;
}

/** A person's labels as wishes. Two labels of one kind: the first in GitHub's order counts. */
export function parseLabels(labels: readonly LabelName[]): LabelWishes {
  return {
    engine: first(labels, 'agent:', (word) => parsedOr(EngineId.safeParse(word.toLowerCase()))),
    model: first(labels, 'model:', (word) => parsedOr(ModelName.safeParse(word))),
    complexity: first(labels, 'complexity:', (word) => parsedOr(Complexity.safeParse(word.toLowerCase()))),
    priority: first(labels, 'priority:', priorityOf),
  };
}

const PRIORITIES: Readonly<Record<string, number>> = { critical: 300, high: 200, medium: 100, low: -100 };

function priorityOf(word: string): number | null {
  const named = PRIORITIES[word.toLowerCase()];
  if (named !== undefined) return named;
  return /^-?\d{1,4}$/.test(word) ? Number(word) : null;
}

function parsedOr<T>(parsed: { readonly success: true; readonly data: T } | { readonly success: false }): T | null {
  return parsed.success ? parsed.data : null;
}

function first<T>(labels: readonly LabelName[], prefix: string, read: (word: string) => T | null): Asked<T> {
  const label = labels.find((name) => name.toLowerCase().startsWith(prefix));
  if (label === undefined) return { kind: 'none' };
  const value = read(label.slice(prefix.length).trim());
  return value === null ? { kind: 'unknown', label } : { kind: 'asked', value };
}
