// Owns the proof that the parts of Orch are parts: what each of them reaches, through all that it imports.
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { importSites, resolveImport } from './imports.ts';
import { parse, ringOf } from './law.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');

interface Reach {
  readonly files: ReadonlySet<string>;
  readonly rings: ReadonlySet<string>;
  readonly packages: ReadonlySet<string>;
}

/** Everything that an entry imports, over any number of files; types count, since they are knowledge too. */
function reachOf(entry: string): Reach {
  const files = new Set([entry]);
  const packages = new Set<string>();
  for (const name of files) {
    const source = parse({ path: name, text: readFileSync(path.join(ROOT, name), 'utf8') });
    for (const { specifier } of importSites(source)) {
      if (!specifier.startsWith('.')) packages.add(specifier);
      else if (specifier.endsWith('.ts')) files.add(resolveImport(name, specifier));
    }
  }
  return { files, rings: new Set([...files].map(ringOf)), packages };
}

function filesBelow(folder: string): readonly string[] {
  return globSync(`src/${folder}/**/*.ts`, { cwd: ROOT }).map((name) => name.split(path.sep).join('/'));
}

const OUTSIDE = /^(?:@actions\/|@octokit\/|@ai-sdk\/|ai$|node:(?:child_process|http|https|net|fs))/;

describe('the world outside is behind ports', () => {
  test.each(['src/reconcile/tick.ts', 'src/deliver/deliver.ts'])(
    '[ENG-17] %s reaches no GitHub, no engine and no git: what it needs of them are its ports',
    (entry) => {
      const { rings, packages, files } = reachOf(entry);
      for (const ring of ['github', 'git', 'agent', 'sandbox', 'route', 'modes', 'local'])
        expect(rings).not.toContain(ring);
      expect([...packages].filter((name) => OUTSIDE.test(name))).toEqual([]);
      expect([...files].filter((name) => name.endsWith('/ports.ts'))).not.toEqual([]);
    },
  );

  test('[ENG-17] an attempt takes its files, its room and its engine from ports', () => {
    const { rings } = reachOf('src/agent/attempt/attempt.ts');
    for (const ring of ['github', 'git', 'sandbox', 'modes', 'core']) expect(rings).not.toContain(ring);
  });

  test.each([
    ['github', /^(?:@actions\/(?:github|artifact)|@octokit\/)/],
    ['route', /^(?:ai$|@ai-sdk\/)/],
    ['sandbox', /^@anthropic-ai\/sandbox-runtime$/],
  ])('[ENG-17] what speaks to the outside for %s is imported there and by nobody who decides', (ring, speaks) => {
    const users = globSync('src/**/*.ts', { cwd: ROOT })
      .map((name) => name.split(path.sep).join('/'))
      .filter((name) => {
        const source = parse({ path: name, text: readFileSync(path.join(ROOT, name), 'utf8') });
        return importSites(source).some(({ specifier }) => speaks.test(specifier));
      });
    expect(users.map(ringOf)).toContain(ring);
    for (const name of users)
      expect(['core', 'domain', 'wire', 'input', 'reconcile', 'deliver']).not.toContain(ringOf(name));
  });
});

describe('parts know each other by narrow borders', () => {
  const WINGS = ['github', 'git', 'agent', 'route', 'sandbox'] as const;

  test.each(WINGS)('[ENG-12] [DAT-18] %s knows of the loop its ports alone, and of the other wings nothing', (wing) => {
    for (const entry of filesBelow(wing)) {
      const { rings, files } = reachOf(entry);
      for (const other of WINGS) if (other !== wing) expect(rings, entry).not.toContain(other);
      for (const ring of ['core', 'modes', 'deliver']) expect(rings, entry).not.toContain(ring);
      expect([...files].filter((name) => ringOf(name) === 'reconcile' && name !== 'src/reconcile/ports.ts')).toEqual(
        [],
      );
    }
  });

  test('[ENG-12] [DAT-18] a task is decided on without knowing what runs it, what stores it and what shows it', () => {
    expect([...reachOf('src/core/decide.ts').rings].sort()).toEqual(['core', 'domain']);
    expect([...reachOf('src/domain/task.ts').rings]).toEqual(['domain']);
  });

  test('[ENG-12] [DAT-18] the loop runs no engine, and the runner of an attempt decides nothing', () => {
    const loop = reachOf('src/modes/reconcile.ts').rings;
    for (const ring of ['agent', 'sandbox', 'deliver']) expect(loop).not.toContain(ring);
    const runner = reachOf('src/modes/attempt.ts').rings;
    for (const ring of ['core', 'route', 'deliver']) expect(runner).not.toContain(ring);
  });
});
