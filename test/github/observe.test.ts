// Owns the proof of one tick's look: every fact as GitHub has it, in as few requests as there are questions.
import { sha256 } from '../../src/domain/digest.ts';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../../src/domain/fault.ts';
import { CommentId, LabelName, Login, RunId, TaskId } from '../../src/domain/ids.ts';
import { react } from '../../src/local/model/comments.ts';
import { writeInbox } from '../../src/git/journals.ts';
import { admitted, ALICE, claim, issueNumber, LABEL, scene, settled, stateBody } from './scene.ts';
import { faultOf, RECONCILE } from './ground.ts';
import type { Scene } from './scene.ts';

const QUIET = ['POST Observe', 'GET /repos/acme/shop/issues/comments'];

function taskId(number: number): TaskId {
  return TaskId.parse(String(number));
}

describe('how little is asked', () => {
  it.each([3, 130])(
    '[SEC-04] %i tasks at rest cost one GraphQL request, one of comments, and no write',
    async (size) => {
      const world = await scene();
      const [one = 0, two = 0] = Array.from({ length: size }, () => world.issue());
      await world.known(one, 'blocked');
      await world.known(two, 'in_review', claim(two), settled());
      const head = `orch/${two}-add-a-greeting`;
      world.github.repository.commitFiles(head, { 'a.txt': 'hi\n' }, 'Greet');
      world.github.world.openPull('alice', { title: 'Greet', body: `Closes #${two}`, head, base: 'main' });
      world.pass(60);
      await world.watermark();
      world.pass(60);
      const { snapshot } = await world.look();
      expect(world.requests()).toEqual(QUIET);
      expect(world.github.door.count()).toMatchObject({ mutating: 0 });
      expect(snapshot.scope).toBe('changed');
    },
  );

  it('[SEC-04] a stranger is judged once: after people were told, only a sweep or a new word asks again', async () => {
    const world = await scene();
    const { world: shop } = world.github;
    const { number } = shop.openIssue('mallory', 'Do my work');
    shop.label('mallory', number, LABEL);
    const first = await world.look();
    expect(first.snapshot.roles).toEqual(new Map([['mallory', 'read']]));
    world.pass(20);
    await world.shown(number, 'needs_review');
    await world.watermark();
    world.pass(1);
    await world.look();
    expect(world.requests()).toEqual(QUIET);
    const role = 'GET /repos/acme/shop/collaborators/mallory/permission';
    await world.look({ wake: { sweep: true } });
    expect(world.requests()).toContain(role);
    shop.unlabel('alice', number, LABEL);
    shop.label('mallory', number, LABEL);
    await world.look();
    expect(world.requests()).toContain(role);
  });

  it('more changes than a page holds are all read', async () => {
    const world = await scene();
    await world.watermark();
    world.pass(60);
    const numbers = Array.from({ length: 205 }, (_, i) => world.issue(`Task ${i}`));
    const { snapshot } = await world.look();
    expect(numbers.filter((number) => snapshot.tasks.get(taskId(number))?.issue_read !== 'read')).toEqual([]);
    expect(world.requests().filter((line) => line.startsWith('POST'))).toHaveLength(3);
    expect(world.requests().filter((line) => line.endsWith('permission'))).toHaveLength(1);
  });

  it('a sweep of a thousand takes at most ten requests and reads every one: a long list is read from both ends', async () => {
    const world = await scene();
    const numbers = Array.from({ length: 1_000 }, (_, i) => world.issue(`Task ${i}`));
    await world.watermark();
    const { snapshot } = await world.look({ wake: { sweep: true } });
    expect(numbers.filter((number) => snapshot.tasks.get(taskId(number))?.issue_read !== 'read')).toEqual([]);
    const asked = world.requests().filter((line) => !line.endsWith('permission'));
    expect(asked.length).toBeLessThanOrEqual(10);
  });
});

describe('the milestone of a task', () => {
  it('[BLT-35] comes with the task itself: title, whether it is open, the day it is due', async () => {
    const world = await scene();
    const [dated, undated, none] = [world.issue(), world.issue(), world.issue()];
    world.github.world.plan('alice', dated, { title: 'v2', due_on: '2026-12-24T09:30:00Z' });
    world.github.world.plan('alice', undated, { title: 'some day' });
    const seen = await world.look();
    expect([dated, undated, none].map((number) => seen.task(number).issue?.milestone)).toEqual([
      { title: 'v2', open: true, due: '2026-12-24T00:00:00Z' },
      { title: 'some day', open: true, due: null },
      null,
    ]);
    expect(world.requests().filter((line) => line.startsWith('POST'))).toEqual(['POST Observe']);
  });
});

describe('which tasks are looked at', () => {
  it('the named one, the changed ones and those under way; all others by their journal alone', async () => {
    const world = await scene();
    const [rests, waits, changed, named] = [world.issue(), world.issue(), world.issue(), world.issue()];
    await world.known(rests, 'needs_review');
    await world.known(waits, 'blocked');
    world.pass(60);
    await world.watermark();
    world.pass(60);
    world.github.world.comment('alice', changed, 'Please hurry');
    const seen = await world.look({ wake: { issue: issueNumber(named) } });
    expect([rests, waits, changed, named].map((number) => seen.snapshot.tasks.get(taskId(number))?.issue_read)).toEqual(
      ['unread', 'read', 'read', 'read'],
    );
    expect(seen.task(rests).journal.shown?.state).toBe('needs_review');
  });

  it('[QUE-10] a sweep reads all, and asks by id for what lost its label or is gone', async () => {
    const world = await scene();
    const { world: shop } = world.github;
    const [stays, unlabelled, deleted] = [world.issue(), world.issue(), world.issue()];
    for (const number of [stays, unlabelled, deleted]) await world.known(number, 'needs_review');
    shop.unlabel('alice', unlabelled, LABEL);
    shop.deleteIssue('acme', deleted);
    world.pass(60);
    await world.watermark();
    world.pass(60);
    const seen = await world.look({ wake: { sweep: true } });
    expect(seen.snapshot.scope).toBe('all');
    expect(seen.task(stays).issue_read).toBe('read');
    expect(seen.task(unlabelled).issue?.labels).toEqual([]);
    expect(seen.task(deleted).issue_read).toBe('missing');
  });

  it('a sweep comes by itself when the last one is old, and waits while less than half the points are left', async () => {
    const world = await scene();
    world.issue();
    await world.watermark();
    world.pass(5 * 60);
    expect((await world.look()).snapshot.scope).toBe('changed');
    world.pass(2 * 60);
    const actor = world.github.world.actorOf(world.token);
    world.github.limits.spend(actor, 'graphql', 600);
    expect((await world.look()).snapshot.scope).toBe('changed');
    world.pass(61);
    expect((await world.look()).snapshot.scope).toBe('all');
  });

  it('a sweep that the points do not allow looks at what is under way and at what changed, as every tick does', async () => {
    const world = await scene();
    for (let older = 0; older < 110; older += 1) world.issue();
    world.pass(1);
    const [under_way, changed] = [world.issue(), world.issue()];
    await world.known(under_way, 'in_review', claim(under_way), settled());
    await world.known(changed, 'needs_review');
    world.pass(60);
    await world.watermark();
    world.pass(60);
    world.github.world.label('alice', changed, 'priority:high');
    world.github.limits.spend(world.github.world.actorOf(world.token), 'graphql', 600);
    const seen = await world.look({ wake: { sweep: true } });
    expect(seen.snapshot.scope).toBe('changed');
    expect([under_way, changed].map((number) => seen.task(number).issue_read)).toEqual(['read', 'read']);
  });

  it('a dispatch has its task read, though nothing on GitHub changed with it', async () => {
    const world = await scene();
    const number = world.issue();
    world.pass(60);
    await world.watermark();
    world.pass(60);
    const at = world.clock.now();
    const command = { kind: 'command', issue: issueNumber(number), command: { verb: 'skip', until: null } } as const;
    const entry = { run: RunId.parse(5), by: ALICE, at, ask: command };
    await writeInbox({ git: await world.git(), pause: () => Promise.resolve(), random: () => 0 }, entry);
    const seen = await world.look();
    expect(seen.task(number).issue_read).toBe('read');
    expect(seen.snapshot.inbox).toMatchObject([{ run: 5, by: 'alice' }]);
  });

  it('whoever is shown a circle has what its text waits for looked at, or the circle would come and go', async () => {
    const world = await scene();
    const blocker = world.github.world.openIssue('alice', 'First').number;
    const number = world.issue('Second', `Depends on #${blocker}`);
    const at = world.clock.now();
    const shown = { kind: 'shown', at, state: 'needs_review', comment: null, digest: sha256(''), priority: 0 } as const;
    await world.record(number, admitted(number, at), { ...shown, knot: [issueNumber(blocker), issueNumber(number)] });
    const seen = await world.look();
    expect(seen.task(number).issue?.dependencies).toMatchObject([{ issue: blocker, open: true }]);
  });

  it('several commands in one comment are heard together, but for those that speak to more than their task', async () => {
    const world = await scene();
    const number = world.issue();
    world.github.world.comment('alice', number, '/orch hold\n\nand then\n\n/orch retry\n/orch pause\n/orch why');
    const { snapshot } = await world.look();
    expect(snapshot.commands).toMatchObject([
      {
        parsed: { command: { verb: 'hold' } },
        more: [{ command: { verb: 'retry' } }, { command: { verb: 'why' } }],
        unheeded: 1,
      },
    ]);
  });

  it('`unblock all` has every task read that a word blocks, those that nothing else would look at included', async () => {
    const world = await scene();
    const block = { kind: 'commanded', by: ALICE, verb: 'block', engine: null, model: null, refused: null } as const;
    const numbers = Array.from({ length: 3 }, () => world.issue());
    for (const number of numbers) {
      const at = world.clock.now();
      await world.known(number, 'skipped', {
        ...block,
        at,
        from: { comment: CommentId.parse(90_000 + number) },
        command: { verb: 'block', on: [] },
      });
    }
    world.pass(60);
    await world.watermark();
    world.pass(60);
    const [first = 0] = numbers;
    const quiet = await world.look();
    expect(numbers.filter((number) => quiet.task(number).issue_read === 'read')).toEqual([]);
    world.github.world.comment('alice', first, '/orch unblock all');
    const seen = await world.look();
    expect(numbers.filter((number) => seen.task(number).issue_read !== 'read')).toEqual([]);
  });

  it('`export` has every open task read, those that nothing else would look at included', async () => {
    const world = await scene();
    const numbers = Array.from({ length: 3 }, () => world.issue());
    for (const number of numbers) await world.known(number, 'skipped');
    world.pass(60);
    await world.watermark();
    world.pass(60);
    const quiet = await world.look();
    expect(numbers.filter((number) => quiet.task(number).issue_read === 'read')).toEqual([]);
    world.github.world.comment('alice', numbers[0] ?? 0, '/orch export');
    const seen = await world.look();
    expect(numbers.filter((number) => seen.task(number).issue_read !== 'read')).toEqual([]);
  });

  it('who said `unblock all` is asked about until every task it concerns has heard it, and not any longer', async () => {
    const world = await scene();
    const numbers = [world.issue(), world.issue()] as const;
    const said = { kind: 'commanded', by: ALICE, engine: null, model: null, refused: null } as const;
    for (const number of numbers) {
      const from = { comment: CommentId.parse(90_000 + number) };
      const block = {
        ...said,
        at: world.clock.now(),
        from,
        verb: 'block',
        command: { verb: 'block', on: [] },
      } as const;
      await world.known(number, 'blocked', block);
    }
    world.pass(60);
    await world.watermark();
    const comment = world.github.world.comment('alice', numbers[0], '/orch unblock all');
    const from = { comment: CommentId.parse(comment.id) };
    const command = { verb: 'unblock', of: [], all: true } as const;
    const unblock = { ...said, at: world.clock.now(), from, verb: 'unblock', command } as const;
    await world.record(numbers[0], unblock);
    const actor = { person: world.github.world.person('tim'), job: null, kind: 'user', permissions: null } as const;
    react(world.github.world, actor, comment, '+1');
    const role = 'GET /repos/acme/shop/collaborators/alice/permission';
    const seen = await world.look();
    expect([world.requests().includes(role), seen.task(numbers[1]).issue_read]).toEqual([true, 'read']);
    await world.record(numbers[1], unblock);
    await world.look();
    expect(world.requests()).not.toContain(role);
  });

  it('[QUE-17] `start all` has every task read that is in line by its journal, those that nothing else would look at included', async () => {
    const world = await scene();
    const numbers = [world.issue(), world.issue()];
    for (const number of numbers) await world.known(number, 'skipped');
    world.pass(60);
    await world.watermark();
    world.pass(60);
    const quiet = await world.look();
    expect(numbers.filter((number) => quiet.task(number).issue_read === 'read')).toEqual([]);
    world.github.world.comment('alice', numbers[0] ?? 0, '/orch start all');
    const seen = await world.look();
    expect(numbers.filter((number) => seen.task(number).issue_read !== 'read')).toEqual([]);
  });

  it('an issue outside the queue is read again while a change of the configuration that was asked for there is open', async () => {
    const world = await scene();
    const { number } = world.github.world.openIssue('alice', 'Something else');
    const at = world.clock.now();
    await world.record(number, {
      kind: 'commanded',
      at,
      by: ALICE,
      verb: 'set',
      engine: null,
      model: null,
      refused: null,
      from: { comment: CommentId.parse(90_000) },
      command: { verb: 'set', key: 'parallel_max', value: '5' },
    });
    world.pass(60);
    await world.watermark();
    world.pass(60);
    expect((await world.look()).task(number).issue_read).toBe('read');
    await world.record(number, {
      kind: 'proposed',
      at,
      from: { comment: CommentId.parse(90_000) },
      pr: null,
      detail: '',
    });
    expect((await world.look()).task(number).issue_read).toBe('unread');
  });

  it('the configuration’s own intake label is looked for, at the cost of a request', async () => {
    const world = await scene();
    world.github.repository.commitFiles('main', { '.github/orch.yml': 'intake: { label: robots }\n' }, 'Configure');
    const { number } = world.github.world.openIssue('alice', 'Do it');
    world.github.world.label('alice', number, 'robots');
    const other = world.issue();
    await world.watermark();
    const seen = await world.look();
    expect(seen.task(number).issue_read).toBe('read');
    expect(seen.task(other).issue?.labels).toEqual([LABEL]);
    expect(world.requests().filter((line) => line.startsWith('POST'))).toHaveLength(2);
    expect(world.said.join('\n')).toContain('ORCH_LABEL');
  });
});

describe('the facts of a task', () => {
  it('[MOD-03] the issue as it is now: title, text, labels with who set them, and who reopened it', async () => {
    const world = await scene();
    const { world: shop } = world.github;
    const number = world.issue('Add a greeting', 'Say hello.');
    world.pass(1);
    shop.label('tim', number, 'priority:high');
    shop.label('tim', number, 'wrong');
    shop.unlabel('tim', number, 'wrong');
    shop.close('alice', number);
    world.pass(1);
    const reopened = world.clock.now();
    shop.reopen('tim', number);
    const { issue } = (await world.look()).task(number);
    expect(issue).toMatchObject({
      number,
      title: 'Add a greeting',
      body: 'Say hello.',
      author: 'alice',
      open: true,
      labels: [LABEL, 'priority:high'],
    });
    expect(issue?.label_events.map(({ label, by, by_bot }) => [label, by, by_bot])).toEqual([
      [LABEL, 'alice', false],
      ['priority:high', 'tim', false],
    ]);
    expect([issue?.reopened?.by, Date.parse(issue?.reopened?.at ?? '')]).toEqual(['tim', Date.parse(reopened)]);
  });

  it('a closed issue says how it was closed, and its text is not kept', async () => {
    const world = await scene();
    const [done, dropped] = [world.issue('a', 'text'), world.issue('b', 'text')];
    world.github.world.close('alice', done);
    world.github.world.close('alice', dropped, 'not_planned');
    const seen = await world.look();
    expect(seen.task(done).issue).toMatchObject({ open: false, not_planned: false, body: '' });
    expect(seen.task(dropped).issue).toMatchObject({ open: false, not_planned: true });
  });

  it('[MOD-11] dependencies: GitHub’s own, and those the text names, which need not be tasks', async () => {
    const world = await scene();
    const { world: shop } = world.github;
    const plain = shop.openIssue('alice', 'Not for agents').number;
    const closed = shop.openIssue('alice', 'Long done').number;
    shop.close('alice', closed);
    const number = world.issue('Add a greeting', `Depends on #${plain}\nDepends on #${closed}\nDepends on #999`);
    const other = world.issue('Other');
    shop.block(number, other);
    const { issue } = (await world.look()).task(number);
    expect(issue?.dependencies).toEqual([
      { issue: other, title: 'Other', open: true, source: 'native' },
      { issue: plain, title: 'Not for agents', open: true, source: 'text' },
      { issue: closed, title: 'Long done', open: false, source: 'text' },
    ]);
  });

  it('[MOD-11] a server without native dependencies is asked once for them, and the text counts', async () => {
    const world = await scene();
    const plain = world.github.world.openIssue('alice', 'Not for agents').number;
    const number = world.issue('Add a greeting', `Depends on #${plain}`);
    const message = "Field 'blockedBy' doesn't exist on type 'Issue'";
    world.github.faults.add({ kind: 'graphql', what: 'Observe', fault: 'graphql_error_200', message });
    const seen = await world.look();
    expect(seen.task(number).issue?.dependencies).toMatchObject([{ issue: plain, source: 'text' }]);
    expect(world.said.join('\n')).toContain('no native issue dependencies');
    const details = await seen.observe.details([taskId(number)]);
    expect(details.get(taskId(number))?.facts.issue?.dependencies).toMatchObject([{ source: 'text' }]);
  });

  it('a text may wait for more than one request tells: the last one named keeps it from starting like the first', async () => {
    const world = await scene();
    const { world: shop } = world.github;
    const done = Array.from({ length: 60 }, (_, i) => shop.openIssue('alice', `Done ${i}`).number);
    for (const each of done) shop.close('alice', each);
    const open = shop.openIssue('alice', 'Not done').number;
    const number = world.issue('Release', `Depends on ${[...done, open].map((each) => `#${each}`).join(', ')}`);
    const { issue } = (await world.look()).task(number);
    expect(issue?.dependencies).toHaveLength(61);
    expect(issue?.dependencies.filter((each) => each.open)).toMatchObject([{ issue: open, title: 'Not done' }]);
  });

  it('who waits for one closed issue is free, however many others the texts beside it name', async () => {
    const world = await scene();
    const { world: shop } = world.github;
    const closed = shop.openIssue('alice', 'Groundwork').number;
    shop.close('alice', closed);
    const others = Array.from({ length: 60 }, (_, i) => `#${shop.openIssue('alice', `Later ${i}`).number}`);
    for (let i = 0; i < 6; i += 1)
      world.issue(`Waits ${i}`, `Depends on ${others.slice(i * 10, i * 10 + 10).join(', ')}`);
    const free = world.issue('Free', `Depends on #${closed}`);
    const { issue } = (await world.look()).task(free);
    expect(issue?.dependencies).toMatchObject([{ issue: closed, open: false }]);
  });

  it('a text that names more than are looked at waits, and the log says so', async () => {
    const world = await scene();
    const { world: shop } = world.github;
    const closed = shop.openIssue('alice', 'Groundwork').number;
    shop.close('alice', closed);
    const absent = Array.from({ length: 200 }, (_, i) => `#${5_000 + i}`);
    const number = world.issue('Release', `Depends on ${[...absent, `#${closed}`].join(', ')}`);
    const { issue } = (await world.look()).task(number);
    expect(issue?.dependencies).toMatchObject([{ issue: closed, open: true }]);
    expect(world.said.join('\n')).toContain(`The text of #${number} names 201 others; 200 are looked at`);
  });

  it('a hole in the answer is no closed issue: what GitHub does not tell counts as open', async () => {
    const world = await scene();
    const plain = world.github.world.openIssue('alice', 'Not for agents').number;
    const number = world.issue('Add a greeting', `Depends on #${plain}`);
    world.github.faults.add({
      kind: 'graphql',
      what: 'States',
      fault: 'partial',
      path: ['repository', `issue${plain}`],
    });
    const { issue } = (await world.look()).task(number);
    expect(issue?.dependencies).toMatchObject([{ issue: plain, open: true, source: 'text' }]);
    expect(world.said.join('\n')).toContain(`GitHub did not say whether #${plain} is open`);
  });

  it('[MOD-06] [GIT-08] branch and pull request, found by the task’s branch, and how the pull request ended', async () => {
    const world = await scene();
    const { world: shop, repository } = world.github;
    const number = world.issue();
    const head = repository.commitFiles(`orch/${number}-add-a-greeting`, { 'a.txt': 'hi\n' }, 'Greet');
    const pull = shop.openPull('alice', {
      title: 'Greet',
      body: `Closes #${number}`,
      head: `orch/${number}-add-a-greeting`,
      base: 'main',
    });
    await world.known(number, 'in_review', claim(number), settled());
    const before = (await world.look()).task(number);
    expect(before.branch).toEqual({ name: `orch/${number}-add-a-greeting`, head });
    expect(before.pull).toMatchObject({ number: pull.number, state: 'open', head, base_branch: 'main', files: 1 });
    shop.mergePull('alice', pull.number);
    const after = (await world.look()).task(number);
    expect(after.pull).toMatchObject({ state: 'merged', merged_by: 'alice' });
    expect(after.pull?.closed_at).not.toBeNull();
  });

  it('[GIT-15] the default branch is GitHub’s, whatever it is called, with the commit work starts from', async () => {
    const world = await scene();
    const { repository } = (await world.look()).snapshot;
    const base = world.github.repository.resolve('refs/heads/main');
    expect(repository).toMatchObject({ owner: 'acme', name: 'shop', default_branch: 'main', base });
  });

  it('more labels than a page: those that matter are found by name', async () => {
    const world = await scene();
    // GitHub takes a hundred labels on an issue, which is also the page of a repository's labels.
    const [one, two] = ['Collect labels', 'Collect more'].map((title) => world.github.world.openIssue('alice', title));
    for (let i = 0; i < 100; i += 1) world.github.world.label('alice', one?.number ?? 0, `area:${i}`);
    world.github.world.label('alice', two?.number ?? 0, 'status:new');
    const { labels } = (await world.look()).snapshot.repository;
    expect(labels.has(LabelName.parse('status:new'))).toBe(true);
  });

  it('a stop label among as many as an issue can have is seen like any other', async () => {
    const world = await scene();
    const number = world.issue();
    for (let i = 0; i < 98; i += 1) world.github.world.label('alice', number, `area:${i}`);
    world.github.world.label('alice', number, 'no-agent');
    const { issue } = (await world.look()).task(number);
    expect(issue?.labels).toHaveLength(100);
    expect(issue?.labels).toContain('no-agent');
  });

  it('a thread for those about to start, with who speaks and how they belong, our own words left out', async () => {
    const world = await scene();
    const number = world.issue();
    await world.known(number, 'new');
    world.github.world.comment('tim', number, 'Mind the umlauts.');
    const { observe } = await world.look();
    const details = (await observe.details([taskId(number)])).get(taskId(number));
    expect(details?.details.thread.map(({ by, body, association }) => [by, body, association])).toEqual([
      ['tim', 'Mind the umlauts.', 'COLLABORATOR'],
    ]);
    expect(details?.facts.issue_read).toBe('read');
  });
});

describe('the state comment', () => {
  it('ours, as it was recorded, is believed; altered by anybody it is not, and remembers nothing', async () => {
    const world = await scene();
    const number = world.issue();
    const comment = await world.known(number, 'new');
    expect((await world.look()).task(number).comment).toMatchObject({ believed: true, remembers: { attempts: 0 } });
    world.github.world.editComment('alice', comment, stateBody(number, 7));
    expect((await world.look()).task(number).comment).toMatchObject({ believed: false, remembers: null });
  });

  it('a forged one, with our very marker, is neither believed nor found', async () => {
    const world = await scene();
    const number = world.issue();
    world.github.world.comment('mallory', number, stateBody(number, 0));
    expect((await world.look()).task(number).comment).toBeNull();
    const comment = await world.known(number, 'new');
    world.github.world.comment('mallory', number, stateBody(number, 9));
    expect((await world.look()).task(number).comment).toMatchObject({ id: `IC_${comment}`, believed: true });
  });

  it('in a long thread it is found by its id; deleted, it is gone', async () => {
    const world = await scene();
    const number = world.issue();
    const comment = await world.known(number, 'new');
    for (let i = 0; i < 30; i += 1) world.github.world.comment('tim', number, `Remark ${i}`);
    expect((await world.look()).task(number).comment).toMatchObject({ id: `IC_${comment}`, believed: true });
    world.github.world.deleteComment('alice', comment);
    expect((await world.look()).task(number).comment).toBeNull();
  });
});

describe('who speaks', () => {
  it('new comments that speak to us, oldest first; an edit does not speak, a quotation neither', async () => {
    const world = await scene();
    const { world: shop } = world.github;
    const number = world.issue();
    const old = shop.comment('alice', number, 'Nothing');
    world.pass(60);
    await world.watermark();
    world.pass(60);
    shop.editComment('alice', old.id, '/orch cancel');
    shop.comment('tim', number, '> /orch skip');
    shop.comment('alice', number, '/orch why');
    world.pass(1);
    shop.comment('tim', number, '/orch retry codex');
    const { commands, roles } = (await world.look()).snapshot;
    expect(commands.map(({ by, parsed }) => [by, parsed])).toEqual([
      ['alice', { kind: 'command', command: { verb: 'why' } }],
      ['tim', { kind: 'command', command: { verb: 'retry', engine: 'codex', model: null } }],
    ]);
    expect(roles).toEqual(
      new Map([
        ['alice', 'write'],
        ['tim', 'triage'],
      ]),
    );
  });

  it('a word on the pull request is a word on its task, which is read for it', async () => {
    const world = await scene();
    const { world: shop, repository } = world.github;
    const number = world.issue();
    repository.commitFiles(`orch/${number}-add-a-greeting`, { 'a.txt': 'hi\n' }, 'Greet');
    const head = `orch/${number}-add-a-greeting`;
    const pull = shop.openPull('alice', { title: 'Greet', body: '', head, base: 'main' });
    await world.known(number, 'needs_review', claim(number), settled());
    world.pass(60);
    await world.watermark();
    world.pass(60);
    shop.comment('alice', pull.number, '/orch retry');
    const woken = await world.look({ wake: { issue: issueNumber(pull.number) } });
    expect(woken.task(number).issue_read).toBe('read');
    const by_cron = await world.look();
    expect(by_cron.task(number).issue_read).toBe('read');
  });

  it('outside the queue: a person of the house has the issue read, a stranger costs one look at their role', async () => {
    const world = await scene();
    const { world: shop } = world.github;
    await world.watermark();
    const [theirs, ours] = [shop.openIssue('mallory', 'Hello').number, shop.openIssue('alice', 'Hello').number];
    shop.comment('mallory', theirs, '/orch help');
    expect((await world.look()).snapshot.tasks.has(taskId(theirs))).toBe(false);
    shop.comment('tim', ours, '/orch help');
    const seen = await world.look();
    expect(seen.task(ours).issue).toMatchObject({ title: 'Hello', labels: [] });
    expect(seen.snapshot.roles.get(Login.parse('mallory'))).toBe('read');
  });

  it('what a journal has handled, and was answered, asks for nobody’s role', async () => {
    const world = await scene();
    const number = world.issue();
    const comment = world.github.world.comment('tim', number, '/orch why');
    const actor = { person: world.github.world.person('tim'), job: null, kind: 'user', permissions: null } as const;
    react(world.github.world, actor, comment, '+1');
    const at = world.clock.now();
    await world.known(number, 'new', {
      kind: 'commanded',
      at,
      by: Login.parse('tim'),
      from: { comment: CommentId.parse(comment.id) },
      verb: 'why',
      engine: null,
      model: null,
      refused: null,
    });
    const { commands } = (await world.look()).snapshot;
    expect(commands).toHaveLength(1);
    expect(world.requests().filter((line) => line.endsWith('permission'))).toEqual([]);
  });
});

describe('is an attempt alive', () => {
  const leg = (number: number, part: string): string => `orch / #${number} · attempt 1 · codex / ${part}`;

  async function held(): Promise<{ readonly world: Scene; readonly number: number; readonly run: number }> {
    const world = await scene();
    const number = world.issue();
    const run = world.github.world.addRun();
    await world.known(number, 'in_progress', claim(number, { run: RunId.parse(run.id) }));
    return { world, number, run: run.id };
  }

  const lease = async (world: Scene, number: number) =>
    [...(await world.look()).task(number).leases.values()][0] ?? { kind: 'unread' };

  it('its job runs, or is about to come: alive', async () => {
    const { world, number, run } = await held();
    expect(await lease(world, number)).toEqual({ kind: 'alive' });
    const { job } = world.github.world.addJob(run, leg(number, 'attempt'));
    expect(await lease(world, number)).toEqual({ kind: 'alive' });
    world.github.world.updateJob(job.id, { conclusion: 'success' });
    expect(await lease(world, number)).toEqual({ kind: 'alive' });
  });

  it.each([
    ['success', 'finished_silent'],
    ['failure', 'failed'],
    ['cancelled', 'cancelled'],
  ])('deliver ended as %s without a word: %s', async (conclusion, cause) => {
    const { world, number, run } = await held();
    const attempt = world.github.world.addJob(run, leg(number, 'attempt'));
    world.github.world.updateJob(attempt.job.id, { conclusion: 'success' });
    const deliver = world.github.world.addJob(run, leg(number, 'deliver'));
    world.github.world.updateJob(deliver.job.id, { conclusion });
    expect(await lease(world, number)).toEqual({ kind: 'dead', cause });
  });

  it('the run is over before its job began, or before deliver could come', async () => {
    const first = await held();
    first.world.github.world.closeRun(first.run, 'cancelled');
    expect(await lease(first.world, first.number)).toEqual({ kind: 'dead', cause: 'never_started' });
    const second = await held();
    const { job } = second.world.github.world.addJob(second.run, leg(second.number, 'attempt'));
    second.world.github.world.updateJob(job.id, { conclusion: 'cancelled' });
    second.world.github.world.closeRun(second.run, 'cancelled');
    expect(await lease(second.world, second.number)).toEqual({ kind: 'dead', cause: 'cancelled' });
  });

  it('a run that GitHub no longer has is gone; one it cannot tell of now is unread, and nothing is concluded', async () => {
    const world = await scene();
    const number = world.issue();
    await world.known(number, 'in_progress', claim(number, { run: RunId.parse(424242) }));
    expect(await lease(world, number)).toEqual({ kind: 'dead', cause: 'run_gone' });
    world.github.faults.add({ kind: 'rest', what: '/actions/runs/', fault: 'status', status: 502, times: 3 });
    expect(await lease(world, number)).toEqual({ kind: 'unread' });
  });
});

describe('the configuration in force', () => {
  const write = (world: Scene, text: string): string =>
    world.github.repository.commitFiles('main', { '.github/orch.yml': text }, 'Configure');

  it('[CFG-13] none: the defaults; a valid file: the newest; an invalid one: the last that was good, and says so', async () => {
    const world = await scene();
    expect((await world.look()).origin).toEqual({ kind: 'defaults' });
    const good = write(world, 'attempts_max: 7\n');
    expect(await world.look()).toMatchObject({ origin: { kind: 'newest' }, policy: { attempts_max: 7 } });
    write(world, 'attempts_max: many\n');
    write(world, 'attempts_max: still many\n');
    const seen = await world.look();
    expect(seen.policy.attempts_max).toBe(7);
    expect(seen.origin).toMatchObject({ kind: 'last_good', commit: good, problems: [{ line: 1 }] });
  });

  it('[CFG-13] no good version among the last twenty: the defaults, with the newest file’s problems', async () => {
    const world = await scene();
    write(world, 'attempts_max: 7\n');
    for (let i = 0; i < 21; i += 1) write(world, `attempts_max: bad ${i}\n`);
    expect(await world.look()).toMatchObject({
      origin: { kind: 'defaults_after_error', problems: [expect.anything()] },
      policy: { attempts_max: 3 },
    });
  });
});

/** A part of the list's first issue is missing from one answer. */
const FIRST_UNREAD = {
  kind: 'graphql',
  what: 'Observe',
  fault: 'partial',
  path: ['repository', 'issues', 'nodes', 0, 'closedByPullRequestsReferences'],
} as const;

describe('trouble', () => {
  it('a page that is too much for GitHub is halved, until it answers', async () => {
    const world = await scene();
    const number = world.issue();
    world.github.faults.add({ kind: 'graphql', what: 'Observe', fault: 'status', status: 502, times: 2 });
    world.github.faults.add({ kind: 'graphql', what: 'Observe', fault: 'graphql_error_200' });
    expect((await world.look()).task(number).issue_read).toBe('read');
    expect(world.said.map((line) => /A page of (\d+)/.exec(line)?.[1])).toEqual(['100', '50', '25']);
  });

  it('an answer that lacks one task leaves that one unread, not missing; all others are read', async () => {
    const world = await scene();
    const [broken, fine] = [world.issue(), world.issue()];
    await world.known(broken, 'blocked');
    await world.known(fine, 'blocked');
    world.pass(60);
    await world.watermark();
    world.pass(60);
    world.github.faults.add({ kind: 'graphql', what: 'Observe', fault: 'partial', path: ['nodes', 0] });
    const seen = await world.look();
    expect([seen.task(broken).issue_read, seen.task(fine).issue_read]).toEqual(['unread', 'read']);
    expect(seen.snapshot.unread).toEqual([{ task: String(broken), why: expect.stringContaining('went wrong') }]);
  });

  it('a word on a task that cannot be read is not lost: the look says since when somebody was not heard', async () => {
    const world = await scene();
    const [broken, fine] = [world.issue(), world.issue()];
    for (const number of [broken, fine]) await world.known(number, 'needs_review');
    const said = world.clock.now();
    world.github.world.comment('alice', broken, '/orch why');
    world.pass(1);
    world.github.world.comment('alice', fine, '/orch why');
    world.pass(1);
    world.github.faults.add(FIRST_UNREAD);
    const seen = await world.look();
    expect([seen.task(broken).issue_read, seen.task(fine).issue_read]).toEqual(['unread', 'read']);
    expect(Date.parse(seen.snapshot.unheard_since ?? '')).toBe(Date.parse(said));
    expect((await world.look()).snapshot.unheard_since).toBeNull();
  });

  it('a word that was written down and not answered is not lost there either: its receipt is looked for again', async () => {
    const world = await scene();
    const number = world.issue();
    const at = world.clock.now();
    const { id } = world.github.world.comment('alice', number, '/orch why');
    const said = { kind: 'commanded', by: ALICE, verb: 'why', engine: null, model: null, refused: null } as const;
    await world.known(number, 'needs_review', { ...said, at, from: { comment: CommentId.parse(id) } });
    world.pass(1);
    world.github.faults.add(FIRST_UNREAD);
    const seen = await world.look();
    expect(seen.task(number).issue_read).toBe('unread');
    expect(Date.parse(seen.snapshot.unheard_since ?? '')).toBe(Date.parse(at));
    expect((await world.look()).snapshot.unheard_since).toBeNull();
  });

  it('a task whose comments are missing from the answer is not taken for one without a state comment', async () => {
    const world = await scene();
    const number = world.issue();
    await world.known(number, 'new');
    world.github.faults.add(FIRST_UNREAD);
    const seen = await world.look();
    expect(seen.snapshot.unread).toMatchObject([{ task: String(number) }]);
  });

  it('[ERR-16] a limit is a wait, until when GitHub says; nothing is asked before', async () => {
    const world = await scene();
    world.github.faults.add({ kind: 'graphql', fault: 'rate_limit' });
    const fault = await faultOf(world.look());
    expect(fault).toMatchObject({ consequence: 'wait' });
    expect(fault.not_before_ms).toBeGreaterThan(Date.parse(world.clock.now()));
    expect(world.requests()).toHaveLength(1);
  });

  it.each([
    [{ ...RECONCILE, issues: 'none' }, 'issues: read'],
    [{ ...RECONCILE, contents: 'none' }, 'contents'],
    [{ ...RECONCILE, actions: 'none' }, 'actions: read'],
  ])('[CFG-17] a token that lacks a permission: a person is told which (%#)', async (permissions, named) => {
    const world = await scene();
    const number = world.issue();
    const run = world.github.world.addRun();
    await world.known(number, 'in_progress', claim(number, { run: RunId.parse(run.id) }));
    const fault: Fault = await faultOf(world.look({ token: world.tokenWith(permissions) }));
    expect(fault.consequence).toBe('person');
    expect(`${fault.title} ${fault.remedy}`).toContain(named);
  });

  it('a repository the token does not reach is told as that', async () => {
    const world = await scene();
    world.github.faults.add({
      kind: 'graphql',
      what: 'Observe',
      fault: 'partial',
      path: ['repository'],
      message: 'Could not resolve to a Repository',
    });
    const fault = await faultOf(world.look());
    expect(fault.reason).toContain('Could not resolve to a Repository');
  });
});
