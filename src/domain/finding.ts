// Owns what Orch may find in its own history: figures as data, under a name that stays the same from week to week.
import { z } from 'zod';
import { sha256 } from './digest.ts';
import { ModelName, TaskId } from './ids.ts';
import { OutcomeKind } from './outcome.ts';
import { Complexity, EngineId } from './task.ts';

const count = z.number().int().nonnegative();

export const Finding = z.discriminatedUnion('kind', [
  /** `others_*`: of all other engines together, on tasks of the same complexity. */
  z.object({
    kind: z.literal('engine_fails'),
    engine: EngineId,
    complexity: Complexity,
    failed: count,
    tries: count,
    others_failed: count,
    others_tries: count,
  }),
  /** `failed` of `tasks`: those whose last proof by this command failed. Others' text. */
  z.object({ kind: z.literal('proof_fails'), command: z.string(), failed: count, tasks: count }),
  /** `longest`: those that have waited longest. */
  z.object({ kind: z.literal('people_wait'), tasks: count, days: count, longest: z.array(TaskId) }),
  z.object({ kind: z.literal('time_runs_out'), complexity: Complexity, ended: count, tries: count }),
  z.object({ kind: z.literal('circuit_opens'), times: count, outcome: OutcomeKind }),
  z.object({
    kind: z.literal('limit_met'),
    engine: EngineId,
    model: ModelName.nullable(),
    days: count,
    of_days: count,
  }),
  z.object({ kind: z.literal('budget_reached'), unit: z.enum(['usd', 'tokens']), days: count, of_days: count }),
]);
export type Finding = z.infer<typeof Finding>;

/** Two findings of one key are the same one, with newer figures. */
export function findingKey(finding: Finding): string {
  switch (finding.kind) {
    case 'engine_fails':
      return `${finding.kind} ${finding.engine} ${finding.complexity}`;
    case 'proof_fails':
      return `${finding.kind} ${sha256(finding.command).slice(0, 16)}`;
    case 'time_runs_out':
      return `${finding.kind} ${finding.complexity}`;
    case 'circuit_opens':
      return `${finding.kind} ${finding.outcome}`;
    case 'limit_met':
      return `${finding.kind} ${finding.engine} ${finding.model ?? ''}`.trim();
    case 'budget_reached':
      return `${finding.kind} ${finding.unit}`;
    case 'people_wait':
      return finding.kind;
  }
}

/** Of one run, and of the runs of a week. */
export const FINDINGS_MAX = 3;
/** So long nothing is said twice, be its issue open, closed or gone. */
export const FINDING_QUIET_DAYS = 30;
/** What the figures are of. */
export const FINDING_WINDOW_DAYS = 28;
