// Owns the generated sections of README.md: the action's inputs and outputs, straight from action.yml.
//
//   node .ci/docs.ts            writes them, the configuration's schema and page, and the page of states
//   node .ci/docs.ts --check    fails if any of them is behind
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { renderPage, renderSchema } from './schema.ts';
import { renderStates } from './states.ts';

const ROOT = path.join(import.meta.dirname, '..');

interface Action {
  readonly inputs: Readonly<
    Record<string, { readonly description: string; readonly default?: string; readonly required?: boolean }>
  >;
  readonly outputs: Readonly<Record<string, { readonly description: string }>>;
}

/** The README with every generated section brought up to date. A section without its markers is an error. */
export function renderReadme(readme: string, action_yml: string): string {
  const action = parse(action_yml) as Action;
  const with_inputs = replaceSection(readme, 'inputs', inputsTable(action));
  return replaceSection(with_inputs, 'outputs', outputsTable(action));
}

function replaceSection(text: string, name: string, content: string): string {
  const open = `<!-- generated:${name} -->`;
  const close = `<!-- /generated:${name} -->`;
  const from = text.indexOf(open);
  const to = text.indexOf(close);
  if (from === -1 || to < from)
    throw new Error(`README.md lacks the section "${name}": put ${open} and ${close} where it belongs.`);
  return `${text.slice(0, from + open.length)}\n${content}\n${text.slice(to)}`;
}

function inputsTable(action: Action): string {
  const rows = Object.entries(action.inputs).map(([name, input]) => {
    const fallback = input.required === true ? 'required' : code(input.default ?? '');
    return `| \`${name}\` | ${cell(input.description)} | ${fallback} |`;
  });
  return ['| input | what it is | default |', '|---|---|---|', ...rows].join('\n');
}

function outputsTable(action: Action): string {
  const rows = Object.entries(action.outputs).map(([name, output]) => `| \`${name}\` | ${cell(output.description)} |`);
  return ['| output | what it is |', '|---|---|', ...rows].join('\n');
}

function code(value: string): string {
  return value === '' ? '' : `\`${value}\``;
}

function cell(text: string): string {
  return text.trim().replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
}

/** Every file that is written from others, as it should be. */
export function generatedFiles(root: string): ReadonlyMap<string, string> {
  const read = (name: string): string => readFileSync(path.join(root, name), 'utf8');
  return new Map([
    ['README.md', renderReadme(read('README.md'), read('action.yml'))],
    ['docs/orch.schema.json', renderSchema()],
    ['docs/configuration.md', renderPage()],
    ['docs/states.md', renderStates()],
  ]);
}

function main(check: boolean): void {
  for (const [name, text] of generatedFiles(ROOT)) {
    const file = path.join(ROOT, name);
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
    if (check) process.exitCode = 1;
    else writeFileSync(file, text);
    process.stdout.write(check ? `${name} is behind: run \`npm run docs\`.\n` : `wrote ${name}\n`);
  }
}

if (process.argv[1] === import.meta.filename) main(process.argv.includes('--check'));
