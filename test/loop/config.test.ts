// Owns the histories of people who change the configuration by a word, through the bundle.
import { describe, expect, it } from 'vitest';
import { ALICE, startOrch } from './orch.ts';
import type { World } from './orch.ts';

const BRANCHES = 'refs/heads/orch/config-';

function openPulls({ stage }: World) {
  return [...stage.github.world.pulls.values()].filter(({ state }) => state === 'open');
}

describe('the configuration, changed by a word', () => {
  it('[QUE-26] [JOB-03] `/orch set` and `/orch job add` are pull requests, and hold once they are merged', async () => {
    const orch = await startOrch({
      config: '# How much at once.\nparallel_max: 2 # two keys\n\n# The rest.\nattempts_max: 1\n',
    });
    const { world, repository } = orch.stage.github;
    world.grant(ALICE, 'maintain');
    const before = orch.file('main', '.github/orch.yml') ?? '';
    const number = orch.task('something else', { queue: false });
    orch.say(number, '/orch set parallel_max 5');
    orch.say(number, '/orch job add look "30 6 * * MON" audit Look for dead code.');
    await orch.settle();
    orch.say(number, '/orch set parallel_max 5');
    await orch.settle();
    await orch.cron();
    const pulls = openPulls(orch);
    expect(pulls.map(({ title, author }) => `${title}, by ${author.login}`)).toEqual([
      'Set parallel_max to 5, by github-actions[bot]',
      'Add the job look, by github-actions[bot]',
    ]);
    expect(repository.refs(BRANCHES)).toHaveLength(2);
    expect(orch.file('main', '.github/orch.yml')).toBe(before);
    const head = pulls[0]?.pull?.head_ref ?? '';
    expect(orch.file(head, '.github/orch.yml')).toBe(before.replace('parallel_max: 2', 'parallel_max: 5'));
    const answers = orch.comments(number);
    expect(answers).toHaveLength(3);
    expect(answers[0]).toContain(`/compare/main...${head}?quick_pull=1`);
    expect([orch.issue(number).labels, orch.journal(number).changes]).toEqual([[], []]);
    for (const pull of pulls) world.mergePull(ALICE, pull.number);
    await orch.settle();
    orch.say(number, '/orch settings');
    orch.say(number, '/orch job list');
    await orch.settle();
    const [settings = '', jobs = ''] = orch.comments(number).slice(3);
    expect(settings).toContain('| `parallel_max` | `5` | line');
    expect(jobs).toContain('`look` | `30 6 * * MON UTC`');
  });

  it('[JOB-04] a dispatch asks for the same; where Actions may not open pull requests, the branch is there and the link', async () => {
    const orch = await startOrch({
      config: 'jobs:\n  - { name: nightly, cron: "0 3 * * *", prompt: Tidy up. }\n',
    });
    const { world, repository } = orch.stage.github;
    world.actions_may_create_pulls = false;
    await orch.dispatch({ verb: 'job remove nightly' });
    await orch.cron();
    const [branch] = repository.refs(BRANCHES);
    const name = branch?.ref.slice('refs/heads/'.length) ?? '';
    expect(orch.file(name, '.github/orch.yml')).not.toContain('nightly');
    expect(openPulls(orch)).toEqual([]);
    expect(repository.refs('refs/orch/inbox/')).toEqual([]);
    const told = orch.summaries.filter(({ summary }) => summary.includes(`/compare/main...${name}`));
    expect(told).toHaveLength(1);
    await orch.dispatch({ verb: 'set parallel_max 5' });
    expect(orch.summaries.at(-1)?.summary).toContain('takes at least the role `maintain`');
  });

  it('a proposal that was closed is made anew when somebody says it again, on the same branch', async () => {
    const orch = await startOrch({ config: 'parallel_max: 2\n' });
    const { world, repository } = orch.stage.github;
    world.grant(ALICE, 'maintain');
    const number = orch.task('something else', { queue: false });
    orch.say(number, '/orch set parallel_max 5');
    await orch.settle();
    const [first] = openPulls(orch);
    world.closePull(ALICE, first?.number ?? 0);
    repository.commitFiles('main', { 'later.txt': 'news' }, 'Go on');
    orch.say(number, '/orch set parallel_max 5');
    await orch.settle();
    await orch.cron();
    const again = openPulls(orch);
    expect(again.map(({ pull }) => pull?.head_ref)).toEqual([first?.pull?.head_ref]);
    expect(again[0]?.number).not.toBe(first?.number);
    expect(orch.file(again[0]?.pull?.head_ref ?? '', 'later.txt')).toBe('news');
    expect(orch.journal(number).changes).toEqual([]);
  });
});
