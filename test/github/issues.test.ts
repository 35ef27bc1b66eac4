// Owns the proof that an issue is made once, whatever became of the answer.
import { describe, expect, test } from 'vitest';
import { createIssue, fileFinding } from '../../src/github/issues.ts';
import type { FileFinding } from '../../src/domain/effect.ts';
import { LabelName, TaskId } from '../../src/domain/ids.ts';
import type { Instant } from '../../src/domain/ids.ts';
import { plusMinutes } from '../../src/domain/instant.ts';
import { ground } from './ground.ts';

describe('an issue made of a task that had none', () => {
  test('is made once: asked for again, the first one is found by its marker', async () => {
    const place = await ground();
    const marker = '<!-- orch:published v1 {"task":"i98"} -->';
    const since = place.clock.now();
    const ask = {
      kind: 'create_issue',
      task: TaskId.parse('i98'),
      title: 'Tidy',
      body: `> Remove dead links.\n\n${marker}`,
      marker,
      since,
      labels: [LabelName.parse('scheduled')],
    } as const;
    const first = await createIssue(place.client(), ask);
    place.pass(5);
    expect(await createIssue(place.client(), ask)).toEqual({ number: first.number, is_new: false });
    expect(place.github.world.issue(first.number)).toMatchObject({ title: 'Tidy', labels: ['scheduled'] });
    expect(place.github.world.issues.size).toBe(1);
  });
});

describe('an issue by which Orch says something about itself', () => {
  const marker = '<!-- orch:finding v1 {"key":"people_wait"} -->';

  function finding(quiet_since: Instant, given: Partial<FileFinding> = {}): FileFinding {
    const labels = ['self-improvement', 'scheduled'].map((name) => LabelName.parse(name));
    const text = { title: 'Tasks wait', body: `Seen.\n\n${marker}`, marker, labels };
    return { kind: 'file_finding', task: TaskId.parse('i98'), key: 'people_wait', ...text, quiet_since, ...given };
  }

  test('is not made while one that says it is open, however old, nor until some time after it was closed [JOB-10]', async () => {
    const place = await ground();
    const { world } = place.github;
    const first = await fileFinding(place.client(), finding(place.clock.now()));
    expect(world.issue(first.number)).toMatchObject({ title: 'Tasks wait', labels: ['self-improvement', 'scheduled'] });
    place.pass(60 * 24 * 400);
    const again = await fileFinding(place.client(), finding(plusMinutes(place.clock.now(), -60)));
    expect(again).toEqual({ number: first.number, is_new: false });
    world.close('ada', first.number);
    place.pass(30);
    expect(await fileFinding(place.client(), finding(plusMinutes(place.clock.now(), -60)))).toEqual(again);
    place.pass(60);
    const later = await fileFinding(place.client(), finding(plusMinutes(place.clock.now(), -60)));
    expect([later.is_new, later.number === first.number]).toEqual([true, false]);
  });

  test('another one is made beside it, and words of others are none of ours', async () => {
    const place = await ground();
    const at = place.clock.now();
    const first = await fileFinding(place.client(), finding(at));
    const other = marker.replace('people_wait', 'time_runs_out simple');
    const second = await fileFinding(place.client(), finding(at, { marker: other, body: `Seen.\n\n${other}` }));
    expect([second.is_new, second.number > first.number]).toEqual([true, true]);
    expect(place.github.world.issues.size).toBe(2);
  });
});
