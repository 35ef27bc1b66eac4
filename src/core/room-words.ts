// Owns which words change the room: saying it twice, or hearing it twice, is no change.
import type { Command, InboxEntry } from '../domain/command.ts';
import type { Proposal, Say } from '../domain/decision.ts';
import type { Instant } from '../domain/ids.ts';
import { epochMs, isBefore } from '../domain/instant.ts';
import type { RefusalNotice } from '../domain/notice.ts';
import { jobState, withRoomRecords } from '../domain/room.ts';
import type { Room, RoomRecord } from '../domain/room.ts';
import { changeOf } from '../domain/setting.ts';
import type { RoleName } from '../domain/task.ts';
import { roomRecordOf, sayOf } from './command-effects.ts';
import type { Draft } from './draft.ts';
import { judgeEpic } from './imports.ts';
import { judgeJob } from './judge-job.ts';
import { dispatchRole, mayCommand } from './permissions.ts';
import { isOld, judgeChange, judgeKey, proposalOf } from './proposals.ts';
import type { World } from './world.ts';

/** In the order they were said. */
export function roomRecords(drafts: readonly Draft[], world: World): readonly RoomRecord[] {
  const dispatched = world.snapshot.inbox.flatMap((entry) => wordToAll(entry, world)?.room ?? []);
  const said = [...drafts.flatMap(({ room }) => room), ...dispatched].sort((a, b) => epochMs(a.at) - epochMs(b.at));
  let { state } = world.snapshot.room;
  return said.filter((record) => {
    const changes = isNews(state, record);
    if (changes) state = withRoomRecords(state, [record]);
    return changes;
  });
}

/** A word that is older than what it would change has been heard before. */
function isNews(room: Room, record: RoomRecord): boolean {
  switch (record.kind) {
    case 'paused':
      return room.paused === null;
    case 'resumed':
      return room.paused !== null;
    case 'job_wanted': {
      const { wanted, ran } = jobState(room, record.job) ?? { wanted: null, ran: null };
      return [wanted?.at, ran?.slot].every((at) => at === undefined || isBefore(at, record.at));
    }
    case 'job_switched': {
      const switched = jobState(room, record.job)?.switched ?? null;
      if (switched === null) return !record.on;
      return switched.on !== record.on && isBefore(switched.at, record.at);
    }
    case 'mention_read':
    case 'job_seen':
    case 'job_ran':
      return true;
  }
}

export interface WordToAll {
  readonly room: readonly RoomRecord[];
  /** null: the room says it all. */
  readonly say: Say | null;
}

/** What a dispatch says to the whole repository; null: it speaks to a task. */
export function wordToAll({ ask, by, at, run }: InboxEntry, world: World): WordToAll | null {
  if (ask.kind !== 'word' || ask.task !== null) return null;
  const { command } = ask;
  const refusal = judgeToAll(command, { held: dispatchRole(world, by), at }, world);
  if (refusal !== null) return { room: [], say: { kind: 'refused', refusal } };
  return { room: roomRecordOf({ at, by, from: { run } }, command), say: sayToAll(command, world) };
}

/** Said of a task, an import is answered where its issues are. */
function sayToAll(command: Command, world: World): Say | null {
  return command.verb === 'import' ? { kind: 'imports', path: command.path } : sayOf(command, world);
}

function judgeToAll(
  command: Command,
  { held, at }: { readonly held: RoleName; readonly at: Instant },
  world: World,
): RefusalNotice | null {
  const { verb } = command;
  if (!mayCommand(world, verb, held)) return { kind: 'not_permitted', verb, held, needed: world.policy.commands[verb] };
  if (command.verb === 'settings') return judgeKey(command.key, world);
  // What is not asked for any longer is not told to be proposed.
  if ((changeOf(command) !== null || verb === 'import') && isOld(at, world)) return { kind: 'given_up' };
  if (command.verb === 'set') return judgeChange({ kind: 'set', key: command.key, value: command.value }, world);
  if (command.verb === 'import') return judgeEpic(command.path, world);
  return command.verb === 'job' ? judgeJob(command, at, world) : null;
}

/** Asked for by a dispatch to the whole repository: it stays in the inbox until GitHub has answered. */
export function proposalToAll(entry: InboxEntry, world: World): Proposal | null {
  const { ask, by, run } = entry;
  if (ask.kind !== 'word' || ask.task !== null) return null;
  const change = changeOf(ask.command);
  const is_obeyed = change !== null && wordToAll(entry, world)?.say?.kind === 'proposed';
  return is_obeyed ? proposalOf({ from: { run }, by, change }, world) : null;
}
