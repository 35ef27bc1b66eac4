// Owns the laws on words: what text of the product must not mention, and tests that prove nothing.
import { Visitor } from 'oxc-parser';
import { eachSource, file, lineAt } from './law.ts';
import type { Finding, Law } from './law.ts';

/** Where somebody's machine looks through. */
const MACHINE =
  /(?<![\w.])\/(?:root\/\w+|work\/(?:main|shared)|Users\/\w+|home\/(?!runner\b|agent\b)\w+)(?=[/\s'"`)]|$)/g;

/** A registry is the installer's business; the one list of them is what an agent's set-up commands may reach. */
const REGISTRY =
  /\b(?:registry\.npmjs\.org|registry\.yarnpkg\.com|npm\.pkg\.github\.com|files\.pythonhosted\.org|proxy\.golang\.org)\b/g;
const REGISTRY_LIST = new Set([
  'src/domain/default-policy.ts',
  'test/tidy/words.ts',
  'docs/configuration.md',
  'docs/orch.schema.json',
]);

const NOT_OURS = /^(?:dist\/|package-lock\.json$|test\/tidy\/words\.ts$)/;

export const textNamesNoMachine: Law = {
  name: 'no text names a machine or a registry',
  check: (files) =>
    files
      .filter((source) => !NOT_OURS.test(source.path))
      .flatMap((source) => [
        ...mentions(
          source.path,
          source.text,
          MACHINE,
          'is a path on one machine: use a path below the repository or a temporary folder.',
        ),
        ...(REGISTRY_LIST.has(source.path)
          ? []
          : mentions(source.path, source.text, REGISTRY, 'is a registry: take the list from the default policy.')),
      ]),
  refuses: [
    [file('docs/a.md', 'cd /root/orch')],
    [file('test/x.test.ts', "const home = '/home/somebody/x';")],
    [file('.ci/run', 'npm i --registry https://registry.npmjs.org')],
  ],
  accepts: [[file('docs/a.md', 'On a runner: /home/runner/work. See https://docs.example.org/root.')]],
};

function mentions(path: string, text: string, pattern: RegExp, message: string): readonly Finding[] {
  return [...text.matchAll(pattern)].map((match) => ({
    path,
    line: lineAt(text, match.index),
    message: `${match[0]} ${message}`,
  }));
}

const IDLE = new Set(['skip', 'todo', 'only', 'skipIf', 'runIf', 'fails']);

export const testsAlwaysRun: Law = {
  name: 'every test runs, always',
  check: eachSource(
    (path) => path.startsWith('test/') && path.endsWith('.test.ts'),
    (source, refuse) => {
      new Visitor({
        MemberExpression(node) {
          const words = source.text.slice(node.start, node.end);
          const match = /^(?:test|it|describe|context|ctx)\.(\w+)$/.exec(words);
          if (match !== null && IDLE.has(match[1] ?? '')) {
            refuse(
              node.start,
              `${words}: a test that may not run proves nothing. Make what it needs a precondition that fails with its remedy.`,
            );
          }
        },
      }).visit(source.program);
    },
  ),
  refuses: [
    [file('test/x.test.ts', "test.skip('x', () => {});")],
    [file('test/x.test.ts', "describe.skipIf(isMac)('x', () => {});")],
    [file('test/x.test.ts', "test.todo('x');")],
  ],
  accepts: [[file('test/x.test.ts', "test.each([1])('x', () => {});")]],
};
