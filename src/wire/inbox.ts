// Owns the text form of a dispatch kept in `refs/orch/inbox/<run>`.
import { z } from 'zod';
import { Verb } from '../domain/command.ts';
import type { Command, InboxEntry } from '../domain/command.ts';
import { Instant, IssueNumber, Login, ModelName, RunId } from '../domain/ids.ts';
import { EngineId, Role } from '../domain/task.ts';

const Ask = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('command'),
    issue: IssueNumber,
    verb: Verb,
    engine: EngineId.nullable(),
    model: ModelName.nullable(),
  }),
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
  const flat = ask.kind === 'prompt' ? ask : { kind: ask.kind, issue: ask.issue, ...wordsOf(ask.command) };
  return `orch: asked\n\n${JSON.stringify({ v: 1, run: entry.run, by: entry.by, at: entry.at, ask: flat })}\n`;
}

/** null: not an entry of ours; the tick leaves it and warns. */
export function parseInboxMessage(message: string): InboxEntry | null {
  const parsed = Entry.safeParse(jsonOf(message.split('\n')[2] ?? ''));
  if (!parsed.success) return null;
  const { run, by, at, ask } = parsed.data;
  if (ask.kind === 'prompt') return { run, by, at, ask };
  return { run, by, at, ask: { kind: 'command', issue: ask.issue, command: commandOf(ask) } };
}

function wordsOf(command: Command): {
  readonly verb: Verb;
  readonly engine: EngineId | null;
  readonly model: ModelName | null;
} {
  return command.verb === 'retry' ? command : { verb: command.verb, engine: null, model: null };
}

/** The words of a command as one value; engine and model only mean something to `retry`. */
export function commandOf({
  verb,
  engine,
  model,
}: {
  readonly verb: Verb;
  readonly engine: EngineId | null;
  readonly model: ModelName | null;
}): Command {
  return verb === 'retry' ? { verb, engine, model } : { verb };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
