// Owns the laws on workflows: rights with their reasons, no third party, no text of others in a shell.
import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Pair } from 'yaml';
import { file, lineAt } from './law.ts';
import type { Finding, Law, RepositoryFile } from './law.ts';

const OURS = /^(?:\.\/|\$\/|OWNER\/orch(?:\/|@))/;
const PINNED_BY_GITHUB = /^actions\/[\w-]+@[0-9a-f]{40}$/;

type Refuse = (message: string) => void;

function isWorkflow(path: string): boolean {
  return /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path) || path === 'docs/caller.yml';
}

/** Visits every `key: value` of a workflow, however deep, with the keys that lead to it. */
function eachPair(look: (pair: Pair, path: readonly string[], refuse: Refuse) => void): Law['check'] {
  return (files) =>
    files
      .filter((source) => isWorkflow(source.path))
      .flatMap((source) => {
        const findings: Finding[] = [];
        walk(parseDocument(source.text).contents, [], (pair, path) => {
          const offset = isScalar(pair.key) ? (pair.key.range?.[0] ?? 0) : 0;
          look(pair, path, (message) =>
            findings.push({ path: source.path, line: lineAt(source.text, offset), message }),
          );
        });
        return findings;
      });
}

function walk(node: unknown, path: readonly string[], see: (pair: Pair, path: readonly string[]) => void): void {
  if (isSeq(node)) node.items.forEach((item) => walk(item, [...path, '-'], see));
  if (!isMap(node)) return;
  for (const pair of node.items) {
    const here = [...path, isScalar(pair.key) ? String(pair.key.value) : '?'];
    see(pair, here);
    walk(pair.value, here, see);
  }
}

function textOf(pair: Pair): string {
  return isScalar(pair.value) ? String(pair.value.value) : '';
}

export const permissionsAreExplicit: Law = {
  name: 'a workflow states its permissions, each with its reason',
  check: (files) => [...statesPermissions(files), ...givesReasons(files)],
  refuses: [
    [file('.github/workflows/x.yml', 'on: push\njobs: {}\n')],
    [file('.github/workflows/x.yml', 'permissions: write-all\n')],
    [file('.github/workflows/x.yml', 'permissions:\n  contents: read\n')],
    [file('docs/caller.yml', 'permissions: {}\njobs:\n  a:\n    permissions:\n      contents: write\n')],
  ],
  accepts: [
    [
      file(
        '.github/workflows/x.yml',
        'permissions: {}\njobs:\n  a:\n    permissions:\n      contents: read # fetches the sources\n',
      ),
    ],
    [file('action.yml', 'name: x\n')],
  ],
};

function statesPermissions(files: readonly RepositoryFile[]): readonly Finding[] {
  return files
    .filter((source) => isWorkflow(source.path) && !/^permissions:/m.test(source.text))
    .map((source) => ({
      path: source.path,
      line: 1,
      message: 'Begin with `permissions: {}` and let each job name what it needs.',
    }));
}

const givesReasons = eachPair((pair, path, refuse) => {
  if (path.at(-1) !== 'permissions') return;
  if (!isMap(pair.value)) return refuse('Name each permission: a word for all of them grants more than anyone meant.');
  for (const right of pair.value.items) {
    const reason = isScalar(right.value) ? right.value.comment : null;
    if (reason === null || reason === undefined || reason.trim() === '') {
      refuse(`${String(right.key)}: say in a comment on its line what this permission is for.`);
    }
  }
});

export const nobodyElsesActions: Law = {
  name: 'a workflow uses no third party',
  check: eachPair((pair, path, refuse) => {
    if (path.at(-1) !== 'uses') return;
    const used = textOf(pair);
    if (!OURS.test(used) && !PINNED_BY_GITHUB.test(used))
      refuse(`${used}: write it as a step of ours; GitHub's own are pinned by full SHA.`);
  }),
  refuses: [
    [file('.github/workflows/x.yml', 'jobs:\n  a:\n    steps:\n      - uses: someone/thing@v1\n')],
    [file('.github/workflows/x.yml', 'jobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n')],
    [file('.github/workflows/x.yml', 'jobs:\n  a:\n    uses: someone/x/.github/workflows/y.yml@v1\n')],
  ],
  accepts: [[file('.github/workflows/x.yml', 'jobs:\n  a:\n    steps:\n      - uses: ./\n      - uses: $/\n')]],
};

export const noExpressionInShell: Law = {
  name: 'no expression is pasted into a shell',
  check: eachPair((pair, path, refuse) => {
    if (path.at(-1) === 'run' && /\$\{\{/.test(textOf(pair))) {
      refuse('`${{ … }}` in `run:` becomes shell text: pass it by `env:` and write "$NAME".');
    }
  }),
  refuses: [
    [file('.github/workflows/x.yml', 'jobs:\n  a:\n    steps:\n      - run: echo ${{ github.event.issue.title }}\n')],
  ],
  accepts: [
    [
      file(
        '.github/workflows/x.yml',
        'jobs:\n  a:\n    steps:\n      - run: echo "$TITLE"\n        env:\n          TITLE: ${{ github.event.issue.title }}\n',
      ),
    ],
  ],
};
