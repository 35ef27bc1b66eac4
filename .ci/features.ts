// Owns test/features.md: every promised row once, and whether a test proves it. Nobody edits its status by hand.
//
//   node .ci/features.ts            writes status and test files from the tests' titles
//   node .ci/features.ts --check    says what differs, and fails if anything does
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readProofs } from './titles.ts';
import type { Proof } from './titles.ts';

const ROOT = path.join(import.meta.dirname, '..');
const ROW = /^\| ([A-Z]{2,3}-\d{2}) \| (.+?) \| (proven|planned|refused) \| (.+?) \|$/;
const COUNT = /^\*\*\d+ rows:.*$/m;

interface Row {
  readonly id: string;
  readonly words: string;
  readonly status: string;
  /** Test files of a proven row, the reason of a refused one. */
  readonly where: string;
}

export interface FeaturesReport {
  /** The file as it should be. */
  readonly text: string;
  readonly problems: readonly string[];
}

export function updateFeatures(text: string, proofs: readonly Proof[]): FeaturesReport {
  const rows = text.split('\n').flatMap((line) => parseRow(line) ?? []);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const updated = text
    .split('\n')
    .map((line) => {
      const row = parseRow(line);
      return row === null ? line : renderRow(settle(row, proofs));
    })
    .join('\n')
    .replace(COUNT, countLine(rows.map((row) => settle(row, proofs))));
  return { text: updated, problems: [...twice(rows), ...unknown(byId, proofs), ...refusedButProven(byId, proofs)] };
}

function parseRow(line: string): Row | null {
  const match = ROW.exec(line);
  if (match === null) return null;
  const [, id = '', words = '', status = '', where = ''] = match;
  return { id, words, status, where };
}

function renderRow(row: Row): string {
  return `| ${row.id} | ${row.words} | ${row.status} | ${row.where} |`;
}

function settle(row: Row, proofs: readonly Proof[]): Row {
  if (row.status === 'refused') return row;
  const files = proofs.filter((proof) => proof.id === row.id).map((proof) => proof.file);
  return files.length === 0
    ? { ...row, status: 'planned', where: '–' }
    : { ...row, status: 'proven', where: files.join(', ') };
}

function countLine(rows: readonly Row[]): string {
  const of = (status: string): number => rows.filter((row) => row.status === status).length;
  return `**${rows.length} rows: ${of('proven')} proven, ${of('planned')} planned, ${of('refused')} refused.**`;
}

function twice(rows: readonly Row[]): readonly string[] {
  return rows
    .filter((row, index) => rows.findIndex((other) => other.id === row.id) !== index)
    .map((row) => `${row.id} stands twice in test/features.md: remove one.`);
}

function unknown(rows: ReadonlyMap<string, Row>, proofs: readonly Proof[]): readonly string[] {
  return proofs
    .filter((proof) => !rows.has(proof.id))
    .map((proof) => `test/${proof.file} names [${proof.id}], which is no row of test/features.md: correct the title.`);
}

function refusedButProven(rows: ReadonlyMap<string, Row>, proofs: readonly Proof[]): readonly string[] {
  return proofs
    .filter((proof) => rows.get(proof.id)?.status === 'refused')
    .map(
      (proof) => `${proof.id} is refused, yet test/${proof.file} proves it: drop the id there, or the refusal here.`,
    );
}

function main(check: boolean): void {
  const file = path.join(ROOT, 'test', 'features.md');
  const now = readFileSync(file, 'utf8');
  const report = updateFeatures(now, readProofs(ROOT));
  if (!check) writeFileSync(file, report.text);
  const problems = [...report.problems];
  if (check && report.text !== now) problems.push('test/features.md is behind the tests: run `npm run features`.');
  process.stdout.write([...problems, COUNT.exec(report.text)?.[0] ?? ''].join('\n') + '\n');
  process.exitCode = problems.length === 0 ? 0 : 1;
}

if (process.argv[1] === import.meta.filename) main(process.argv.includes('--check'));
