// Owns the reading of facts: whose pull request it is, whose comment, and what a text says it depends on.
import { describe, expect, it } from 'vitest';
import { chosenPull, issueFacts, referencedIssues, stateComment } from '../../src/github/facts.ts';
import { Pull, Task } from '../../src/github/schema.ts';
import { sha256 } from '../../src/domain/digest.ts';
import { CommitSha, Instant, NodeId } from '../../src/domain/ids.ts';
import { EMPTY_JOURNAL } from '../../src/domain/journal.ts';
import type { TaskJournal } from '../../src/domain/journal.ts';
import { renderMarker } from '../../src/wire/marker.ts';

const AT = Instant.parse('2026-11-20T10:00:00Z');

function pull(number: number, over: Readonly<Record<string, unknown>> = {}): Pull {
  return Pull.parse({
    id: `PR_${number}`,
    number,
    state: 'OPEN',
    isDraft: false,
    isCrossRepository: false,
    headRefName: 'orch/7-fix',
    headRefOid: CommitSha.parse('a'.repeat(40)),
    baseRefName: 'main',
    changedFiles: 1,
    closedAt: null,
    reviewDecision: null,
    mergedBy: null,
    ...over,
  });
}

function task(over: Readonly<Record<string, unknown>> = {}): Task {
  return Task.parse({
    id: 'I_7',
    number: 7,
    title: 'Fix',
    body: '',
    state: 'OPEN',
    stateReason: null,
    createdAt: AT,
    updatedAt: AT,
    author: { login: 'Alice' },
    labels: { nodes: [] },
    milestone: null,
    timelineItems: { nodes: [] },
    comments: { totalCount: 0, nodes: [] },
    closedByPullRequestsReferences: { nodes: [] },
    ...over,
  });
}

describe('whose pull request', () => {
  it('[GIT-06] [GIT-07] the one on our branch, the open one first, else the newest', () => {
    expect(chosenPull([pull(8, { state: 'CLOSED' }), pull(9)], 'orch/7-fix', null)?.number).toBe(9);
    expect(chosenPull([pull(8, { state: 'CLOSED' }), pull(9, { state: 'CLOSED' })], 'orch/7-fix', null)?.number).toBe(
      9,
    );
    expect(chosenPull([pull(8, { headRefName: 'other' })], 'orch/7-fix', null)).toBeNull();
  });

  it('never one from a fork, whatever its branch is called', () => {
    expect(chosenPull([pull(8, { isCrossRepository: true })], 'orch/7-fix', null)).toBeNull();
  });
});

describe('whose comment', () => {
  const body = `Working.\n${renderMarker('state', { v: 1, task: '7', state: 'in_progress', attempts: 2, pr: null })}`;
  const shown: TaskJournal = {
    ...EMPTY_JOURNAL,
    shown: {
      kind: 'shown',
      at: AT,
      state: 'in_progress',
      comment: NodeId.parse('IC_1'),
      digest: sha256(body),
      priority: 0,
    },
  };
  const comment = (over: Readonly<Record<string, unknown>> = {}) => ({
    id: 'IC_1',
    viewerDidAuthor: true,
    body,
    author: { login: 'github-actions' },
    editor: null,
    ...over,
  });
  const read = (over: Readonly<Record<string, unknown>>) =>
    stateComment(task({ comments: { totalCount: 1, nodes: [comment(over)] } }), shown, new Map());

  it('ours and unaltered is believed; altered, or edited by somebody, is not', () => {
    expect(read({})).toMatchObject({ believed: true, remembers: { attempts: 2, pr: null } });
    expect(read({ body: `${body} ` })).toMatchObject({ believed: false });
    expect(read({ editor: { login: 'mallory' } })).toMatchObject({ believed: false, remembers: null });
  });

  it('a stranger’s comment with our marker is nothing to us', () => {
    expect(read({ id: 'IC_2', viewerDidAuthor: false })).toBeNull();
  });
});

describe('relations across repositories', () => {
  it('[MOD-11] an issue of another one blocks under its whole name, and its number is not ours', () => {
    const related = (number: number, nameWithOwner: string) => ({
      number,
      title: 'Other',
      state: 'OPEN',
      repository: { nameWithOwner },
    });
    const seen = issueFacts(
      task({
        blockedBy: { nodes: [related(7, 'acme/lib'), related(8, 'Acme/Shop')] },
        subIssues: { nodes: [related(7, 'acme/lib'), related(9, 'acme/shop')] },
        parent: { number: 20, repository: { nameWithOwner: 'acme/lib' } },
      }),
      [],
      'acme/shop',
    );
    expect(seen.dependencies.map(({ issue }) => issue)).toEqual([8]);
    expect(seen.children.map(({ issue }) => issue)).toEqual([9]);
    expect(seen.parent).toBeNull();
    const lib = { name: 'acme/lib#7', open: true };
    expect(seen.foreign).toEqual([lib, lib]);
  });
});

describe('what a text depends on', () => {
  it.each([
    ['Depends on #3', [3]],
    ['- [ ] blocked by #3, #4 and #5', [3, 4, 5]],
    ['depends on: #12', [12]],
    ['It depends on #3 whether this works', []],
    ['Depends on #7', []],
    ['see #3', []],
    ['Like this:\n\n```\nDepends on #12\n```', []],
    ['1. Like this:\n\n   ```md\n   Depends on #12\n   ```\n\nBlocked by #4', [4]],
    ['- ```\n  Depends on #12\n  ```\n\nDepends on #4', [4]],
    ['<!--\nWrite what it waits for:\n\nDepends on #12\n-->\n\nDepends on #4', [4]],
    ['It is <!-- as in\nDepends on #12\n--> simple', []],
    ['1. First\n    - Depends on #3\n\n<details>\nDepends on #4\n</details>', [3, 4]],
    ['Depends on #3,\n#4', [3, 4]],
  ])('[MOD-11] %j → %j', (body, numbers) => {
    expect(referencedIssues(task({ body }))).toEqual(numbers.map((number) => ({ issue: number, source: 'text' })));
  });

  it('is found below any number of empty lines: a long text costs no more than it is long', () => {
    const body = `${'\n'.repeat(65_000)}Then\nDepends on #3`;
    const read = Array.from({ length: 40 }, () => referencedIssues(task({ body })));
    expect(read.every(([first]) => first?.issue === 3)).toBe(true);
  });

  it('[DEP-02] what is only wished for is told apart, and a dependency beats a wish', () => {
    const body = 'Soft-depends on #3, #4\nDepends on #4';
    expect(referencedIssues(task({ body }))).toEqual([
      { issue: 3, source: 'soft' },
      { issue: 4, source: 'text' },
    ]);
  });
});
