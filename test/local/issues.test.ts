// Owns the proof that issues, labels, comments and reactions of the local GitHub follow GitHub's rules.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { WorldEvent } from '../../src/local/model/state.ts';
import { openPlace, shop, type LocalPlace } from './place.ts';

let place: LocalPlace;
let events: WorldEvent[] = [];

beforeAll(async () => {
  place = await openPlace();
  place.github.world.onEvent((event) => events.push(event));
});

afterAll(async () => {
  await place.close();
  expect(place.contract.violations()).toEqual([]);
});

beforeEach(() => {
  events = [];
});

function told(): readonly string[] {
  return events.map(({ name, payload, caused_by_job_token }) => {
    const label = payload['label'] as { readonly name: string } | undefined;
    return [name, payload['action'], label?.name, caused_by_job_token ? 'by a job' : undefined]
      .filter(Boolean)
      .join(' ');
  });
}

describe('labels', () => {
  test('adding one twice is one event; a missing one is created; several removers have one winner', async () => {
    const bob = place.as('bob');
    const { data: issue } = await bob.rest.issues.create({ ...shop, title: 'Greet', labels: ['agent-todo'] });
    const target = { ...shop, issue_number: issue.number };
    await bob.rest.issues.addLabels({ ...target, labels: ['agent-todo', 'Status:new'] });
    await bob.rest.issues.addLabels({ ...target, labels: ['status:NEW'] });
    expect(told()).toEqual(['issues opened', 'issues labeled agent-todo', 'issues labeled Status:new']);
    const removers = await Promise.allSettled(
      [1, 2, 3].map(() => bob.rest.issues.removeLabel({ ...target, name: 'agent-todo' })),
    );
    expect(removers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(place.github.world.issue(issue.number).labels).toEqual(['Status:new']);
  });

  test('of somebody without triage rights they are dropped in silence, and adding them later is refused', async () => {
    const eve = place.as('eve');
    const { data: issue } = await eve.rest.issues.create({ ...shop, title: 'Please', labels: ['agent-todo'] });
    expect(issue.labels).toEqual([]);
    const added = eve.rest.issues.addLabels({ ...shop, issue_number: issue.number, labels: ['agent-todo'] });
    await expect(added).rejects.toMatchObject({ status: 403 });
    await place.as('tom').rest.issues.addLabels({ ...shop, issue_number: issue.number, labels: ['agent-todo'] });
    expect(place.github.world.issue(issue.number).labels).toEqual(['agent-todo']);
  });

  test('what a job’s own token does is marked, so that it starts no further run', async () => {
    const { number } = place.github.world.openIssue('bob', 'Quiet');
    await place
      .job({ issues: 'write' })
      .rest.issues.addLabels({ ...shop, issue_number: number, labels: ['status:queued'] });
    expect(told()).toEqual(['issues opened', 'issues labeled status:queued by a job']);
    expect(events.at(-1)?.payload['sender']).toMatchObject({ login: 'github-actions[bot]', type: 'Bot' });
  });
});

describe('milestones', () => {
  test('an issue tells its own, with the day it is due and how many others are under it', async () => {
    const { world } = place.github;
    const [first, second] = [world.openIssue('bob', 'One'), world.openIssue('bob', 'Two')];
    for (const { number } of [first, second])
      world.plan('bob', number, { title: 'v2', due_on: '2026-12-24T09:30:00Z' });
    world.close('bob', second.number);
    const { data } = await place.as('bob').rest.issues.get({ ...shop, issue_number: first.number });
    expect(data.milestone).toMatchObject({
      number: 1,
      title: 'v2',
      state: 'open',
      due_on: '2026-12-24T00:00:00Z',
      open_issues: 1,
      closed_issues: 1,
    });
  });
});

describe('comments', () => {
  test('the repository’s comments come in the order of change, since an instant, page by page', async () => {
    const { world } = place.github;
    const { number } = world.openIssue('bob', 'Talk');
    place.passes(60);
    const since = world.now();
    const first = world.comment('eve', number, 'one');
    place.passes(60);
    const second = world.comment('bob', number, 'two');
    place.passes(60);
    world.editComment('eve', first.id, 'one, corrected');
    const client = place.job({ issues: 'read' });
    const ask = { ...shop, since, sort: 'updated', direction: 'asc', per_page: 1 } as const;
    const pages = await client.paginate(client.rest.issues.listCommentsForRepo, ask);
    expect(pages.map(({ id }) => id)).toEqual([second.id, first.id]);
  });

  test('one of 65,537 characters is refused, one of 65,536 is taken', async () => {
    const { number } = place.github.world.openIssue('bob', 'Long');
    const { rest } = place.as('bob');
    const target = { ...shop, issue_number: number };
    await expect(rest.issues.createComment({ ...target, body: 'x'.repeat(65_537) })).rejects.toMatchObject({
      status: 422,
    });
    expect((await rest.issues.createComment({ ...target, body: 'x'.repeat(65_536) })).status).toBe(201);
  });

  test('one’s own may be edited by oneself, others’ by writers only', async () => {
    const { world } = place.github;
    const { number } = world.openIssue('bob', 'Edit');
    const { id } = world.comment('eve', number, 'mine');
    const { rest } = place.as('eve');
    await rest.issues.updateComment({ ...shop, comment_id: id, body: 'mine still' });
    const others = world.comment('bob', number, 'not yours');
    await expect(rest.issues.updateComment({ ...shop, comment_id: others.id, body: 'now mine' })).rejects.toMatchObject(
      { status: 403 },
    );
    await place.as('bob').rest.issues.deleteComment({ ...shop, comment_id: id });
    expect(told().slice(-1)).toEqual(['issue_comment deleted']);
  });

  test('a reaction is new once per identity: 201, then 200', async () => {
    const { world } = place.github;
    const { id } = world.comment('eve', world.openIssue('bob', 'React').number, '/orch why');
    const job = place.job({ issues: 'write' });
    const react = () => job.rest.reactions.createForIssueComment({ ...shop, comment_id: id, content: 'eyes' });
    expect([(await react()).status, (await react()).status]).toEqual([201, 200]);
    const other = await place
      .as('bob')
      .rest.reactions.createForIssueComment({ ...shop, comment_id: id, content: 'eyes' });
    expect(other.status).toBe(201);
  });
});

describe('issues and dependencies', () => {
  test('a circle of dependencies is refused, and the plain counts are of open blockers', async () => {
    const { world } = place.github;
    const [one, two, three] = ['One', 'Two', 'Three'].map((title) => world.openIssue('bob', title));
    if (one === undefined || two === undefined || three === undefined) throw new Error('three issues were opened');
    world.block(two.number, one.number);
    world.block(three.number, two.number);
    const { rest } = place.as('tom');
    const circle = rest.issues.addBlockedByDependency({ ...shop, issue_number: one.number, issue_id: three.id });
    await expect(circle).rejects.toMatchObject({ status: 422 });
    world.close('bob', one.number);
    const { data } = await rest.issues.get({ ...shop, issue_number: two.number });
    expect(data).toMatchObject({ issue_dependencies_summary: { blocked_by: 0, total_blocked_by: 1, blocking: 1 } });
  });

  test('closed and opened again: state, reason, events with their actors', async () => {
    const { number } = place.github.world.openIssue('bob', 'Back');
    const { rest } = place.as('tom');
    const target = { ...shop, issue_number: number };
    await rest.issues.update({ ...target, state: 'closed', state_reason: 'not_planned' });
    const { data } = await rest.issues.update({ ...target, state: 'open' });
    expect(data).toMatchObject({ state: 'open', state_reason: 'reopened', closed_at: null });
    expect(told()).toEqual(['issues opened', 'issues closed', 'issues reopened']);
    const { data: listed } = await rest.issues.listEvents(target);
    expect(listed.map(({ event, actor }) => `${event} ${actor?.login}`)).toEqual(['closed tom', 'reopened tom']);
  });

  test('a sub-issue has one parent, another only by asking for it, and is nobody’s ancestor', async () => {
    const { world } = place.github;
    const [epic, other, part] = ['Epic', 'Other epic', 'Part'].map((title) => world.openIssue('bob', title));
    const adopt = (parent: typeof epic, child: typeof epic, replace_parent = false) =>
      place.as('bob').request('POST /repos/{owner}/{repo}/issues/{issue_number}/sub_issues', {
        ...shop,
        issue_number: parent?.number ?? 0,
        sub_issue_id: child?.id ?? 0,
        replace_parent,
      });
    await adopt(epic, part);
    await expect(adopt(other, part)).rejects.toMatchObject({ status: 422 });
    await expect(adopt(part, epic)).rejects.toMatchObject({ status: 422 });
    expect((await adopt(other, part, true)).status).toBe(201);
    expect([epic?.sub_issues, other?.sub_issues]).toEqual([[], [part?.number]]);
  });

  test('a title has 256 characters at most', async () => {
    const { rest } = place.as('bob');
    expect((await rest.issues.create({ ...shop, title: 'x'.repeat(256) })).status).toBe(201);
    await expect(rest.issues.create({ ...shop, title: 'x'.repeat(257) })).rejects.toMatchObject({
      status: 422,
      message: expect.stringContaining('title is too long'),
    });
  });

  test('a deleted issue is gone, which is told from one that never was, and takes its comments along', async () => {
    const { world } = place.github;
    const { number } = world.openIssue('bob', 'Gone');
    const { id } = world.comment('bob', number, 'gone too');
    world.deleteIssue('ada', number);
    const { rest } = place.as('bob');
    await expect(rest.issues.get({ ...shop, issue_number: number })).rejects.toMatchObject({ status: 410 });
    await expect(rest.issues.get({ ...shop, issue_number: number + 1 })).rejects.toMatchObject({ status: 404 });
    await expect(rest.issues.getComment({ ...shop, comment_id: id })).rejects.toMatchObject({ status: 404 });
  });
});
