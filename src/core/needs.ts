// Owns what a tick must still read before it can decide: threads of tasks about to start, and the LLM's word on some.
import type { TaskId } from '../domain/ids.ts';
import { scheduleProblem, scheduleText } from '../domain/schedule.ts';
import type { Schedule } from '../domain/schedule.ts';
import { changeKey, changeOf } from '../domain/setting.ts';
import type { ConfigChange } from '../domain/setting.ts';
import { commandOf, commandsIn } from '../domain/spoken.ts';
import type { Policy } from '../domain/policy.ts';
import type { Snapshot, TaskFacts } from '../domain/snapshot.ts';
import { wantsAnswer } from './next-route.ts';
import { outsetOf } from './outset.ts';
import { isReadForStart } from './steps/dispatch.ts';
import type { Candidate } from './steps/dispatch.ts';
import { startsWanted } from './instances.ts';
import { openTurn, take, waitIn } from './turn.ts';

/** A task that cannot be read leaves its slot to one of these. */
const SPARE_CANDIDATES = 2;
/** One request holds these besides the ones about to start. */
const COMMENTS_LOOKED_FOR_MAX = 50;
/** One batched model call routes this many. */
export const ROUTES_MAX = 10;

/**
 * Tasks about to start, whose facts and thread must be fresh: closed, relabelled or blocked a minute ago counts. So must
 * they be where our comment seems to be gone: a list may be behind, and believing it would say everything once more.
 */
export function needsDetails(snapshot: Snapshot, policy: Policy): readonly TaskId[] {
  const starting = nextInLine(snapshot, policy, SPARE_CANDIDATES)
    .filter(({ draft }) => !isReadForStart(draft))
    .map(({ draft }) => draft.facts.id);
  return [...new Set([...starting, ...withoutComment(snapshot)])];
}

function withoutComment({ tasks }: Snapshot): readonly TaskId[] {
  const lost = [...tasks.values()].filter(
    ({ issue, journal, comment, details }) =>
      issue !== null && journal.shown !== null && comment === null && details === null,
  );
  return lost.slice(0, COMMENTS_LOOKED_FOR_MAX).map(({ id }) => id);
}

export function needsRouting(snapshot: Snapshot, policy: Policy): readonly TaskFacts[] {
  return nextInLine(snapshot, policy, 0)
    .filter(({ draft, choice }) => wantsAnswer(choice, draft.facts, policy))
    .map(({ draft }) => draft.facts)
    .slice(0, ROUTES_MAX);
}

/** Schedules that people ask about, once each. */
export function needsRuns({ commands, inbox }: Pick<Snapshot, 'commands' | 'inbox'>): readonly Schedule[] {
  const asked = commandsIn({ commands, inbox }).flatMap((command) =>
    command.verb === 'job' && command.action === 'check' ? [command] : [],
  );
  const sound = asked.filter((schedule) => scheduleProblem(schedule) === null);
  return [
    ...new Map(sound.map(({ cron, timezone }) => [scheduleText({ cron, timezone }), { cron, timezone }])).values(),
  ];
}

/** Changes of the configuration that are asked for now, and those that GitHub has not answered yet; once each. */
export function needsEdits(snapshot: Pick<Snapshot, 'commands' | 'inbox' | 'tasks'>): readonly ConfigChange[] {
  const open = [...snapshot.tasks.values()].flatMap(({ journal }) => journal.changes.map(commandOf));
  const changes = [...commandsIn(snapshot), ...open].flatMap((command) => changeOf(command) ?? []);
  return [...new Map(changes.map((change) => [changeKey(change), change])).values()];
}

/** Somebody asks about settings, and so where each comes from. */
export function needsPlaces(snapshot: Pick<Snapshot, 'commands' | 'inbox'>): boolean {
  return commandsIn(snapshot).some(({ verb }) => verb === 'settings');
}

function nextInLine(snapshot: Snapshot, policy: Policy, spare: number): readonly Candidate[] {
  const outset = outsetOf(snapshot, policy);
  const { candidates } = outset;
  const wanting = candidates.map(({ draft }) => draft);
  const turn = openTurn(outset, { pending: startsWanted(wanting, policy), spare });
  const line: Candidate[] = [];
  for (const candidate of candidates) {
    if ((spare === 0 && !isReadForStart(candidate.draft)) || waitIn(turn, candidate) !== null) continue;
    take(turn, candidate, candidate.choice.kind === 'decided' ? candidate.choice.engine.id : null);
    line.push(candidate);
  }
  return line;
}
