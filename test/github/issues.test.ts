// Owns the proof that an issue is made once, whatever became of the answer.
import { describe, expect, test } from 'vitest';
import { createIssue } from '../../src/github/issues.ts';
import { LabelName, TaskId } from '../../src/domain/ids.ts';
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
