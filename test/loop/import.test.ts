// Owns the histories of files that become issues, through the bundle: by a comment, by a dispatch, and worked on after a label.
import { describe, expect, it } from 'vitest';
import { startOrch } from './orch.ts';

const EPIC = `---
title: "Epic: a shop"
labels: [devops]
---
# Epic: a shop

Sell things.

## Phase 1: Ground
### 1.1 write a.txt
- [ ] Write the file

**Files:**
- \`a.txt\` (new)

## Phase 2: Face
- [ ] write b.txt (depends on 1.1)
- [ ] Ring (depends on 7.7)
`;

describe('an epic document', () => {
  it('[TRG-03] [DEP-10] dispatched, is a parent issue with its children, which start in order once labelled', async () => {
    const orch = await startOrch({ files: { 'docs/epic.md': EPIC } });
    await orch.dispatch({ verb: 'import docs/epic.md' });
    const { world } = orch.stage.github;
    const epic = [...world.issues.values()].find(({ title }) => title === 'Epic: a shop');
    const number = epic?.number ?? 0;
    expect(epic?.body).toContain('> Sell things.');
    expect(epic?.sub_issues.map((child) => orch.issue(child).title)).toEqual(['write a.txt', 'write b.txt', 'Ring']);
    const [first = 0, second = 0, third = 0] = epic?.sub_issues ?? [];
    expect(orch.comments(number)).toEqual([
      expect.stringContaining(`below #${number}: #${first}, #${second}, #${third}.`),
    ]);
    expect(orch.comments(number)[0]).toContain('- line 18: `7.7` names no task of the file');
    expect(orch.issue(second).labels).toEqual(expect.arrayContaining(['phase:2', `parent:${number}`]));
    expect(orch.issue(second).body).toContain(`Depends on #${first}`);
    for (const child of [first, second]) orch.label(child, 'agent-todo');
    await orch.settle();
    expect([orch.state(first), orch.state(second)]).toEqual(['in_review', 'blocked']);
    await orch.merge(first);
    await orch.settle();
    expect([orch.state(first), orch.state(second)]).toEqual(['done', 'in_review']);
  });

  it('said on an issue that is no task goes there, and a second time makes only what is new', async () => {
    const orch = await startOrch({ files: { 'tasks.jsonl': '{"id":"a","title":"One"}\n{"id":"b","title":"Two"}\n' } });
    const number = orch.task('Our epic', { queue: false });
    orch.say(number, '/orch import tasks.jsonl');
    await orch.settle();
    orch.say(number, '/orch import tasks.jsonl');
    await orch.settle();
    expect(orch.issue(number).sub_issues).toHaveLength(2);
    expect(orch.comments(number).map((body) => body.split('\n')[0])).toEqual([
      expect.stringMatching(/^Made 2 issues of `tasks.jsonl`/),
      'Nothing in `tasks.jsonl` is new.',
    ]);
  });
});

describe('the queue', () => {
  it('[DAT-03] exported, is an artifact of the run that answers', async () => {
    const orch = await startOrch();
    const number = orch.task('write a.txt', { labels: ['priority:high'] });
    await orch.settle();
    orch.say(number, '/orch export');
    await orch.settle();
    const { artifacts, world } = orch.stage.github;
    const kept = [...world.runs.keys()].flatMap((run) => artifacts.list(run)).find(({ name }) => name === 'orch-tasks');
    expect(orch.comments(number).at(-1)).toMatch(/^1 task of the queue, .*\/actions\/runs\/\d+#artifacts\)/);
    expect(kept?.size_in_bytes).toBeGreaterThan(100);
  });
});
