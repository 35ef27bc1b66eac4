// Owns the form every journal shares: a commit message with a subject for people and one versioned JSON object per line.
import { z } from 'zod';
import { personFault } from '../domain/fault.ts';
import type { Fault } from '../domain/fault.ts';

const VERSION = 1;

const Line = z.object({ v: z.number().int() }).loose();

/**
 * The subject is for people who read `git log`; the lines under it are the records. `writer` names the process: two
 * that write the same records in the same second must not make the same commit, or both would win the swap.
 */
export function renderRecords(records: readonly { readonly kind: string }[], writer: string): string {
  const subject = `orch: ${records.map(({ kind }) => kind).join(', ')} (${writer})`;
  const lines = records.map((record) => JSON.stringify({ v: VERSION, ...record }));
  return `${subject}\n\n${lines.join('\n')}\n`;
}

interface Schema<Value> {
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: Value }
    | { readonly success: false; readonly error: { readonly issues: readonly z.core.$ZodIssue[] } };
}

/** Throws a Fault for a person: a journal we cannot read is never guessed at. */
export function parseRecords<Value>(message: string, schema: Schema<Value>): readonly Value[] {
  return message
    .split('\n')
    .slice(1)
    .filter((line) => line.trim() !== '')
    .map((line) => parseLine(line, schema));
}

function parseLine<Value>(line: string, schema: Schema<Value>): Value {
  const value = parseJson(line);
  const versioned = Line.safeParse(value);
  if (!versioned.success || versioned.data.v > VERSION)
    throw unreadableRecords(`a record of version ${versioned.data?.v ?? '?'}`);
  const record = schema.safeParse(value);
  if (record.success) return record.data;
  throw unreadableRecords(record.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw unreadableRecords(error instanceof Error ? error.message : String(error));
  }
}

export function unreadableRecords(cause: string): Fault {
  return personFault({
    title: 'A journal cannot be read',
    cause: `its newest commit holds ${cause.slice(0, 300)}`,
    remedy:
      'Use the Orch version that wrote it or a newer one. If the ref was edited by hand, delete it: it is rebuilt from the state comment.',
  });
}
