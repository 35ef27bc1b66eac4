// Owns the words for a single setting: its key, what it is, and who set it.

import type { Command } from './command.ts';
import type { JobName } from './job.ts';
import type { PolicyProblem } from './policy.ts';

/** null: it has its default. */
export type SettingPlace =
  | { readonly kind: 'file'; readonly layer: 'repository' | 'organisation'; readonly line: number }
  | { readonly kind: 'variable'; readonly name: string }
  | null;

export type SettingValue = string | number | boolean | null | readonly number[];

export interface Setting {
  /** As it is written in the file, with dots between the levels. */
  readonly key: string;
  readonly value: SettingValue;
  readonly place: SettingPlace;
}

/** Who set which key, by the keys that hold a value; a key that is missing has its default. */
export type SettingPlaces = ReadonlyMap<string, NonNullable<SettingPlace>>;

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
