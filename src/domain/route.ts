// Owns the decision "which engine, which model": its shape, where it came from, and what an LLM may answer.
import type { ModelName } from './ids.ts';
import type { Complexity, EngineId, Role } from './task.ts';

/** Which stage of the chain decided; shown to people and used for the fallback alarm. */
export type RouteSource = 'label' | 'command' | 'rule' | 'model' | 'llm' | 'round_robin' | 'only_choice';

export interface Profile {
  readonly skills: readonly string[];
  readonly tools: readonly string[];
  readonly constraints: readonly string[];
}

export interface Route {
  readonly engine: EngineId;
  readonly model: ModelName | null;
  readonly complexity: Complexity;
  readonly role: Role;
  readonly source: RouteSource;
  readonly profile: Profile;
  /** 0 … 1 as the LLM said; null when no LLM was asked. */
  readonly confidence: number | null;
  readonly likely_files: readonly string[];
  /** At most 200 characters, for display only: it never enters a brief as ours. */
  readonly reason: string;
}

/** What the router port hands back for one task: an answer, or why there is none (the chain then falls through). */
export type RouteAnswer =
  | {
      readonly kind: 'answered';
      readonly engine: EngineId;
      readonly complexity: Complexity;
      readonly role: Role;
      readonly profile: Profile;
      readonly confidence: number;
      readonly likely_files: readonly string[];
      readonly reason: string;
    }
  | {
      readonly kind: 'unanswered';
      readonly why: 'timeout' | 'invalid' | 'error' | 'no_key' | 'off';
      readonly detail: string;
    };
