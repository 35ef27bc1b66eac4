// Owns the laws that keep the inner rings pure: no clock, no dice, no environment, no network, no waiting.
import { Visitor } from 'oxc-parser';
import { eachSource, file, ringOf } from './law.ts';
import type { Law } from './law.ts';

const PURE = new Set(['domain', 'core', 'wire', 'input', 'reconcile']);
const SYNCHRONOUS = new Set(['domain', 'core', 'wire', 'input']);

/** Global names that reach outside, and what to use instead. */
const OUTSIDE: Readonly<Record<string, string>> = {
  process: 'take the value as an argument',
  globalThis: 'take the value as an argument',
  fetch: 'ask through a port',
  console: 'report through the Log port',
  performance: 'take the time from the Clock port',
  crypto: 'take random bytes as an argument',
  setTimeout: 'wait through the Clock port',
  setInterval: 'wait through the Clock port',
  setImmediate: 'wait through the Clock port',
  queueMicrotask: 'return, and let the caller go on',
};

function inRings(rings: ReadonlySet<string>): (path: string) => boolean {
  return (path) => path.startsWith('src/') && rings.has(ringOf(path));
}

export const pureRingsReachNothing: Law = {
  name: 'pure rings know no clock, dice, environment or network',
  check: eachSource(inRings(PURE), (source, refuse) => {
    const names_of_properties = new Set<number>();
    new Visitor({
      // `ports.fetch(…)` and `{ process: … }` are names of ours, not the globals.
      MemberExpression(node) {
        if (!node.computed) names_of_properties.add(node.property.start);
        const called = source.text.slice(node.start, node.end);
        if (called === 'Date.now') refuse(node.start, 'Date.now() reads the clock: take an Instant as an argument.');
        if (called === 'Math.random')
          refuse(node.start, 'Math.random() rolls dice: take the random number as an argument.');
      },
      Property(node) {
        if (!node.computed && !node.shorthand) names_of_properties.add(node.key.start);
      },
      PropertyDefinition(node) {
        if (!node.computed) names_of_properties.add(node.key.start);
      },
      TSPropertySignature(node) {
        if (!node.computed) names_of_properties.add(node.key.start);
      },
      TSMethodSignature(node) {
        if (!node.computed) names_of_properties.add(node.key.start);
      },
      NewExpression(node) {
        const is_date = node.callee.type === 'Identifier' && node.callee.name === 'Date';
        if (is_date && node.arguments.length === 0)
          refuse(node.start, 'new Date() reads the clock: take an Instant as an argument.');
      },
      Identifier(node) {
        const remedy = Object.hasOwn(OUTSIDE, node.name) ? OUTSIDE[node.name] : undefined;
        if (remedy !== undefined && !names_of_properties.has(node.start))
          refuse(node.start, `${node.name} reaches outside: ${remedy}.`);
      },
    }).visit(source.program);
  }),
  refuses: [
    [file('src/core/decide.ts', 'const at = Date.now();')],
    [file('src/wire/marker.ts', 'const at = new Date();')],
    [file('src/core/decide.ts', 'const dice = Math.random();')],
    [file('src/input/wake.ts', "const token = process.env['TOKEN'];")],
    [file('src/reconcile/tick.ts', "await fetch('https://example.org');")],
    [file('src/reconcile/tick.ts', 'setTimeout(() => undefined, 5);')],
    [file('src/domain/task.ts', "console.log('here');")],
  ],
  accepts: [
    [file('src/core/decide.ts', 'const day = new Date(facts.at_ms).toISOString();')],
    [file('src/reconcile/tick.ts', 'const chain = await ports.fetch(brief); const x = { process: 1 };')],
    [
      file(
        'src/reconcile/ports.ts',
        'export interface Work { fetch(id: number): Promise<void>; readonly process: string }',
      ),
    ],
    [file('src/agent/run.ts', 'const at = Date.now();')],
  ],
};

export const decidingIsSynchronous: Law = {
  name: 'the rings that decide and translate are synchronous',
  check: eachSource(inRings(SYNCHRONOUS), (source, refuse) => {
    const remedy = 'what waits belongs to an edge or to reconcile.';
    const async_function = (node: { readonly async: boolean; readonly start: number }): void => {
      if (node.async) refuse(node.start, `An async function: ${remedy}`);
    };
    new Visitor({
      FunctionDeclaration: async_function,
      FunctionExpression: async_function,
      ArrowFunctionExpression: async_function,
      AwaitExpression: (node) => refuse(node.start, `An await: ${remedy}`),
      Identifier: (node) => {
        if (node.name === 'Promise') refuse(node.start, `A promise: ${remedy}`);
      },
    }).visit(source.program);
  }),
  refuses: [
    [file('src/core/decide.ts', 'export async function decide() {}')],
    [file('src/wire/marker.ts', 'export const parse = async () => 1;')],
    [file('src/core/decide.ts', 'export type Later = Promise<number>;')],
    [file('src/input/wake.ts', 'const wake = await 1;')],
  ],
  accepts: [
    [file('src/reconcile/tick.ts', 'export async function runTick() {}')],
    [file('src/core/decide.ts', 'export function decide() {}')],
  ],
};
