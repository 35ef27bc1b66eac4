// Owns what an obeyed command changes for the whole repository, and what is answered to it.
import type { Command } from '../domain/command.ts';
import type { Answer } from '../domain/decision.ts';
import type { RoomRecord } from '../domain/room.ts';
import { changeOf } from '../domain/setting.ts';
import type { ConfigChange } from '../domain/setting.ts';
import { branchFor } from './proposals.ts';
import type { Utterance } from './steps/obey-commands.ts';
import type { World } from './world.ts';

export function roomRecordOf(
  { at, by, from }: Pick<Utterance, 'at' | 'by' | 'from'>,
  command: Command,
): readonly RoomRecord[] {
  if (command.verb === 'pause') return [{ kind: 'paused', at, by, from }];
  if (command.verb === 'resume') return [{ kind: 'resumed', at, by, from }];
  return command.verb === 'job' ? jobRecordOf({ at, by }, command) : [];
}

function jobRecordOf(
  { at, by }: Pick<Utterance, 'at' | 'by'>,
  command: Command & { readonly verb: 'job' },
): readonly RoomRecord[] {
  switch (command.action) {
    case 'list':
    case 'check':
    case 'add':
    case 'remove':
      return [];
    case 'run':
      return [{ kind: 'job_wanted', at, by, job: command.name }];
    case 'enable':
    case 'disable':
      return [{ kind: 'job_switched', at, by, job: command.name, on: command.action === 'enable' }];
  }
}

export function sayOf(command: Command, world: World): Answer['say'] {
  const { verb } = command;
  const change = changeOf(command);
  if (change !== null) return proposedIn(change, world);
  if (verb === 'ask') return { kind: 'asked' };
  if (verb === 'export') return { kind: 'export' };
  if (command.verb === 'job') return jobSayOf(command);
  if (command.verb === 'settings') return { kind: 'settings', key: command.key };
  if (command.verb === 'queue') return { kind: 'queue', of: command.of };
  return verb === 'why' || verb === 'help' || verb === 'status' ? { kind: verb } : null;
}

function proposedIn(change: ConfigChange, world: World): Answer['say'] {
  const branch = branchFor(change, world);
  return branch === null ? null : { kind: 'proposed', change, branch };
}

function jobSayOf(command: Command & { readonly verb: 'job' }): Answer['say'] {
  switch (command.action) {
    case 'list':
      return { kind: 'jobs' };
    case 'check':
      return { kind: 'runs', schedule: { cron: command.cron, timezone: command.timezone } };
    case 'add':
    case 'remove':
    case 'enable':
    case 'disable':
    case 'run':
      return null;
  }
}
