// Owns the words for a single setting: its key, what it is, and who set it.

import type { Command } from './command.ts';
import type { JobName } from './job.ts';
import type { Policy, PolicyProblem } from './policy.ts';

/** null: it has its default. */
export type SettingPlace =
  | { readonly kind: 'file'; readonly layer: 'repository' | 'organisation'; readonly line: number }
  | { readonly kind: 'variable'; readonly name: string }
  | null;

/** A list of more than words and figures is told as JSON. */
export type SettingValue = string | number | boolean | null | readonly (string | number)[];

export interface Setting {
  /** As it is written in the file, with dots between the levels. */
  readonly key: string;
  readonly value: SettingValue;
  readonly place: SettingPlace;
}

/** Who set which key, by the keys that hold a value; a key that is missing has its default. */
export type SettingPlaces = ReadonlyMap<string, NonNullable<SettingPlace>>;

/** Every setting by its key, as the policy in force has it. */
export function allSettings({ engines, ...policy }: Policy): readonly (readonly [key: string, value: SettingValue])[] {
  const by_id = Object.fromEntries(engines.map(({ id, ...engine }) => [id, engine]));
  return leavesOf({ ...policy, engines: by_id }, []);
}

/** Those of one key, or of all that stand below it. */
export function settingsUnder(key: string, policy: Policy): readonly (readonly [key: string, value: SettingValue])[] {
  return allSettings(policy).filter(([each]) => each === key || each.startsWith(`${key}.`));
}

function leavesOf(value: unknown, path: readonly string[]): readonly (readonly [string, SettingValue])[] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([key, below]) => leavesOf(below, [...path, key]));
  }
  return [[path.join('.'), leafOf(value)]];
}

function leafOf(value: unknown): SettingValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (!Array.isArray(value)) return null;
  const flat = value.filter((item) => typeof item === 'string' || typeof item === 'number');
  return flat.length === value.length ? flat : JSON.stringify(value);
}

/** What somebody wants the configuration to say. */
export type ConfigChange =
  /** `value` as it was typed, in YAML; `default` takes the key out of the file. */
  | { readonly kind: 'set'; readonly key: string; readonly value: string }
  | {
      readonly kind: 'add_job';
      readonly name: JobName;
      readonly cron: string;
      readonly timezone: string;
      readonly role: 'task' | 'audit';
      readonly prompt: string;
    }
  | { readonly kind: 'remove_job'; readonly name: JobName };

export const CONFIG_PATH = '.github/orch.yml';

/** What a change makes of the file: its whole text, or why not. */
export type ConfigEdit =
  | { readonly kind: 'edited'; readonly before: string | null; readonly after: string }
  /** It says so already. */
  | { readonly kind: 'same' }
  | { readonly kind: 'refused'; readonly problem: PolicyProblem };

/** Two who want the same ask the same. */
export function changeKey(change: ConfigChange): string {
  return JSON.stringify(change);
}

/** null: the command changes no file. */
export function changeOf(command: Command): ConfigChange | null {
  if (command.verb === 'set') return { kind: 'set', key: command.key, value: command.value };
  if (command.verb !== 'job') return null;
  if (command.action === 'remove') return { kind: 'remove_job', name: command.name };
  if (command.action !== 'add') return null;
  const { name, cron, timezone, role, prompt } = command;
  return { kind: 'add_job', name, cron, timezone, role, prompt };
}
