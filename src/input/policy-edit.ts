// Owns changing `.github/orch.yml` as text: the lines that are meant, and nothing else that somebody wrote there.
import { isMap, isScalar, isSeq, parse, parseDocument, stringify } from 'yaml';
import type { Document, Pair, YAMLMap, YAMLSeq } from 'yaml';
import type { PolicyProblem } from '../domain/policy.ts';
import { CONFIG_PATH } from '../domain/setting.ts';
import type { ConfigChange, ConfigEdit } from '../domain/setting.ts';
import { parsePolicyFile } from './policy-file.ts';
import { settingProblem } from './settable.ts';

type Path = readonly string[];
type AddJob = ConfigChange & { readonly kind: 'add_job' };

/** null: there is no file. What comes out is what the schema accepts, or the reason why not. */
export function editPolicyText(text: string | null, change: ConfigChange): ConfigEdit {
  const before = text ?? '';
  const broken = problemIn(before);
  if (broken !== null) return refused(broken);
  const wanted = tried(before, change);
  if ('problem' in wanted) return refused(wanted.problem);
  if (wanted.text === before) return { kind: 'same' };
  const wrong = problemIn(wanted.text);
  return wrong === null ? { kind: 'edited', before: text, after: wanted.text } : refused({ ...wrong, line: null });
}

function refused(problem: PolicyProblem): ConfigEdit {
  return { kind: 'refused', problem };
}

function problemIn(text: string): PolicyProblem | null {
  const parsed = parsePolicyFile(text);
  return parsed.kind === 'invalid' ? (parsed.problems[0] ?? null) : null;
}

type Changed = { readonly text: string } | { readonly problem: PolicyProblem };

/** What others refer to by an alias cannot be taken away, and the library says so by throwing. */
function tried(text: string, change: ConfigChange): Changed {
  try {
    return changed(text, change);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const problem = `The file is written in a way that no word can change: ${why}`;
    return { problem: { line: null, key: '', problem, remedy: `Change it by hand in ${CONFIG_PATH}.` } };
  }
}

function changed(text: string, change: ConfigChange): Changed {
  const document = parseDocument(text);
  switch (change.kind) {
    case 'set':
      return set(text, document, change);
    case 'add_job':
      return { text: withJob(text, document, jobOf(change)) };
    case 'remove_job':
      return withoutJob(text, document, change.name);
  }
}

function set(text: string, document: Document, { key, value }: ConfigChange & { readonly kind: 'set' }): Changed {
  const path = key.split('.');
  const problem = settingProblem(path) ?? placeProblem(document, path);
  if (problem !== null) return { problem };
  if (value === 'default') return { text: document.hasIn(path) ? without(text, document, path) : text };
  const plain = plainValue(value);
  if (plain === undefined) return { problem: unreadable(key) };
  if (JSON.stringify(valueAt(document, path)) === JSON.stringify(plain)) return { text };
  return { text: withValue(text, document, { path, plain }) };
}

const DEPTH_ALIASES_MAX = 0;

/** undefined: no YAML. */
function plainValue(value: string): unknown {
  try {
    return parse(value, { maxAliasCount: DEPTH_ALIASES_MAX, logLevel: 'silent' }) as unknown;
  } catch {
    return undefined;
  }
}

function unreadable(key: string): PolicyProblem {
  return {
    line: null,
    key,
    problem: 'has a value that is no YAML',
    remedy: 'Write a number, a word, or a list in [ ].',
  };
}

function valueAt(document: Document, path: Path): unknown {
  const node: unknown = document.getIn(path, true);
  return isScalar(node) ? node.value : isMap(node) || isSeq(node) ? node.toJS(document) : undefined;
}

/** What the file says around the key decides whether it can be set alone. */
function placeProblem(document: Document, path: Path): PolicyProblem | null {
  const key = path.join('.');
  if (path[0] === 'engines' && !isMap(document.getIn(path.slice(0, 2), true))) {
    const problem = `would name ${path[1] ?? 'an engine'} in ${CONFIG_PATH}, and naming an engine there switches the others off`;
    return { line: null, key, problem, remedy: 'Write `engines:` by hand once, with all that are in use.' };
  }
  for (let depth = 1; depth < path.length; depth += 1) {
    const above: unknown = document.getIn(path.slice(0, depth), true);
    if (above === undefined || isMap(above)) continue;
    const name = path.slice(0, depth).join('.');
    return { line: null, key, problem: `\`${name}\` is one value in the file`, remedy: `Set \`${name}\` as a whole.` };
  }
  return null;
}

interface Value {
  readonly path: Path;
  readonly plain: unknown;
}

/** In place where one stands, else behind what stands on its level; what this cannot do is left to the library. */
function withValue(text: string, document: Document, value: Value): string {
  const { path, plain } = value;
  const wanted = document.clone();
  wanted.setIn(path, wanted.createNode(plain, { flow: true }));
  return kept(spliced(text, document, { value, wanted }), wanted);
}

function spliced(
  text: string,
  document: Document,
  { value: { path, plain }, wanted }: { readonly value: Value; readonly wanted: Document },
): string {
  const node: unknown = document.getIn(path, true);
  if (isScalar(node)) return isScalarValue(plain) ? replaced(text, node, inline(plain)) : '';
  if (isSeq(node))
    return node.flow === true ? replaced(text, node, inline(plain)) : inOneLine(text, document, { path, plain });
  if (node !== undefined) return '';
  const depth = path.findLastIndex((_, index) => index > 0 && isMap(document.getIn(path.slice(0, index), true)));
  if (depth === -1) return `${withLineEnd(text)}${block(path, plain, '')}`;
  const above: unknown = document.getIn(path.slice(0, depth), true);
  if (!isMap(above)) return '';
  if (above.flow === true) return replaced(text, above, inline(plainOf(wanted, path.slice(0, depth))));
  const start = startOf(above);
  const at = lineEnd(text, above.range?.[1] ?? 0);
  const indent = ' '.repeat(start - lineStart(text, start));
  return `${withLineEnd(text.slice(0, at))}${block(path.slice(depth), plain, indent)}${text.slice(at)}`;
}

/** A list over several lines becomes one of a single line; what was said of its items goes with them. */
function inOneLine(text: string, document: Document, { path, plain }: Value): string {
  const above: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const pair = isMap(above) ? pairAt(above, path.at(-1) ?? '') : undefined;
  if (pair === undefined || !isScalar(pair.key)) return '';
  const { to } = linesOf(text, pair);
  return `${text.slice(0, pair.key.range?.[1] ?? 0)}: ${inline(plain)}\n${text.slice(to)}`;
}

function plainOf(document: Document, path: Path): unknown {
  const node: unknown = document.getIn(path, true);
  return isMap(node) ? node.toJS(document) : undefined;
}

function replaced(
  text: string,
  { range }: { readonly range?: readonly number[] | null | undefined },
  by: string,
): string {
  const [from = 0, to = 0] = range ?? [];
  return `${text.slice(0, from)}${by}${text.slice(to)}`;
}

function isScalarValue(plain: unknown): boolean {
  return plain === null || typeof plain !== 'object';
}

function inline(plain: unknown): string {
  return stringify(plain, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}

function block(path: Path, plain: unknown, indent: string): string {
  const lines = path.map((key, depth) => `${indent}${'  '.repeat(depth)}${key}:`);
  return `${lines.join('\n')} ${inline(plain)}\n`;
}

function withLineEnd(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

/** The text, if it means what is wanted; else the library's own, which keeps comments and lays the rest out anew. */
function kept(text: string, wanted: Document): string {
  const means = (one: Document): string => JSON.stringify(one.toJS({ maxAliasCount: 50 }));
  const read = parseDocument(text);
  return text !== '' && read.errors.length === 0 && means(read) === means(wanted) ? text : wanted.toString(LAYOUT);
}

const LAYOUT = { lineWidth: 0 } as const;

/** With the maps around it that would be left empty. */
function without(text: string, document: Document, path: Path): string {
  const wanted = document.clone();
  wanted.deleteIn(path);
  const above = path.slice(0, -1);
  const parent: unknown = wanted.getIn(above, true);
  if (above.length > 0 && isMap(parent) && parent.items.length === 0) return without(text, document, above);
  const pair = isMap(document.contents) && above.length === 0 ? pairAt(document.contents, path[0] ?? '') : undefined;
  return kept(pair === undefined ? '' : withoutLines(text, linesOf(text, pair)), wanted);
}

function pairAt(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** From the line of the key to the end of the line of its value. */
function linesOf(text: string, { key, value }: Pair): Span {
  const from = isScalar(key) ? (key.range?.[0] ?? 0) : 0;
  const to = isScalar(value) || isMap(value) || isSeq(value) ? (value.range?.[1] ?? from) : from;
  return { from: lineStart(text, from), to: lineEnd(text, to) };
}

function withoutLines(text: string, { from, to }: Span): string {
  return `${text.slice(0, from)}${text.slice(to)}`;
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Behind the line that what ends at `offset` ends in. */
function lineEnd(text: string, offset: number): number {
  const last = text.slice(0, offset).trimEnd().length;
  const end = text.indexOf('\n', last);
  return end === -1 ? text.length : end + 1;
}

function jobOf({ name, cron, timezone, role, prompt }: AddJob): Readonly<Record<string, string>> {
  return {
    name,
    cron,
    ...(timezone === 'UTC' ? {} : { timezone }),
    ...(role === 'task' ? {} : { kind: role }),
    prompt,
  };
}

function withJob(text: string, document: Document, job: Readonly<Record<string, string>>): string {
  const wanted = document.clone();
  const jobs: unknown = document.get('jobs', true);
  if (!isSeq(jobs) || jobs.items.length === 0) {
    wanted.set('jobs', wanted.createNode([job]));
    return kept(document.has('jobs') ? '' : `${withLineEnd(text)}jobs:\n${item(job, 2)}`, wanted);
  }
  wanted.addIn(['jobs'], wanted.createNode(job));
  const at = lineEnd(text, jobs.range?.[1] ?? 0);
  return kept(`${withLineEnd(text.slice(0, at))}${item(job, dashColumn(text, jobs))}${text.slice(at)}`, wanted);
}

function item(job: Readonly<Record<string, string>>, column: number): string {
  const indent = ' '.repeat(column);
  const lines = Object.entries(job).map(([key, value]) => `${key}: ${inline(value)}`);
  return `${indent}- ${lines.join(`\n${indent}  `)}\n`;
}

function dashColumn(text: string, { items: [first] }: YAMLSeq): number {
  const offset = startOf(first);
  const start = lineStart(text, offset);
  return Math.max(0, text.slice(start, offset).indexOf('-'));
}

function startOf(node: unknown): number {
  return isMap(node) ? (node.range?.[0] ?? 0) : 0;
}

function withoutJob(text: string, document: Document, name: string): Changed {
  const jobs: unknown = document.get('jobs', true);
  const index = isSeq(jobs) ? jobs.items.findIndex((each) => isMap(each) && each.get('name') === name) : -1;
  if (!isSeq(jobs) || index === -1) return { problem: noSuchJob(name) };
  // With no list of its own, the repository has the jobs of the file that it extends.
  if (jobs.items.length === 1 && !document.has('extends')) return { text: without(text, document, ['jobs']) };
  const wanted = document.clone();
  wanted.deleteIn(['jobs', index]);
  const node = jobs.items[index];
  const from = lineStart(text, startOf(node));
  const to = lineEnd(text, isMap(node) ? (node.range?.[1] ?? from) : from);
  return { text: kept(withoutLines(text, { from, to }), wanted) };
}

function noSuchJob(name: string): PolicyProblem {
  return {
    line: null,
    key: 'jobs',
    problem: `has no job called ${name} in this repository's ${CONFIG_PATH}`,
    remedy: 'Take it out of the file that this one extends.',
  };
}
