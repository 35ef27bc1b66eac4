// Proves the demo as a person or a script starts it: one process, one document, and what `--keep` leaves.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { ROOT } from '../../src/cli/bundle.ts';

/** What the README promises of `--json`: these keys, and no others. */
const Document = z.strictObject({
  tasks: z.array(
    z.strictObject({
      number: z.int(),
      title: z.string(),
      status: z.string(),
      engine: z.string().nullable(),
      model: z.string().nullable(),
      complexity: z.string().nullable(),
      attempts: z.array(z.strictObject({ number: z.int(), outcome: z.string(), seconds: z.number() })),
      branch: z.string().nullable(),
      pr: z.strictObject({ number: z.int(), state: z.string(), files: z.int() }).nullable(),
    }),
  ),
  requests: z.strictObject({ rest: z.int(), graphql: z.int(), git: z.int(), writes: z.int() }),
  seconds: z.number(),
});

interface Ended {
  readonly code: number | string | null | undefined;
  readonly out: string;
  readonly said: string;
}

function demo(...options: readonly string[]): Promise<Ended> {
  const args = [path.join(ROOT, 'src', 'cli', 'demo.ts'), ...options];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: ROOT, maxBuffer: 64_000_000 }, (error, out, said) =>
      resolve({ code: error === null ? 0 : error.code, out, said }),
    );
  });
}

function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'orch-demo-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

function git(repository: string, ...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('git', ['-C', repository, ...args], (error, out) => (error === null ? resolve(out) : reject(error)));
  });
}

it('six issues: five done, one waits for a person, one document on stdout, repository and log kept', async () => {
  const kept = path.join(folder(), 'kept');
  const { code, out, said } = await demo('--json', '--keep', kept);
  expect(said).toContain(`Kept in ${kept}`);
  expect(code).toBe(0);
  const { tasks, requests, seconds } = Document.parse(JSON.parse(out));
  expect(tasks.map(({ number, status }) => `#${number} ${status}`)).toEqual([
    '#1 done',
    '#2 done',
    '#3 done',
    '#4 done',
    '#5 done',
    '#6 needs_review',
  ]);
  const outcomes = tasks.map(({ attempts }) => attempts.map(({ outcome }) => outcome));
  expect(outcomes).toEqual([
    ['delivered'],
    ['delivered'],
    ['proof_failed', 'delivered'],
    ['timeout', 'delivered'],
    ['delivered'],
    [],
  ]);
  expect(tasks.map(({ pr }) => pr?.state ?? null)).toEqual(['merged', 'merged', 'merged', 'merged', 'merged', null]);
  expect(Object.values(requests).every((count) => count > 0)).toBe(true);
  expect(seconds).toBeGreaterThan(0);
  // The work is really there, and the log tells how it came.
  const shop = path.join(kept, 'shop.git');
  expect(await git(shop, 'show', 'main:src/price.js')).toContain('function discount');
  expect(await git(shop, 'show', 'main:docs/api.md')).toMatch(/## withTax[^]+## total/);
  expect(await git(shop, 'for-each-ref', '--format=%(refname)', 'refs/orch/')).toContain('/3\n');
  const lines = readFileSync(path.join(kept, 'events.ndjson'), 'utf8').trimEnd().split('\n');
  const events = lines.map((line) =>
    z.looseObject({ ms: z.number(), event: z.string().optional() }).parse(JSON.parse(line)),
  );
  expect(events.filter(({ event }) => event === 'pull_request').length).toBeGreaterThanOrEqual(10);
});

it('an option it does not know is answered with those it knows', async () => {
  const unknown = await demo('--jsno');
  expect(unknown).toMatchObject({ code: 2, out: '' });
  expect(unknown.said).toContain('--engine custom|claude|codex');
  expect(await demo('--engine', 'gpt')).toMatchObject({ code: 2, out: '' });
});
