// Owns the proof of scheduled jobs under any weather: ticks at any time, doubled, lost, or dying half-way.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lastDue } from '../../src/domain/cron.ts';
import { Instant } from '../../src/domain/ids.ts';
import { epochMs, plusMinutes } from '../../src/domain/instant.ts';
import { JobName } from '../../src/domain/job.ts';
import type { Job } from '../../src/domain/job.ts';
import { createStory } from './story.ts';
import type { Story } from './story.ts';

const DAY_MINUTES = 24 * 60;

function job(cron: string, timezone: string, index: number): Job {
  return {
    name: JobName.parse(`job-${index}`),
    title: `Job ${index}`,
    cron,
    timezone,
    enabled: true,
    prompt: 'Look.',
    command: null,
    role: 'code',
    engine: null,
    model: null,
    failures_max: 3,
  };
}

/** Every so often, daily, weekly; across both changes of the clocks. */
const anyJobs = fc
  .array(
    fc.tuple(
      fc.constantFrom('*/20 * * * *', '0 * * * *', '30 2 * * *', '0 3,15 * * *', '15 6 * * MON', '@daily'),
      fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((jobs) => jobs.map(([cron, timezone], index) => job(cron, timezone, index)));

const anySteps = fc.array(
  fc.record({
    minutes: fc.oneof(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 0, max: 3 * DAY_MINUTES })),
    weather: fc.constantFrom('fine', 'fine', 'dies after the room', 'dies after the first journal', 'lost', 'twice'),
    /** What runs by then has ended. */
    ends: fc.boolean(),
  }),
  { minLength: 5, maxLength: 30 },
);

function endAll(story: Story): void {
  for (const id of story.journals.keys())
    if (story.attempts(id).some((attempt) => attempt.endsWith('live'))) story.ends(id, 'no_change');
}

function tick(story: Story, weather: string): void {
  if (weather === 'lost') return;
  if (weather === 'dies after the room') return story.diesAfter('append_room');
  if (weather === 'dies after the first journal') return story.diesAfter('append_journal');
  story.tick();
  if (weather === 'twice') story.tick();
}

function runsOf(story: Story, { name }: Job) {
  const asked = [...story.journals.keys()].flatMap((id) => story.journal(id).asked?.job ?? []);
  return asked.filter((run) => run.name === name).map(({ slot }) => slot);
}

test('each time a job falls due is run at most once, only when due, and the newest within a day is made up for', () => {
  fc.assert(
    fc.property(anyJobs, anySteps, fc.constantFrom('2026-03-27', '2026-10-23', '2026-06-01'), (jobs, steps, day) => {
      const story = createStory({ jobs, parallel_max: 20 });
      story.now = Instant.parse(`${day}T12:00:00Z`);
      const since = story.now;
      story.tick();
      for (const { minutes, weather, ends } of steps) {
        story.passes(minutes);
        if (ends) endAll(story);
        tick(story, weather);
      }
      // The weather clears: the runs end, and two ticks later nothing is owed.
      endAll(story);
      story.tick();
      endAll(story);
      story.tick();
      for (const each of jobs) {
        const slots = runsOf(story, each);
        expect(new Set(slots).size, 'no time is run twice').toBe(slots.length);
        for (const slot of slots) {
          expect(lastDue(each, slot), 'what runs was due').toBe(slot);
          expect(epochMs(slot), 'and not before the job was there').toBeGreaterThan(epochMs(since));
        }
        const due = lastDue(each, story.now);
        const owed =
          due !== null && epochMs(due) > epochMs(since) && epochMs(due) > epochMs(plusMinutes(story.now, -DAY_MINUTES));
        if (owed) expect(slots, `${each.cron} at ${story.now}`).toContain(due);
      }
      expect(new Set(story.journals.keys()).size).toBe(jobs.flatMap((each) => runsOf(story, each)).length);
    }),
    { numRuns: 150 },
  );
});
