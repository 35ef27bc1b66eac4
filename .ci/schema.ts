// Owns the JSON Schema of `.github/orch.yml` and its page in the docs, both written from the zod schema.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { PolicyFile } from '../src/input/policy-schema.ts';
import { DEFAULT_POLICY, ENGINE_DEFAULTS } from '../src/domain/default-policy.ts';
import { ROLE_NAMES } from '../src/domain/task.ts';
import { outcomeWord } from '../src/wire/outcome-text.ts';

const ROOT = path.join(import.meta.dirname, '..');

export function renderSchema(): string {
  const schema = z.toJSONSchema(PolicyFile, { io: 'input', unrepresentable: 'any' });
  return `${JSON.stringify({ title: 'Orch configuration', ...schema }, null, 2)}\n`;
}

interface Node {
  readonly description?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Node[];
  readonly items?: Node;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
}

export function renderPage(): string {
  const schema = JSON.parse(renderSchema()) as Node;
  const rows = Object.entries(schema.properties ?? {})
    .filter(([key]) => key !== '$schema')
    .flatMap(([key, node]) => rowsOf(key, node));
  return `# Configuration

\`.github/orch.yml\` on the default branch; every key is optional. Order: built-in defaults, then the repository named by
\`extends\`, then this file, then repository variables (\`ORCH_LABEL\`). Lists are replaced whole. An invalid file is reported
with line, key and remedy, and the newest valid version of its last 20 stays in force.

Commands are words separated by spaces, or a list of arguments; no shell is involved unless you name one.

| key | what it does | takes | default |
|---|---|---|---|
${rows.join('\n')}

## What follows from each way an attempt can end

\`retry\` changes single rows: \`retry: { timeout: other }\`, or \`retry: { failed: { follow: again, times_max: 2 } }\`. Whatever it
says, \`attempts_max\` and \`infra_attempts_max\` hold.

${retryTable()}

\`again\`: the same engine may try again. \`longer\`: once more, with a larger limit (\`timeout_factor\`). \`other\`: another engine
first, if there is one. \`later\`: another engine at once, the same one when the limit is over. \`person\`: a person is asked.

## Who may say which command

| role, or a stronger one | commands |
|---|---|
${commandRows().join('\n')}
`;
}

function retryTable(): string {
  const changeable = PolicyFile.shape.retry.unwrap().keyType.options;
  const rows = changeable.map((outcome) => {
    const { follow, times_max, equal_max } = DEFAULT_POLICY.retry[outcome];
    return `| \`${outcome}\` | ${outcomeWord(outcome)} | \`${follow}\` | ${times_max ?? ''} | ${equal_max ?? ''} |`;
  });
  return [
    '| ending | what it is | `follow` | `times_max`: of these before a person is asked | `equal_max`: equal ones in a row before that |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function commandRows(): readonly string[] {
  const verbs = Object.entries(DEFAULT_POLICY.commands);
  return ROLE_NAMES.flatMap((role) => {
    const said = verbs.filter(([, weakest]) => weakest === role).map(([verb]) => `\`${verb}\``);
    return said.length === 0 ? [] : [`| \`${role}\` | ${said.join(', ')} |`];
  });
}

function rowsOf(key: string, node: Node): readonly string[] {
  const each =
    typeof node.additionalProperties === 'object' ? Object.entries(node.additionalProperties.properties ?? {}) : [];
  const nested = [
    ...Object.entries(node.properties ?? {}),
    ...each.map(([name, inner]): [string, Node] => [`<name>.${name}`, inner]),
    ...Object.entries(node.items?.properties ?? {}).map(([name, inner]): [string, Node] => [`<n>.${name}`, inner]),
  ];
  const own = `| \`${key}\` | ${node.description ?? ''} | ${takes(node)} | ${defaultOf(key, nested.length > 0)} |`;
  return nested.length === 0
    ? [own]
    : [
        ...(node.description === undefined ? [] : [own]),
        ...nested.flatMap(([name, inner]) => rowsOf(`${key}.${name}`, inner)),
      ];
}

function takes(node: Node): string {
  if (node.enum !== undefined) return node.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (node.anyOf !== undefined) return node.anyOf.map(takes).join(' or ');
  if (node.type === 'array') return `list of ${node.items === undefined ? 'values' : takes(node.items)}`;
  return node.type === 'object' ? 'keys' : (node.type ?? 'value');
}

/** Told in a table of their own. */
const BELOW: ReadonlyMap<string, string> = new Map([
  ['retry', '[below](#what-follows-from-each-way-an-attempt-can-end)'],
  ['commands', '[below](#who-may-say-which-command)'],
]);

function defaultOf(key: string, has_rows: boolean): string {
  const below = BELOW.get(key);
  if (below !== undefined) return below;
  const [top = '', ...path] = key.split('.');
  if (top === 'engines') return engineDefault(path[1]);
  const value = path.reduce(valueIn, valueIn(DEFAULT_POLICY, top));
  return isMap(value) && (has_rows || Object.values(value).every(isMap)) ? '' : shown(value);
}

function valueIn(at: unknown, name: string): unknown {
  return isMap(at) ? at[name] : undefined;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Of the engines that are in use unless some are named. */
function engineDefault(key: string | undefined): string {
  if (key === undefined) return DEFAULT_POLICY.engines.map(({ id }) => `\`${id}\``).join(', ');
  const values = DEFAULT_POLICY.engines.map(({ id }) => [id, shown(valueIn(ENGINE_DEFAULTS[id], key))] as const);
  const same = values.every(([, value]) => value === values[0]?.[1]);
  return same ? (values[0]?.[1] ?? '') : values.map(([id, value]) => `${id}: ${value}`).join(', ');
}

const LINE_CHARS_MAX = 60;

function shown(value: unknown): string {
  if (value === undefined || value === null || (isMap(value) && Object.keys(value).length === 0)) return '';
  const text = JSON.stringify(value);
  const is_long = Array.isArray(value) && text.length > LINE_CHARS_MAX;
  return is_long ? value.map((item) => `\`${String(item)}\``).join(', ') : `\`${text}\``;
}

if (process.argv[1] === import.meta.filename) {
  const files = { 'docs/orch.schema.json': renderSchema(), 'docs/configuration.md': renderPage() };
  for (const [file, text] of Object.entries(files)) {
    const target = path.join(ROOT, file);
    const check = process.argv.includes('--check');
    if (check && readFileSync(target, 'utf8') !== text) {
      process.stderr.write(`${file} is not what .ci/schema.ts writes: run \`node .ci/schema.ts\`\n`);
      process.exitCode = 1;
    }
    if (!check) writeFileSync(target, text);
  }
}
