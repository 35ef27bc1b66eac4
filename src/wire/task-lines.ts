// Owns tasks as lines of JSON: what an export writes, and what other trackers' files hold.
import { z } from 'zod';
import { PRIORITY_NAMES } from '../domain/command.ts';
import type { DoneSoFar, TaskLine } from '../domain/task-line.ts';
import { TITLE_CHARS_MAX, unclearAt } from '../domain/task-document.ts';
import type { Unclear } from '../domain/task-document.ts';

const word = z.string().trim().min(1).max(200);
const words = z.array(z.string().trim().min(1).max(200)).max(100).readonly();
// Without a bound of its own: the file has one, and a text too long for an issue is cut there, and says so.
const text = z.string();

/** By rank, as several trackers count: 0 goes first. */
const RANKED = ['critical', 'high', 'medium', 'low', 'low'] as const;
const Priority = z
  .union([
    z.enum(PRIORITY_NAMES),
    z
      .int()
      .min(0)
      .max(4)
      .transform((rank) => RANKED[rank] ?? null),
  ])
  .nullable()
  .catch(null);

/** Of those that say what they mean, only what blocks has to end before. */
const Dependency = z.union([
  word,
  z
    .looseObject({ depends_on_id: word, type: z.string().nullish() })
    .transform(({ depends_on_id, type }) => ((type ?? 'blocks') === 'blocks' ? depends_on_id : null)),
]);

const Done = z.object({
  engine: z.string().nullable(),
  attempts: z.int(),
  pull_request: z.int().nullable(),
  cost_usd: z.number().nullable(),
  tokens: z.number().nullable(),
  parent: z.string().nullable(),
  as_of: z.string(),
});

// Others write null for what they do not say.
const Line = z.looseObject({
  id: z.union([word, z.int().transform(String)]),
  title: z.string(),
  body: text.nullish(),
  description: text.nullish(),
  state: word.nullish(),
  status: word.nullish(),
  priority: Priority.default(null),
  phase: z.int().min(0).max(999).nullable().catch(null).default(null),
  labels: words.nullish(),
  dependencies: z.array(Dependency).max(100).nullish(),
  files: words.nullish(),
  done_so_far: Done.optional().catch(undefined),
});

export interface TaskLines {
  readonly tasks: readonly { readonly line: number; readonly task: TaskLine }[];
  readonly unclear: readonly Unclear[];
}

/** Compact, keys in a fixed order, so that two exports can be compared line by line. */
export function renderTaskLines(tasks: readonly TaskLine[]): string {
  return tasks.map((task) => `${JSON.stringify(ordered(task))}\n`).join('');
}

function ordered({ done_so_far, ...task }: TaskLine): object {
  const { id, title, body, state, priority, phase, labels, dependencies, files } = task;
  const said = { id, title, body, state, priority, phase, labels, dependencies, files };
  return done_so_far === undefined ? said : { ...said, done_so_far: orderedDone(done_so_far) };
}

function orderedDone({ engine, attempts, pull_request, cost_usd, tokens, parent, as_of }: DoneSoFar): DoneSoFar {
  return { engine, attempts, pull_request, cost_usd, tokens, parent, as_of };
}

/** Never throws: a line that says nothing costs no other. */
export function parseTaskLines(lines: string): TaskLines {
  const tasks: { readonly line: number; readonly task: TaskLine }[] = [];
  const unclear: Unclear[] = [];
  lines
    .replace(/^\uFEFF/, '')
    .split('\n')
    .forEach((line, at) => {
      if (line.trim() === '') return;
      const task = parseLine(line);
      if ('why' in task) unclear.push(unclearAt(at + 1, task.why, task.words));
      else tasks.push({ line: at + 1, task });
    });
  return { tasks, unclear };
}

function parseLine(line: string): TaskLine | Pick<Unclear, 'why' | 'words'> {
  const json = jsonOf(line);
  if (json === undefined) return { why: 'not_json', words: line };
  const parsed = Line.safeParse(json);
  if (!parsed.success) {
    const field = wrongField(json, parsed.error);
    return field === null ? { why: 'no_title', words: line } : { why: 'wrong_field', words: field };
  }
  const { id, title, body, description, state, status, priority, phase, labels, dependencies, files } = parsed.data;
  if (title.trim() === '') return { why: 'no_title', words: line };
  const { done_so_far } = parsed.data;
  return {
    id,
    title: Array.from(title.trim()).slice(0, TITLE_CHARS_MAX).join(''),
    body: body ?? description ?? '',
    state: state ?? status ?? null,
    priority,
    phase,
    labels: labels ?? [],
    dependencies: (dependencies ?? []).filter((one) => one !== null),
    files: files ?? [],
    ...(done_so_far === undefined ? {} : { done_so_far }),
  };
}

const Identified = z.looseObject({ id: z.union([z.string().trim().min(1), z.int()]), title: z.string() });

/** null: it says nothing that a field could be wrong of. */
function wrongField(json: unknown, { issues: [issue] }: z.ZodError): string | null {
  return Identified.safeParse(json).success ? String(issue?.path[0] ?? '') : null;
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
