// Owns reading the tests' titles: which row ids of test/features.md each test file says it proves.
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';
import type { CallExpression, Expression } from 'oxc-parser';

/** A row id as it stands in a title: `[QUE-06]`, one pair of brackets each. */
const ROW_ID = /\[([A-Z]{2,3}-\d{2})\]/g;

const BLOCKS = new Set(['test', 'it', 'describe']);

export interface Proof {
  readonly id: string;
  /** Path below `test/`, with slashes. */
  readonly file: string;
}

export function readProofs(root: string): readonly Proof[] {
  return globSync('test/**/*.test.ts', { cwd: root })
    .map((file) => file.split(path.sep).join('/'))
    .sort()
    .flatMap((file) => {
      const ids = new Set(titleRowIds(readFileSync(path.join(root, file), 'utf8')));
      return [...ids].map((id) => ({ id, file: file.slice('test/'.length) }));
    });
}

/** Row ids in the titles of one test file; an id in a comment or in a value proves nothing. */
export function titleRowIds(source: string): readonly string[] {
  const ids: string[] = [];
  const visitor = new Visitor({
    CallExpression(node) {
      const title = node.arguments[0];
      if (title === undefined || title.type === 'SpreadElement' || !opensBlock(node)) return;
      const text = textOf(title, source) + tableOf(node, title, source);
      ids.push(...[...text.matchAll(ROW_ID)].map((match) => match[1] ?? ''));
    },
  });
  visitor.visit(parseSync('x.test.ts', source).program);
  return ids;
}

/** `test(…)`, `test.each(…)(…)`, `describe.skipIf(…)(…)`: the leftmost name decides. */
function opensBlock(node: CallExpression): boolean {
  let callee: Expression = node.callee;
  for (let depth = 0; depth < 8; depth += 1) {
    if (callee.type === 'Identifier') return BLOCKS.has(callee.name);
    if (callee.type === 'CallExpression') callee = callee.callee;
    else if (callee.type === 'MemberExpression') callee = callee.object;
    else if (callee.type === 'TaggedTemplateExpression') callee = callee.tag;
    else return false;
  }
  return false;
}

/** A title's text, with the parts of a template or a condition that choose between ids. */
function textOf(title: Expression, source: string): string {
  return title.type === 'Literal' || title.type === 'TemplateLiteral' || title.type === 'BinaryExpression'
    ? source.slice(title.start, title.end)
    : '';
}

/** `test.each(table)('%s …')`: the table's words stand in the titles that are run. */
function tableOf(node: CallExpression, title: Expression, source: string): string {
  const shows_values = /%s|\$/.test(source.slice(title.start, title.end));
  return shows_values && node.callee.type === 'CallExpression' ? source.slice(node.callee.start, node.callee.end) : '';
}
