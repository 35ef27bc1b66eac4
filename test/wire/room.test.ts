// Owns the proof that what holds for the whole repository is read as it was written, by later versions too.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JobState } from '../../src/domain/job.ts';
import { CommentId } from '../../src/domain/ids.ts';
import { EMPTY_ROOM } from '../../src/domain/room.ts';
import type { Room } from '../../src/domain/room.ts';
import { parseRoom, renderRoom } from '../../src/wire/room.ts';
import * as any from './arbitraries.ts';

const jobState: fc.Arbitrary<JobState> = fc.record({
  job: any.jobName,
  schedule: fc.string(),
  since: any.instant,
  ran: fc.option(fc.record({ slot: any.instant, task: any.taskId })),
  wanted: fc.option(fc.record({ at: any.instant, by: any.login })),
  switched: fc.option(fc.record({ on: fc.boolean(), at: any.instant, by: fc.option(any.login) })),
});

const room: fc.Arbitrary<Room> = fc.record({
  paused: fc.option(fc.record({ at: any.instant, by: any.login, from: any.runId.map((run) => ({ run })) })),
  jobs: fc.array(jobState, { maxLength: 5 }),
  mentions: fc.array(
    fc.record({
      comment: fc.integer({ min: 1 }).map((id) => CommentId.parse(id)),
      as: fc.constantFrom('say' as const, 'ask' as const),
    }),
    { maxLength: 3 },
  ),
  others: fc.constantFrom({}, { weights: { claude: 0.5 } }),
});

describe('the room', () => {
  test('comes back as it was written', () => {
    fc.assert(
      fc.property(room, (state) => {
        expect(parseRoom(renderRoom(state, [], 'run 1.1'))).toEqual(state);
      }),
      { numRuns: 200 },
    );
  });

  test('[DAT-16] written before there were jobs, it has none', () => {
    expect(parseRoom('orch: paused (run 1)\n\n{"v":1,"kind":"room","paused":null}\n')).toEqual(EMPTY_ROOM);
  });

  test('[MOD-09] hands on what a newer version added and this one does not know', () => {
    const newer = 'orch: paused (run 1)\n\n{"v":1,"kind":"room","paused":null,"weights":{"claude":0.5}}\n';
    const again = renderRoom({ ...parseRoom(newer), jobs: [] }, [], 'run 2');
    expect(again).toContain('"weights":{"claude":0.5}');
  });
});
