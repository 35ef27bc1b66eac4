// Owns the gate's rules as tables: what a hand-in may not contain, and what it may.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkChange } from '../../../src/core/gate/check-change.ts';
import { matchesGlob } from '../../../src/core/gate/glob.ts';
import { symlinkEscapes, unsafePath } from '../../../src/core/gate/paths.ts';
import type { ChangedEntry, ChangeSet } from '../../../src/domain/change.ts';
import { DEFAULT_POLICY } from '../../../src/domain/default-policy.ts';
import { CommitSha } from '../../../src/domain/ids.ts';

const PARENT = CommitSha.parse('a'.repeat(40));

function entry(path: string, over: Partial<ChangedEntry> = {}): ChangedEntry {
  return { path, change: 'added', kind: 'file', blob: 'b'.repeat(40), bytes: 10, target: null, ...over };
}

function rulesBrokenBy(entries: readonly ChangedEntry[], over: Partial<ChangeSet> = {}): readonly string[] {
  const change: ChangeSet = { parent: PARENT, tree: 'c'.repeat(40), entries, cut: false, ...over };
  return checkChange(change, DEFAULT_POLICY.gate).map(({ rule }) => rule);
}

describe('the gate', () => {
  it('lets ordinary work through: new files, deletions, a link that stays inside', () => {
    const work = [
      entry('src/a.ts'),
      entry('docs/old.md', { change: 'deleted', blob: null, bytes: 0 }),
      entry('bin/run', { kind: 'executable' }),
      entry('src/link', { kind: 'symlink', target: '../docs/new.md' }),
    ];
    expect(rulesBrokenBy(work)).toEqual([]);
  });

  it.each([
    ['a link to the outside', entry('a/link', { kind: 'symlink', target: '../../etc/passwd' }), 'symlink_escape'],
    ['an absolute link', entry('link', { kind: 'symlink', target: '/etc/passwd' }), 'symlink_escape'],
    ['a link into .git', entry('link', { kind: 'symlink', target: '.git/config' }), 'symlink_escape'],
    ['a submodule', entry('vendor/x', { kind: 'submodule', blob: null }), 'submodule'],
    ['a device', entry('dev', { kind: 'other' }), 'other_kind'],
    ['a workflow', entry('.github/workflows/ci.yml', { change: 'modified' }), 'protected_path'],
    ['a deleted workflow', entry('.github/workflows/ci.yml', { change: 'deleted' }), 'protected_path'],
    ['a nested agent file', entry('packages/x/AGENTS.md'), 'protected_path'],
    ['an agent file in other case', entry('packages/x/agents.MD'), 'protected_path'],
    ['a huge file', entry('a.bin', { bytes: 3_000_000 }), 'file_bytes_max'],
    ['a name that reads backwards', entry('evil\u202Egnp.exe'), 'unsafe_path'],
    ['a .git folder', entry('sub/.git/hooks/pre-commit'), 'unsafe_path'],
    ['a .GIT folder', entry('sub/.GIT/config'), 'unsafe_path'],
  ])('refuses %s', (_, bad, rule) => {
    expect(rulesBrokenBy([entry('fine.txt'), bad])).toEqual([rule]);
  });

  it('refuses too many files, too many bytes, and a hand-in its reader had to cut', () => {
    const many = Array.from({ length: 301 }, (_, i) => entry(`f${i}`));
    expect(rulesBrokenBy(many)).toEqual(['files_max']);
    const heavy = Array.from({ length: 4 }, (_, i) => entry(`f${i}`, { bytes: 1_500_000 }));
    expect(rulesBrokenBy(heavy)).toEqual(['bytes_max']);
    expect(rulesBrokenBy([entry('a')], { cut: true })).toEqual(['files_max']);
  });

  it('refuses two names that differ only in case, but not a rename that changes the case', () => {
    expect(rulesBrokenBy([entry('Readme.md'), entry('README.md')])).toEqual(['case_collision']);
    expect(rulesBrokenBy([entry('Readme.md', { change: 'deleted' }), entry('README.md')])).toEqual([]);
  });

  it('names everything that is wrong in one run, up to a bound', () => {
    const bad = Array.from({ length: 200 }, (_, i) => entry(`.github/workflows/${i}.yml`));
    expect(rulesBrokenBy(bad)).toHaveLength(50);
  });
});

describe('paths and links', () => {
  it.each([
    '..',
    'a/../b',
    '/abs',
    'a//b',
    'a\\b',
    'git~1/x',
    '.git',
    '.git.',
    'a/.git ',
    '.g\u200cit/x',
    `${'d/'.repeat(300)}x`,
    `${'ü'.repeat(200)}`,
  ])('%j is unsafe', (path) => {
    expect(unsafePath(path)).not.toBeNull();
  });

  it.each(['a', '.github/x', '.gitignore', 'a b/c d.txt', 'ünïcode/ファイル.md', '-leading', '$(x)', 'a;b'])(
    '%j is safe',
    (path) => {
      expect(unsafePath(path)).toBeNull();
    },
  );

  it.each([
    ['a/b/link', '../../x', false],
    ['a/b/link', '../../../x', true],
    ['link', './dir//./file', false],
    ['a/b/link', './../x', false],
    ['link', '.', false],
    ['link', '..', true],
    ['link', 'dir/../file', true],
    ['a/link', '../dir/.GIT/config', true],
    ['link', 'x/../../y', true],
    ['link', '', true],
  ])('%s → %s escapes: %s', (path, target, escapes) => {
    expect(symlinkEscapes(path, target)).toBe(escapes);
  });
});

describe('two links that each stay inside', () => {
  it('do not lead out of the repository together', () => {
    const links = [
      entry('p/q/r/down', { kind: 'symlink', target: '../../../x' }),
      entry('up', { kind: 'symlink', target: 'p/q/r/down/../..' }),
    ];
    expect(rulesBrokenBy(links)).toEqual(['symlink_escape']);
  });

  it('whatever links pass, on a disk none of them, nor any chain of them, leads out', () => {
    const part = fc.constantFrom('a', 'b', 'c', '..', '.');
    const names = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 });
    const link = fc.record({ path: names, target: fc.array(part, { minLength: 1, maxLength: 5 }) });
    fc.assert(
      fc.property(fc.array(link, { maxLength: 5 }), (links) => {
        const disk = layLinks(links.map(({ path, target }) => ({ path: path.join('/'), target: target.join('/') })));
        for (const path of disk.keys()) expect(follow(disk, path)).not.toBe('outside');
      }),
      { numRuns: 2_000 },
    );
  });
});

interface Link {
  readonly path: string;
  readonly target: string;
}

/** Those the gate lets through; what stands below a link stands in no tree of git. */
function layLinks(links: readonly Link[]): ReadonlyMap<string, string> {
  const disk = new Map<string, string>();
  for (const { path, target } of links) {
    const clashes = [...disk.keys()].some(
      (other) => `${other}/`.startsWith(`${path}/`) || path.startsWith(`${other}/`),
    );
    if (!clashes && !symlinkEscapes(path, target)) disk.set(path, target);
  }
  return disk;
}

/** As a disk does it, part by part, where every name that is no link is a folder. */
function follow(disk: ReadonlyMap<string, string>, start: string): string {
  const at: string[] = [];
  let left = start.split('/');
  for (let steps = 0; left.length > 0 && steps < 200; steps += 1) {
    const [part = '', ...rest] = left;
    left = rest;
    if (part === '..' && at.pop() === undefined) return 'outside';
    if (part === '..' || part === '.' || part === '') continue;
    const target = disk.get([...at, part].join('/'));
    if (target === undefined) at.push(part);
    else left = [...target.split('/'), ...rest];
  }
  return at.join('/');
}

describe('globs', () => {
  it.each([
    ['.github/workflows/deep/ci.yml', '.github/workflows/**', true],
    ['src/workflows/ci.yml', '.github/workflows/**', false],
    ['x/y/CLAUDE.md', 'CLAUDE.md', true],
    ['a/b.lock', '*.lock', true],
    ['docs/a.md', 'docs/*.md', true],
    ['docs/x/a.md', 'docs/*.md', false],
  ])('%s matches %s: %s', (file, glob, expected) => {
    expect(matchesGlob(file, glob)).toBe(expected);
  });
});
