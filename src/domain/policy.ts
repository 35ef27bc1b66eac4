// Owns Policy: everything a maintainer may set, after defaults; input/policy-file.ts is how it is written down.
import type { Verb } from './command.ts';
import type { HookName } from './hook.ts';
import type { LabelName, ModelName } from './ids.ts';
import type { Job } from './job.ts';
import type { RetryTable } from './retry-rule.ts';
import type { Complexity, EngineId, Role, RoleName } from './task.ts';

export interface EnginePolicy {
  readonly id: EngineId;
  /** Relative share in the weighted round robin; 0 keeps it for labels and rules only. */
  readonly weight: number;
  /** npm version to install when the CLI is not on PATH; null for custom. */
  readonly version: string | null;
  /** Custom engine only: argument array with `${SLOT}` placeholders (see agent/custom.ts). */
  readonly command: readonly string[] | null;
  /** Environment the engine gets besides ours; values are plain, never secrets. */
  readonly env: Readonly<Record<string, string>>;
  /** Hosts the engine may reach besides its model host. */
  readonly hosts: readonly string[];
  /** Base URL of the model's API when it is not the vendor's own. */
  readonly base_url: string | null;
  /** Attempts of this engine at the same time; null: only the repository's own limit holds. */
  readonly parallel_max: number | null;
  readonly turns_max: number | null;
  readonly cost_usd_max: number | null;
}

export interface RouteRule {
  /** All given conditions must hold; labels: all of them; title/body: case-insensitive substring. */
  readonly when: {
    readonly labels: readonly LabelName[];
    readonly title_contains: readonly string[];
    readonly body_contains: readonly string[];
  };
  readonly engine: EngineId | null;
  readonly model: ModelName | null;
  readonly complexity: Complexity | null;
  readonly role: Role | null;
}

export interface RouterPolicy {
  readonly mode: 'llm' | 'round_robin';
  readonly provider: 'anthropic' | 'openai' | 'google' | 'openai_compatible';
  readonly model: ModelName;
  readonly base_url: string | null;
  readonly timeout_seconds: number;
  /** Below this the answer is not used. */
  readonly confidence_min: number;
  readonly route_attempts_max: number;
  /** Warn when more than this share of the last routes fell through to the round robin. */
  readonly fallback_share_max: number;
  /** Ids the LLM may choose from; it may name nothing else. */
  readonly skills: readonly string[];
  readonly tools: readonly string[];
  readonly constraints: readonly string[];
}

export interface GatePolicy {
  readonly files_max: number;
  readonly bytes_max: number;
  readonly file_bytes_max: number;
  /** Glob patterns an attempt may not touch. */
  readonly protected_paths: readonly string[];
  readonly submodules: 'refuse';
}

export type SpendUnit = 'usd' | 'tokens';

/** Dollars as the engines tell them, and tokens read and written; null: no limit. */
export type SpendLimit = Readonly<Record<SpendUnit, number | null>>;

export interface Policy {
  readonly intake: { readonly label: LabelName; readonly permission: RoleName };
  readonly engines: readonly EnginePolicy[];
  readonly rules: readonly RouteRule[];
  readonly router: RouterPolicy;
  /** `model_map[complexity][engine]`; a missing cell means the engine's own default model. */
  readonly model_map: Readonly<Record<Complexity | 'review', Readonly<Partial<Record<EngineId, ModelName>>>>>;
  readonly parallel_max: number;
  /** Of one task side by side, whatever its label asks for. */
  readonly instances_max: number;
  /** With it the pool grows from here to `parallel_max` while more waits than runs; null: it is fixed. */
  readonly parallel_min: number | null;
  /** Jobs that the plan lets run at the same time, ours included. */
  readonly runners_max: number;
  /** How long tasks that will probably touch the same files wait for each other. */
  readonly overlap: 'off' | 'running' | 'merged';
  /** After this a task goes before all but those that a person put forward by a command. */
  readonly patience_hours: number;
  readonly attempts_max: number;
  readonly infra_attempts_max: number;
  /** Starts in the whole repository within any sixty minutes; null: no limit. */
  readonly attempts_per_hour_max: number | null;
  /** `task`: in one round of a task; `day` and `month`: of the whole repository, in UTC. Asked before each attempt. */
  readonly budget: Readonly<Record<'task' | 'day' | 'month', SpendLimit>>;
  /** A task that failed for good keeps everything else from starting until a person acts. */
  readonly stop_on_failure: boolean;
  /** How long other tasks leave an engine alone after a limit of its key, and after its model was not there; 0: not at all. */
  readonly cooldown_minutes: { readonly engine: number; readonly model: number };
  /** `tasks_max` tasks that fail in one way within the window, with no success between, stop new starts; 0 switches it off. */
  readonly circuit: { readonly tasks_max: number; readonly window_minutes: number; readonly cooldown_minutes: number };
  /** What follows from each way an attempt can end: one row a class. */
  readonly retry: RetryTable;
  /** Minutes before attempt 2, 3, …; the last one repeats. The first retry is immediate when it is 0. */
  readonly backoff_minutes: readonly number[];
  readonly timeout_minutes: Readonly<Record<Complexity, number>>;
  /** A timed-out attempt is tried once more with its limit multiplied by this. */
  readonly timeout_factor: number;
  readonly silence_minutes_max: number;
  readonly setup: readonly (readonly string[])[];
  readonly verify: readonly (readonly string[])[];
  readonly verify_rounds_max: number;
  readonly required_tools: readonly string[];
  readonly registry_hosts: readonly string[];
  readonly sandbox: 'on' | 'off';
  readonly gate: GatePolicy;
  readonly pull_request: { readonly draft: boolean; readonly reviewers: readonly string[] };
  readonly auto_close: boolean;
  readonly delete_branch: boolean;
  readonly workflow: 'single' | 'staged';
  readonly assignment: 'auto' | 'manual' | 'hybrid';
  readonly mention: string;
  /** Of which changes a person is called by a comment of its own: `errors` where they must act. */
  readonly notify: 'all' | 'errors' | 'none';
  /** Type of the `repository_dispatch` that tells of a moment; absent: nobody is told. */
  readonly hooks: Readonly<Partial<Record<HookName, string>>>;
  readonly project: { readonly owner: string; readonly number: number } | null;
  readonly runs_on: { readonly attempt: string };
  readonly sweep_hours_max: number;
  readonly commands: Readonly<Record<Verb, RoleName>>;
  readonly jobs: readonly Job[];
}

/** Where the policy in force came from; people are told when it is not the newest file. */
export type PolicyOrigin =
  | { readonly kind: 'defaults' }
  | { readonly kind: 'newest' }
  | { readonly kind: 'last_good'; readonly commit: string; readonly problems: readonly PolicyProblem[] }
  | { readonly kind: 'defaults_after_error'; readonly problems: readonly PolicyProblem[] };

/** What the policy in force was read from; null: there is no such file. */
export interface PolicyTexts {
  readonly repository: string | null;
  readonly organisation: string | null;
}

export interface PolicyProblem {
  readonly line: number | null;
  readonly key: string;
  readonly problem: string;
  readonly remedy: string;
}
