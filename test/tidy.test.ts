// Proves that the repository keeps its own law, as far as a linter cannot; each law is shown to refuse something.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { generatedFiles, renderReadme } from '../.ci/docs.ts';
import { updateFeatures } from '../.ci/features.ts';
import { readProofs, titleRowIds } from '../.ci/titles.ts';
import { packagesBelongToRings, ringsImportDownward } from './tidy/imports.ts';
import type { Finding, Law, RepositoryFile } from './tidy/law.ts';
import { pairsComeBack } from './tidy/pairs.ts';
import { decidingIsSynchronous, pureRingsReachNothing } from './tidy/purity.ts';
import {
  castsStayAtBorders,
  defaultArmsAreUnreachable,
  firstLineSaysWhatIsOwned,
  largeNumbersHaveNames,
  loopsAreBounded,
} from './tidy/shape.ts';
import { noFileIsDead, pathsAreNouns, promptsAreUsed, topIsSmall } from './tidy/tree.ts';
import { testsAlwaysRun, textNamesNoMachine } from './tidy/words.ts';
import { noExpressionInShell, nobodyElsesActions, permissionsAreExplicit } from './tidy/workflows.ts';

const ROOT = path.join(import.meta.dirname, '..');

const LAWS: readonly Law[] = [
  ringsImportDownward,
  packagesBelongToRings,
  pureRingsReachNothing,
  decidingIsSynchronous,
  firstLineSaysWhatIsOwned,
  castsStayAtBorders,
  defaultArmsAreUnreachable,
  loopsAreBounded,
  largeNumbersHaveNames,
  pathsAreNouns,
  topIsSmall,
  noFileIsDead,
  promptsAreUsed,
  pairsComeBack,
  textNamesNoMachine,
  testsAlwaysRun,
  permissionsAreExplicit,
  nobodyElsesActions,
  noExpressionInShell,
];

const TEXT = /(?:\.(?:ts|md|ya?ml|json|txt|graphql|ndjson)|^LICENSE|^\.\w+|^\.ci\/run)$/;

/** What is committed or about to be: all that git neither ignores nor has seen removed. */
function readRepository(): readonly RepositoryFile[] {
  const listed = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' });
  return listed
    .split('\0')
    .filter((name) => name !== '' && existsSync(path.join(ROOT, name)))
    .map((name) => ({ path: name, text: TEXT.test(name) ? readFileSync(path.join(ROOT, name), 'utf8') : '' }));
}

const repository = readRepository();

function render(findings: readonly Finding[]): readonly string[] {
  return findings.map((finding) => `${finding.path}:${finding.line} ${finding.message}`);
}

describe.each(LAWS)('$name', (law) => {
  test('throughout the repository', () => {
    expect(render(law.check(repository))).toEqual([]);
  });

  test('and what breaks it is refused', () => {
    for (const example of law.refuses) expect(law.check(example), JSON.stringify(example)).not.toEqual([]);
    for (const example of law.accepts) expect(render(law.check(example)), JSON.stringify(example)).toEqual([]);
  });
});

describe('what is written from other files is current', () => {
  test('README tables, configuration page and schema: `npm run docs` writes them', () => {
    const behind = [...generatedFiles(ROOT)].filter(
      ([name, text]) => readFileSync(path.join(ROOT, name), 'utf8') !== text,
    );
    expect(behind.map(([name]) => name)).toEqual([]);
  });

  test('a README without its sections is refused', () => {
    expect(() => renderReadme('# Orch\n', 'inputs: {}\noutputs: {}\n')).toThrow('<!-- generated:inputs -->');
  });
});

describe('every promise has one row, and says what proves it', () => {
  const row = (status: string, where: string): string => `| QUE-06 | Skipping | ${status} | ${where} |`;

  test('test/features.md agrees with the titles of the tests: `npm run features` writes it', () => {
    const now = readFileSync(path.join(ROOT, 'test', 'features.md'), 'utf8');
    const report = updateFeatures(now, readProofs(ROOT));
    expect(report.problems).toEqual([]);
    expect(now).toBe(report.text);
  });

  test('a row is proven by titles alone, and falls back when they go', () => {
    const proven = updateFeatures(row('planned', '–'), [{ id: 'QUE-06', file: 'a.test.ts' }]);
    expect(proven.text).toBe(row('proven', 'a.test.ts'));
    expect(updateFeatures(row('proven', 'a.test.ts'), []).text).toBe(row('planned', '–'));
  });

  test('an unknown id, a doubled row and a proven refusal are problems', () => {
    const proof = { id: 'QUE-06', file: 'a.test.ts' };
    expect(updateFeatures('', [proof]).problems).toEqual([expect.stringContaining('no row of test/features.md')]);
    expect(updateFeatures(`${row('planned', '–')}\n${row('planned', '–')}`, []).problems).toEqual([
      expect.stringContaining('twice'),
    ]);
    expect(updateFeatures(row('refused', 'no use'), [proof]).problems).toEqual([expect.stringContaining('is refused')]);
  });

  test('only titles count: neither comments nor other strings', () => {
    const source =
      "// [AGT-01]\nconst x = '[AGT-02]';\ntest.each([['[AGT-03] a']])('%s', () => f('[AGT-04]'));\ndescribe('[AGT-05]', () => {});";
    expect([...titleRowIds(source)].sort()).toEqual(['AGT-03', 'AGT-05']);
  });
});
