// Owns the text form of the frozen brief: canonical JSON, so that its digest is a property of its content.
import { z } from 'zod';
import type { Brief } from '../domain/brief.ts';
import { bugFault } from '../domain/fault.ts';
import type { Fault } from '../domain/fault.ts';
import { AttemptNumber, BranchName, CommitSha, Instant, IssueNumber, ModelName, RunId, TaskId } from '../domain/ids.ts';
import { Complexity, EngineId, Role } from '../domain/task.ts';
import { byteLength, cutChars } from './cut.ts';

/** An issue and a hundred comments at GitHub's own limits are more than any prompt holds. */
const BRIEF_BYTES_MAX = 8 * 1024 * 1024;

const Passage = z.strictObject({
  by: z.string(),
  trust: z.enum(['trusted', 'known', 'stranger']),
  at: Instant,
  text: z.string(),
});

const Command = z.array(z.string()).min(1);

const Engine = z.strictObject({
  id: EngineId,
  weight: z.number(),
  version: z.string().nullable(),
  command: z.array(z.string()).nullable(),
  env: z.record(z.string(), z.string()),
  hosts: z.array(z.string()),
  base_url: z.string().nullable(),
  parallel_max: z.number().int().positive().nullable(),
  turns_max: z.number().nullable(),
  cost_usd_max: z.number().nullable(),
});

const BriefText = z.strictObject({
  version: z.literal(1),
  task: TaskId,
  attempt: AttemptNumber,
  run: RunId,
  role: Role,
  engine: Engine,
  plain: z.boolean(),
  model: ModelName.nullable(),
  complexity: Complexity,
  profile: z.strictObject({
    skills: z.array(z.string()),
    tools: z.array(z.string()),
    constraints: z.array(z.string()),
  }),
  repository: z.strictObject({ owner: z.string(), name: z.string(), url: z.string(), default_branch: BranchName }),
  base: CommitSha,
  branch: BranchName,
  continues: CommitSha.nullable(),
  issue: z.strictObject({ number: IssueNumber, title: z.string(), url: z.string(), body: Passage }).nullable(),
  asked: Passage.nullable(),
  thread: z.array(Passage),
  thread_cut: z.boolean(),
  relations: z.array(
    z.strictObject({ issue: IssueNumber, title: z.string(), relation: z.literal('depends_on'), open: z.boolean() }),
  ),
  past: z.array(
    z.strictObject({
      number: AttemptNumber,
      engine: EngineId,
      outcome: z.string(),
      detail: z.string(),
      summary: z.string(),
    }),
  ),
  timeout_minutes: z.number().positive(),
  silence_minutes_max: z.number().positive(),
  setup: z.array(Command),
  verify: z.array(Command),
  verify_rounds_max: z.number(),
  required_tools: z.array(z.string()),
  registry_hosts: z.array(z.string()),
  sandbox: z.enum(['on', 'off']),
  gate: z.strictObject({
    files_max: z.number(),
    bytes_max: z.number(),
    file_bytes_max: z.number(),
    protected_paths: z.array(z.string()),
    submodules: z.literal('refuse'),
  }),
  pull_request: z.strictObject({ draft: z.boolean(), reviewers: z.array(z.string()) }),
  auto_close: z.boolean().default(true), // unsaid where the claim is older than the field
});

/** Keys sorted at every depth: two equal briefs are equal bytes. */
export function renderBrief(brief: Brief): string {
  const before = rendered.get(brief);
  if (before !== undefined) return before;
  const text = `${JSON.stringify(brief, sortedKeys, 1)}\n`;
  rendered.set(brief, text);
  return text;
}

/** It is digested for the claim, and then frozen as it was digested. */
const rendered = new WeakMap<Brief, string>();

function sortedKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Reconcile wrote it in the same run, so a brief that does not parse is our own bug. */
export function parseBrief(text: string): Brief {
  if (byteLength(text) > BRIEF_BYTES_MAX) throw unreadable(`it is larger than ${BRIEF_BYTES_MAX} bytes`);
  const parsed = BriefText.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw unreadable(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unreadable(error instanceof Error ? error.message : String(error));
  }
}

function unreadable(cause: string): Fault {
  return bugFault({
    title: 'The brief cannot be read',
    cause: cutChars(cause, 500),
    remedy: 'Use the same version of Orch in every job of the workflow.',
  });
}
