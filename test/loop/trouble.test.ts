// Owns the histories of trouble: bad input, a world that fails, and people's accidents; nothing is lost, each says why.
import { describe, expect, it } from 'vitest';
import { ALICE, MALLORY, startOrch } from './orch.ts';

describe('configuration', () => {
  it('[CFG-13] [FUT-05] a broken file keeps the last good one in force, and says line, key and remedy', async () => {
    const orch = await startOrch({ config: 'attempts_max: 1\n' });
    const { repository } = orch.stage.github;
    const good = repository.readFile('refs/heads/main', '.github/orch.yml') ?? '';
    repository.commitFiles('main', { '.github/orch.yml': `${good}\natempts: 5\n` }, 'Break the configuration');
    const number = orch.task('never mind');
    await orch.settle();
    expect(orch.outcomes(number)).toEqual(['failed']);
    expect(orch.state(number)).toBe('needs_review');
    const told = orch.summaries.map(({ summary }) => summary).join('\n');
    expect(told).toContain('atempts');
    expect(told).toMatch(/line \d+/);
  });

  it("[CFG-07] an organisation's defaults hold where the repository says nothing, and its own word beats them", async () => {
    const orch = await startOrch({ config: 'extends: acme/.github\nattempts_max: 1\n' });
    const defaults = 'attempts_max: 2\nintake: { permission: triage }\n';
    orch.stage.github.world.neighbours.set('acme/.github', new Map([['.github/orch.yml', defaults]]));
    const number = orch.task('never mind', { by: MALLORY });
    await orch.settle();
    expect(orch.outcomes(number)).toEqual(['failed']);
    expect(orch.state(number)).toBe('needs_review');
  });

  it('defaults of an organisation that cannot be read are named, with the remedy', async () => {
    const orch = await startOrch({ config: 'extends: acme/secrets\n' });
    await orch.cron();
    const told = orch.summaries.map(({ summary }) => summary).join('\n');
    expect(told).toContain('acme/secrets has no .github/orch.yml that this token can read');
  });

  it('[TRG-07] [CFG-12] another intake label, by repository variable', async () => {
    const orch = await startOrch({ vars: { ORCH_LABEL: 'robots' } });
    const number = orch.task('write a.txt', { queue: false });
    orch.label(number, 'robots');
    await orch.settle();
    expect(orch.state(number)).toBe('in_review');
  });

  it('[CFG-06] [AGT-10] [AGT-11] an engine whose command names an unknown slot never starts, and a person is told', async () => {
    const orch = await startOrch({ config: 'infra_attempts_max: 1\nattempts_max: 1\n' });
    const { repository } = orch.stage.github;
    const text = (repository.readFile('refs/heads/main', '.github/orch.yml') ?? '').replace('${TITLE}', '${TITEL}');
    repository.commitFiles('main', { '.github/orch.yml': text }, 'Misspell a slot');
    const number = orch.task('write a.txt');
    await orch.settle();
    expect(orch.pull(number)).toBeNull();
    expect(orch.state(number)).toBe('needs_review');
    expect(orch.stateComment(number)).toContain('TITEL');
  });
});

describe('what deliver refuses', () => {
  it.each([
    ['too many files', 'many files', '400 files'],
    ['a file that is too large', 'huge file', '3000000 bytes'],
    ['a workflow', 'workflow change', 'protected'],
    ['a secret', 'secret in a file', 'token'],
    ['a link to the outside', 'link away', 'link'],
  ])('%s: nothing is pushed, the hand-in is kept, a person is told why and how to go on', async (_, title, word) => {
    const orch = await startOrch();
    const number = orch.task(title);
    await orch.settle();
    expect(orch.outcomes(number)).toEqual(['refused']);
    expect(orch.state(number)).toBe('needs_review');
    expect(orch.stateComment(number)).toContain('/orch retry');
    expect(orch.stateComment(number).toLowerCase()).toContain(word);
    expect(orch.stage.github.repository.refs('refs/heads/orch/')).toEqual([]);
    const run = orch.journal(number).attempts[0]?.claim.run ?? 0;
    expect(orch.stage.github.artifacts.list(run).map(({ name }) => name)).toContain(`orch-hand-in-code-${number}-1`);
  });
});

describe('the journal', () => {
  it('a lost journal is rebuilt from the state comment, and says so; attempts go on counting', async () => {
    const orch = await startOrch({ config: 'attempts_max: 1\n' });
    const number = orch.task('never mind');
    await orch.settle();
    orch.stage.github.repository.deleteRef(`refs/orch/task/${number}`);
    orch.stage.github.repository.deleteRef('refs/orch/history');
    await orch.dispatch({ sweep: 'true' });
    expect(orch.journal(number).rebuilt).toBe(true);
    orch.say(number, '/orch retry');
    await orch.settle();
    expect(orch.journal(number).attempts[0]?.number).toBe(2);
    expect(orch.stateComment(number)).toContain('rebuilt');
  });

  it('a deleted or altered state comment is written again; a forged one is ignored', async () => {
    const orch = await startOrch();
    const number = orch.task('write a.txt');
    await orch.settle();
    const { world } = orch.stage.github;
    const ours = [...world.comments.values()].find(({ body }) => body.includes('orch:state'));
    const body = ours?.body ?? '';
    world.editComment(ALICE, ours?.id ?? 0, body.replace('"pr":2', '"pr":99'));
    world.comment('eve', number, body.replaceAll('"attempts":1', '"attempts":0'));
    await orch.cron();
    expect(orch.stateComment(number)).toBe(body);
    world.deleteComment(ALICE, ours?.id ?? 0);
    await orch.cron();
    expect(orch.stateComment(number)).toContain('Ready for review');
    expect(orch.journal(number).pr).toBe(orch.pull(number)?.number);
  });

  it('[QUE-09] [GIT-04] [GIT-19] a branch whose pull request was never opened gets one', async () => {
    const orch = await startOrch();
    orch.stage.github.faults.add({
      kind: 'rest',
      method: 'POST',
      what: '/pulls',
      fault: 'status',
      status: 502,
      times: 1,
    });
    const number = orch.task('write a.txt');
    await orch.settle();
    await orch.cron();
    expect(orch.pull(number)?.state).toBe('open');
    expect(orch.state(number)).toBe('in_review');
    expect(orch.outcomes(number)).toEqual(['delivered']);
  });

  it('a pull request that was opened although the answer was lost is found, not opened twice', async () => {
    const orch = await startOrch();
    orch.stage.github.faults.add({
      kind: 'rest',
      method: 'POST',
      what: '/pulls',
      fault: 'timeout_after_commit',
      times: 1,
    });
    const number = orch.task('write a.txt');
    await orch.settle();
    await orch.cron();
    expect([...orch.stage.github.world.issues.values()].filter(({ pull }) => pull !== null)).toHaveLength(1);
    expect(orch.state(number)).toBe('in_review');
  });
});

describe('GitHub says no', () => {
  it('the repository forbids Actions to open pull requests: the branch stays, a person gets the link and the setting', async () => {
    const orch = await startOrch();
    orch.stage.github.world.actions_may_create_pulls = false;
    const number = orch.task('write a.txt');
    await orch.settle();
    expect(orch.state(number)).toBe('needs_review');
    expect(orch.outcomes(number)).toEqual(['delivered']);
    expect(orch.stateComment(number)).toContain('/compare/');
    expect(orch.stateComment(number)).toContain('Allow GitHub Actions to create and approve pull requests');
    expect(orch.stage.github.repository.refs('refs/heads/orch/')).toHaveLength(1);
  });

  it('[ERR-16] a rate limit stops the tick without harm; the next one goes on', async () => {
    const orch = await startOrch();
    orch.stage.github.faults.add({ kind: 'graphql', fault: 'secondary_limit', times: 1 });
    const number = orch.task('write a.txt');
    await orch.settle();
    expect(orch.pull(number)).toBeNull();
    await orch.cron();
    expect(orch.state(number)).toBe('in_review');
  });

  it('trouble that passes is read through, and a write that failed is done by the next tick', async () => {
    const orch = await startOrch();
    orch.stage.github.faults.add({ kind: 'graphql', what: 'Observe', fault: 'status', status: 502, times: 1 });
    orch.stage.github.faults.add({ kind: 'graphql', what: 'Apply', fault: 'status', status: 502, times: 1 });
    const number = orch.task('write a.txt');
    await orch.settle();
    await orch.cron();
    expect(orch.state(number)).toBe('in_review');
    expect(orch.comments(number)).toHaveLength(1);
  });

  it('[ERR-11] [ERR-20] [STA-26] [STA-23] a runner that is lost without a word: the lease is dead, the attempt is settled, the next one delivers', async () => {
    const orch = await startOrch();
    const number = orch.task('slow work');
    orch.afterStart(2_500, () => void orch.stage.runner.lose('attempt 1 · custom / attempt'));
    await orch.settle();
    await orch.cron();
    expect(orch.outcomes(number).at(-1)).toBe('delivered');
    expect(['crashed', 'infra']).toContain(orch.outcomes(number)[0]);
  });

  it('an artifact that is gone when deliver wants it: nothing is pushed, the attempt is settled with the reason', async () => {
    const orch = await startOrch({ config: 'attempts_max: 1\ninfra_attempts_max: 1\n' });
    const number = orch.task('write a.txt');
    const { github } = orch.stage;
    const timer = setInterval(() => {
      for (const run of github.world.runs.keys()) {
        for (const artifact of github.artifacts.list(run))
          if (artifact.name.startsWith('orch-hand-in')) void github.artifacts.remove(artifact.id);
      }
    }, 20);
    await orch.settle();
    clearInterval(timer);
    expect(orch.outcomes(number)).toEqual(['crashed']);
    expect(orch.stage.github.repository.refs('refs/heads/orch/')).toEqual([]);
    expect(orch.state(number)).toBe('needs_review');
  });

  it('a branch of that name that is there already is continued, never overwritten', async () => {
    const orch = await startOrch();
    const { repository } = orch.stage.github;
    const sha = repository.commitFiles('orch/1-write-a-txt', { 'x.txt': 'theirs\n' }, 'Somebody was here first');
    const number = orch.task('write a.txt');
    await orch.settle();
    await orch.cron();
    const head = repository.resolve('refs/heads/orch/1-write-a-txt') ?? '';
    expect(repository.isAncestor(sha, head)).toBe(true);
    expect(orch.file('orch/1-write-a-txt', 'x.txt')).toContain('theirs');
    expect(orch.state(number)).toBe('in_review');
  });

  it('an issue that was deleted is let go, and the others go on', async () => {
    const orch = await startOrch();
    const gone = orch.task('never mind');
    const stays = orch.task('write a.txt');
    orch.afterStart(500, () => {
      if (orch.stage.github.world.issues.has(gone)) orch.stage.github.world.deleteIssue(ALICE, gone);
    });
    await orch.settle();
    await orch.cron();
    expect(orch.state(stays)).toBe('in_review');
  });

  it('without a token, or outside a runner, it says what is missing', async () => {
    const { spawnSync } = await import('node:child_process');
    const { bundleInUse } = await import('../../src/cli/bundle.ts');
    const ran = spawnSync(process.execPath, [bundleInUse(process.env).file], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '', INPUT_MODE: 'reconcile', GITHUB_REPOSITORY: 'a/b', GITHUB_RUN_ID: '1' },
    });
    expect(ran.status).toBe(1);
    expect(ran.stdout).toContain('The input `token` is missing');
    expect(ran.stdout).toContain('token: ${{ github.token }}');
  });
});
