// Owns the laws on a file's shape: its first sentence, its casts, switches, loops and numbers.
import { Visitor } from 'oxc-parser';
import type { Node } from 'oxc-parser';
import { eachSource, file, inSource, lineAt, ringOf } from './law.ts';
import type { Law, Parsed } from './law.ts';

/** Rings that turn what others wrote into our types. Only there may a type be claimed rather than shown. */
const BORDERS = new Set(['input', 'github', 'agent', 'sandbox', 'local']);

/** Rings where what is matched is not ours to close: payloads, streams, other people's unions. */
const OPEN_SETS = new Set(['input', 'agent', 'route', 'local', 'cli', 'github']);

/** Factors between units, which say enough beside `*` or `/`. */
const UNIT_FACTORS = new Set([1000, 1024, 60_000, 3_600_000, 86_400_000, 1_000_000]);

/** Beyond this a number is a limit, a size or a time, and has a name. */
const PLAIN_NUMBER_MAX = 999;

const anywhere = (path: string): boolean => /^(?:src|test|\.ci)\//.test(path) && !path.includes('/fixtures/');

export const firstLineSaysWhatIsOwned: Law = {
  name: 'the first line of a file says what it owns',
  check: eachSource(anywhere, (source, refuse) => {
    const wanted = source.path.startsWith('src/') ? /^\/\/ Owns [^.]/ : /^(?:#!.*\n)?\/\/ [A-Z`]\w+ \w/;
    const block = /^(?:\/\/.*(?:\n|$))+/.exec(source.text)?.[0] ?? '';
    if (!wanted.test(source.text))
      refuse(0, 'Begin with one sentence: `// Owns …` (a test may begin with `// Proves …`).');
    else if (!/[.:?!]\s*$|[.:?!]\s/m.test(block)) refuse(0, 'End the first sentence with a full stop.');
  }),
  refuses: [
    [file('src/core/decide.ts', 'export const x = 1;\n')],
    [file('src/core/decide.ts', '// Decides things.\n')],
    [file('src/core/decide.ts', '// Owns the decision\nexport const x = 1;\n')],
    [file('test/core/decide.test.ts', "import { test } from 'vitest';\n")],
  ],
  accepts: [
    [file('src/core/decide.ts', '// Owns the decision: one parent, straight steps.\nexport const x = 1;\n')],
    [file('test/core/decide.test.ts', '// Proves the order of the queue,\n// and its ties.\n')],
  ],
};

export const castsStayAtBorders: Law = {
  name: 'casts stay at the borders',
  check: eachSource(
    (path) => inSource(path) && !BORDERS.has(ringOf(path)),
    (source, refuse) => {
      new Visitor({
        TSAsExpression(node) {
          const type = source.text.slice(node.typeAnnotation.start, node.typeAnnotation.end);
          if (type !== 'const')
            refuse(node.start, `\`as ${type}\`: narrow with a check, parse at a border, or use satisfies.`);
        },
        TSTypeAssertion: (node) =>
          refuse(node.start, 'A cast: narrow with a check, parse at a border, or use satisfies.'),
      }).visit(source.program);
    },
  ),
  refuses: [
    [file('src/core/decide.ts', 'const plan = {} as Plan;')],
    [file('src/modes/nudge.ts', 'const n = x as unknown as number;')],
  ],
  accepts: [
    [file('src/core/decide.ts', "const kinds = ['a'] as const;\nconst plan = {} satisfies Plan;")],
    [file('src/github/client.ts', 'const body = answer as Body;')],
  ],
};

export const defaultArmsAreUnreachable: Law = {
  name: 'a switch over our own unions has no default but unreachable',
  check: eachSource(
    (path) => inSource(path) && !OPEN_SETS.has(ringOf(path)),
    (source, refuse) => {
      new Visitor({
        SwitchCase(node) {
          if (node.test !== null) return;
          const body = source.text.slice(node.start, node.end);
          if (!/^default:\s*(?:return )?unreachable\(/.test(body)) {
            refuse(
              node.start,
              'A default arm hides the member that is added later: name every case, and end with `unreachable(value)`.',
            );
          }
        },
      }).visit(source.program);
    },
  ),
  refuses: [[file('src/core/decide.ts', 'switch (x) { case 1: break; default: doIt(); }')]],
  accepts: [
    [file('src/core/decide.ts', 'function f(x) { switch (x) { case 1: return 2; default: return unreachable(x); } }')],
    [file('src/core/decide.ts', 'switch (x) { case 1: break; }')],
    [file('src/agent/claude.ts', 'switch (x) { case 1: break; default: doIt(); }')],
  ],
};

export const loopsAreBounded: Law = {
  name: 'a loop without a counter says what bounds it',
  check: eachSource(inSource, (source, refuse) => {
    const look = (node: Node): void => {
      if (!hasCommentBeside(source, node.start)) {
        refuse(
          node.start,
          'What ends this loop? Count with `for`, or say its bound in a comment on this line or above.',
        );
      }
    };
    new Visitor({
      WhileStatement: look,
      DoWhileStatement: look,
      ForStatement: (node) => {
        if (node.test === null) look(node);
      },
    }).visit(source.program);
  }),
  refuses: [
    [file('src/core/decide.ts', 'while (more()) step();')],
    [file('src/core/decide.ts', 'for (;;) step();')],
    [file('src/core/decide.ts', 'do step(); while (more());')],
  ],
  accepts: [
    [file('src/core/decide.ts', '// at most once per task\nwhile (more()) step();')],
    [file('src/core/decide.ts', 'while (more()) step(); // at most 3 steps')],
    [file('src/core/decide.ts', 'for (let i = 0; i < 3; i += 1) step();')],
  ],
};

function hasCommentBeside(source: Parsed, offset: number): boolean {
  const line = lineAt(source.text, offset);
  return source.comments.some((comment) => {
    const last = lineAt(source.text, comment.end);
    return last === line || last === line - 1;
  });
}

export const largeNumbersHaveNames: Law = {
  name: 'a large number has a name',
  check: eachSource(inSource, (source, refuse) => {
    const named: { readonly start: number; readonly end: number }[] = [];
    const name = (node: Node | null | undefined): void => {
      if (node !== null && node !== undefined) named.push(node);
    };
    new Visitor({
      VariableDeclarator: (node) => name(isPlainValue(node.init) ? node.init : null),
      Property: (node) => name(isPlainValue(node.value) ? node.value : null),
      PropertyDefinition: (node) => name(isPlainValue(node.value) ? node.value : null),
      AssignmentPattern: (node) => name(isPlainValue(node.right) ? node.right : null),
      TSLiteralType: (node) => name(node),
      // zod's `.max(2_000)` names its number itself.
      CallExpression(node) {
        if (node.callee.type !== 'MemberExpression' || node.callee.property.type !== 'Identifier') return;
        if (/^(?:min|max|length)$/.test(node.callee.property.name)) node.arguments.forEach(name);
      },
      BinaryExpression(node) {
        if (!['*', '/', '%'].includes(node.operator)) return;
        for (const side of [node.left, node.right]) {
          if (side.type === 'Literal' && typeof side.value === 'number' && UNIT_FACTORS.has(side.value)) name(side);
        }
      },
      Literal(node) {
        if (typeof node.value !== 'number' || Math.abs(node.value) <= PLAIN_NUMBER_MAX) return;
        if (node.raw?.startsWith('0x') === true) return; // a code point or a mask
        if (named.some((area) => area.start <= node.start && node.end <= area.end)) return;
        refuse(
          node.start,
          `${node.raw ?? ''} says nothing: give it a name with its unit, such as \`const WAIT_MS = …\`.`,
        );
      },
    }).visit(source.program);
  }),
  refuses: [
    [file('src/core/decide.ts', 'if (text.length > 65536) cut(text);')],
    [file('src/agent/run.ts', 'wait(30_000);')],
    [file('src/agent/run.ts', 'const late = wait(30_000);')],
  ],
  accepts: [
    [file('src/core/decide.ts', 'const BODY_BYTES_MAX = 64 * 1024;\nif (status >= 500) retry();')],
    [file('src/domain/default-policy.ts', 'export const limits = { body_bytes_max: 65_536 };')],
    [file('src/agent/run.ts', 'function wait(limit_ms = 30_000) {}')],
    [file('src/agent/run.ts', 'const seconds = Math.floor(ms / 1000);')],
    [file('src/wire/marker.ts', 'const Text = z.string().max(2_000);')],
  ],
};

/** A literal, or arithmetic on literals: what a name right beside it explains. */
function isPlainValue(node: Node | null | undefined): boolean {
  if (node === null || node === undefined) return false;
  if (node.type === 'Literal') return true;
  if (node.type === 'UnaryExpression') return isPlainValue(node.argument);
  if (node.type === 'BinaryExpression') return isPlainValue(node.left) && isPlainValue(node.right);
  return node.type === 'Identifier';
}
