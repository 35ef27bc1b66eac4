// Owns the JSON Schema of `.github/orch.yml` and its page in the docs, both written from the zod schema.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { PolicyFile } from '../src/input/policy-schema.ts';
import { DEFAULT_POLICY } from '../src/domain/default-policy.ts';

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
`;
}

function rowsOf(key: string, node: Node): readonly string[] {
  const each =
    typeof node.additionalProperties === 'object' ? Object.entries(node.additionalProperties.properties ?? {}) : [];
  const nested = [
    ...Object.entries(node.properties ?? {}),
    ...each.map(([name, inner]): [string, Node] => [`<name>.${name}`, inner]),
  ];
  const own = `| \`${key}\` | ${node.description ?? ''} | ${takes(node)} | ${defaultOf(key)} |`;
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

function defaultOf(key: string): string {
  const value = key
    .split('.')
    .reduce<unknown>(
      (at, name) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[name] : undefined),
      DEFAULT_POLICY,
    );
  if (value === undefined || value === null || (typeof value === 'object' && !Array.isArray(value))) return '';
  const text = JSON.stringify(value);
  return text.length > 60 ? 'see the code' : `\`${text}\``;
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
