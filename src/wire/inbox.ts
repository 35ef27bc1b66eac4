// Owns the text form of a dispatch kept in `refs/orch/inbox/<run>`.
import { z } from 'zod';
import { Command, Verb } from '../domain/command.ts';
import type { InboxEntry } from '../domain/command.ts';
import { commandOf, spokenWords } from '../domain/spoken.ts';
import { Instant, IssueNumber, Login, ModelName, RunId, TaskId } from '../domain/ids.ts';
import { EngineId, Role } from '../domain/task.ts';

const Ask = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('command'),
    issue: IssueNumber,
    verb: Verb,
    engine: EngineId.nullable(),
    model: ModelName.nullable(),
    /** The whole of it; entries written before there was more than these words have none. */
    command: Command.optional(),
  }),
  z.object({ kind: z.literal('word'), task: TaskId.nullable(), command: Command }),
  z.object({
    kind: z.literal('prompt'),
    title: z.string().min(1).max(300),
    prompt: z.string().min(1).max(65_536),
    engine: EngineId.nullable(),
    model: ModelName.nullable(),
    role: Role,
  }),
]);

const Entry = z.object({ v: z.literal(1), run: RunId, by: Login, at: Instant, ask: Ask });

export function renderInboxMessage(entry: InboxEntry): string {
  const { ask } = entry;
  const flat =
    ask.kind !== 'command'
      ? ask
      : { kind: ask.kind, issue: ask.issue, ...spokenWords(ask.command), command: ask.command };
  return `orch: asked\n\n${JSON.stringify({ v: 1, run: entry.run, by: entry.by, at: entry.at, ask: flat })}\n`;
}

/** null: not an entry of ours; the tick leaves it and warns. */
export function parseInboxMessage(message: string): InboxEntry | null {
  const parsed = Entry.safeParse(jsonOf(message.split('\n')[2] ?? ''));
  if (!parsed.success) return null;
  const { run, by, at, ask } = parsed.data;
  if (ask.kind !== 'command') return { run, by, at, ask };
  return { run, by, at, ask: { kind: 'command', issue: ask.issue, command: commandOf(ask) } };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
