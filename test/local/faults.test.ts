// Owns the proof that faults hit what they name, once each, before or after the deed; and that the door counts rightly.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openPlace, shop, type LocalPlace } from './place.ts';

let place: LocalPlace;

beforeAll(async () => {
  place = await openPlace();
});

afterAll(async () => {
  await place.close();
  expect(place.contract.violations()).toEqual([]);
});

beforeEach(() => place.github.door.reset());
afterEach(() => place.github.faults.clear());

function titles(): readonly string[] {
  return [...place.github.world.issues.values()].map(({ title }) => title);
}

const create = (title: string) => place.as('bob').rest.issues.create({ ...shop, title });
const post = { kind: 'rest', method: 'POST', what: '/issues' } as const;

describe('faults of REST', () => {
  test('a status before the deed: nothing happened, and the next one is well', async () => {
    place.github.faults.add({ ...post, fault: 'status', status: 502 });
    await expect(create('before')).rejects.toMatchObject({ status: 502 });
    expect(titles()).not.toContain('before');
    expect((await create('before, again')).status).toBe(201);
  });

  test('a status, or no answer, after the deed: it happened, though nobody was told', async () => {
    place.github.faults.add({ ...post, fault: 'status_after_commit', status: 502 });
    await expect(create('told wrongly')).rejects.toMatchObject({ status: 502 });
    place.github.faults.add({ ...post, fault: 'timeout_after_commit' });
    await expect(create('not told')).rejects.toMatchObject({ status: 500 });
    place.github.faults.add({ ...post, fault: 'drop' });
    await expect(create('not heard')).rejects.toMatchObject({ status: 500 });
    expect(titles()).toEqual(expect.arrayContaining(['told wrongly', 'not told']));
    expect(titles()).not.toContain('not heard');
  });

  test('limits say when to come back', async () => {
    place.github.faults.add({ ...post, fault: 'secondary_limit' });
    await expect(create('too fast')).rejects.toMatchObject({
      status: 403,
      response: { headers: { 'retry-after': '60' } },
    });
    place.github.faults.add({ ...post, fault: 'rate_limit' });
    await expect(create('too many')).rejects.toMatchObject({
      status: 403,
      response: { headers: { 'x-ratelimit-remaining': '0' } },
    });
  });

  test('a rule is for what it names, and as often as it says', async () => {
    place.github.faults.add({ fault: 'status', status: 500, what: /\/labels$/, times: 2 });
    expect((await create('unharmed')).status).toBe(201);
    const { rest } = place.as('bob');
    const labels = () =>
      rest.issues.listLabelsForRepo(shop).then(
        ({ status }) => status,
        ({ status }: { status: number }) => status,
      );
    expect([await labels(), await labels(), await labels()]).toEqual([500, 500, 200]);
  });
});

describe('faults of GraphQL', () => {
  const say = (body: string) => {
    const { number } = place.github.world.openIssue('bob', body);
    const query = 'mutation Say($i: AddCommentInput!) { addComment(input: $i) { clientMutationId } }';
    return place.as('bob').request('POST /graphql', { query, variables: { i: { subjectId: `I_${number}`, body } } });
  };
  const said = (body: string) => [...place.github.world.comments.values()].some((comment) => comment.body === body);

  test('an error under 200, found by the operation’s name; nothing happened', async () => {
    place.github.faults.add({ kind: 'graphql', what: 'Say', fault: 'graphql_error_200' });
    expect((await say('under 200')).data).toMatchObject({ data: null, errors: [{ message: expect.any(String) }] });
    expect(said('under 200')).toBe(false);
  });

  test('an answer lost after the deed, found by the mutation’s name', async () => {
    place.github.faults.add({ kind: 'graphql', what: 'addComment', fault: 'status_after_commit', status: 504 });
    await expect(say('lost')).rejects.toMatchObject({ status: 504 });
    expect(said('lost')).toBe(true);
  });
});

describe('answers that are true and yet bad', () => {
  const read = async (issue_number: number) => (await place.as('bob').rest.issues.get({ ...shop, issue_number })).data;
  const state = async (number: number) => {
    const query =
      'query State($number: Int!) { repository(owner: "ada", name: "shop") { issue(number: $number) { state author { login } } } }';
    return (await place.as('bob').request('POST /graphql', { query, variables: { number } })).data as unknown;
  };

  test('a replica lags: the same question has its old answer, for as often as the rule says', async () => {
    const { world, faults } = place.github;
    const { number } = world.openIssue('bob', 'Lagging');
    faults.add({ fault: 'stale_read', what: `/issues/${number}`, times: 2 });
    expect((await read(number)).state).toBe('open');
    world.close('bob', number);
    expect([(await read(number)).state, (await read(number)).state, (await read(number)).state]).toEqual([
      'open',
      'open',
      'closed',
    ]);
    faults.add({ fault: 'stale_read', kind: 'graphql', what: 'State' });
    const before = await state(number);
    world.reopen('bob', number);
    expect(await state(number)).toEqual(before);
    expect(await state(number)).not.toEqual(before);
  });

  test('a GraphQL answer lacks one value, and says so beside the rest', async () => {
    const { number } = place.github.world.openIssue('bob', 'Whole');
    place.github.faults.add({ fault: 'partial', what: 'State', path: ['repository', 'issue', 'author'] });
    expect(await state(number)).toEqual({
      data: { repository: { issue: { state: 'OPEN', author: null } } },
      errors: [{ message: expect.any(String), path: ['repository', 'issue', 'author'] }],
    });
  });

  test('a slow answer comes after one that was asked for later', async () => {
    const { number } = place.github.world.openIssue('bob', 'Slow');
    place.github.faults.add({ fault: 'slow', what: `/issues/${number}`, ms: 300 });
    const order: string[] = [];
    await Promise.all([read(number).then(() => order.push('first')), state(number).then(() => order.push('second'))]);
    expect(order).toEqual(['second', 'first']);
  });

  test('a rule may let some go by first', async () => {
    place.github.faults.add({ ...post, fault: 'status', status: 503, skip: 2 });
    const statuses: unknown[] = [];
    for (const title of ['one', 'two', 'three', 'four']) {
      statuses.push(
        await create(title).then(
          ({ status }) => status,
          ({ status }: { status: number }) => status,
        ),
      );
    }
    expect(statuses).toEqual([201, 201, 503, 201]);
  });
});

describe('the door', () => {
  test('counts requests by kind, what was written, and by whom', async () => {
    const job = place.job({ issues: 'write' });
    const { data } = await create('counted');
    await job.rest.issues.get({ ...shop, issue_number: data.number });
    await job.rest.issues.createComment({ ...shop, issue_number: data.number, body: 'hm' });
    await job.request('POST /graphql', { query: '{ viewer { login } }' });
    expect(place.github.door.count()).toMatchObject({
      rest: 3,
      graphql: 1,
      git: 0,
      mutating: 2,
      content_writes: 2,
      points: 1,
    });
    expect(place.github.door.entries.map(({ by, status }) => `${by.includes('/') ? 'job' : by} ${status}`)).toEqual([
      'bob 201',
      'job 200',
      'job 201',
      'job 200',
    ]);
    const bobs = place.github.door.count(({ by }) => by === 'bob');
    expect(bobs).toMatchObject({ rest: 1, graphql: 0, content_writes: 1 });
    expect(bobs.bytes).toBe(Buffer.byteLength(JSON.stringify(data)));
  });
});

describe('limits', () => {
  test('an answer that has not changed is free; the rest is taken off the hour, which all jobs share', async () => {
    const [one, two] = [place.job({ issues: 'read' }), place.job({ issues: 'read' })];
    const left = (headers: object) => Number((headers as Record<string, string>)['x-ratelimit-remaining']);
    const first = await one.rest.issues.listCommentsForRepo(shop);
    const second = await two.rest.issues.listCommentsForRepo(shop);
    expect(left(second.headers)).toBe(left(first.headers) - 1);
    const unchanged = one.rest.issues.listCommentsForRepo({
      ...shop,
      headers: { 'if-none-match': String(first.headers.etag) },
    });
    await expect(unchanged).rejects.toMatchObject({ status: 304 });
    expect(left((await one.rest.rateLimit.get()).headers)).toBe(left(second.headers));
  });

  test('eighty things written in a minute are enough, by REST and GraphQL together', async () => {
    const { world, limits } = place.github;
    place.passes(3600);
    limits.secondary.enforced = true;
    const { number } = world.openIssue('bob', 'Busy');
    const bob = place.as('bob');
    const say = () => bob.rest.issues.createComment({ ...shop, issue_number: number, body: 'hm' });
    for (let i = 0; i < 60; i += 1) await say();
    const fields = Array.from({ length: 20 }, (_, i) => `m${i}: addComment(input: $i) { clientMutationId }`).join('\n');
    const batch = () =>
      bob.request('POST /graphql', {
        query: `mutation Say($i: AddCommentInput!) {\n${fields}\n}`,
        variables: { i: { subjectId: `I_${number}`, body: 'hm' } },
      });
    expect((await batch()).status).toBe(200);
    await expect(say()).rejects.toMatchObject({ status: 403, response: { headers: { 'retry-after': '60' } } });
    await expect(batch()).rejects.toMatchObject({ status: 403 });
    expect((await bob.rest.issues.get({ ...shop, issue_number: number })).data.comments).toBe(80);
    place.passes(60);
    expect((await say()).status).toBe(201);
    limits.secondary.enforced = false;
  });

  test('when the hour is used up it is 403 until it is over', async () => {
    const { limits, world } = place.github;
    const token = world.addJob(world.addRun().id, 'greedy', { issues: 'read' }).token;
    const job = place.client(token);
    limits.spend(world.actorOf(token), 'core', 1000);
    await expect(job.rest.issues.listForRepo(shop)).rejects.toMatchObject({
      status: 403,
      response: { headers: { 'x-ratelimit-remaining': '0' } },
    });
    place.passes(3601);
    expect((await job.rest.issues.listForRepo(shop)).status).toBe(200);
  });
});
