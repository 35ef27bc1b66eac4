// Owns where each setting in force is written down: which file, which line, or which repository variable.
import { isAlias, isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import type { PolicyTexts } from '../domain/policy.ts';
import type { SettingPlaces } from '../domain/setting.ts';
import { POLICY_BYTES_MAX } from './policy-file.ts';
import type { PolicyVariables } from './resolve-policy.ts';

type Place = NonNullable<ReturnType<SettingPlaces['get']>>;
type Layer = 'repository' | 'organisation';

/** Lists of the organisation that the repository replaces whole, as resolve-policy.ts merges them. */
const REPLACED_WHOLE: ReadonlySet<string> = new Set(['engines', 'rules', 'jobs']);
const DEPTH_MAX = 4;

export function placesOf({ repository, organisation }: PolicyTexts, { label }: PolicyVariables): SettingPlaces {
  const own = linesOf(repository);
  const others = linesOf(organisation).filter(
    ({ top }) => !REPLACED_WHOLE.has(top) || !own.some((one) => one.top === top),
  );
  const places = new Map<string, Place>();
  for (const { key, line } of others) places.set(key, inFile('organisation', line));
  for (const { key, line } of own) places.set(key, inFile('repository', line));
  if (label !== null) places.set('intake.label', { kind: 'variable', name: 'ORCH_LABEL' });
  return places;
}

function inFile(layer: Layer, line: number): Place {
  return { kind: 'file', layer, line };
}

interface Line {
  /** Of a value; the maps around it have none of their own. */
  readonly key: string;
  readonly top: string;
  readonly line: number;
}

function linesOf(text: string | null): readonly Line[] {
  if (text === null || text.length > POLICY_BYTES_MAX) return [];
  const lines = new LineCounter();
  const { contents } = parseDocument(text, { lineCounter: lines });
  const found: Line[] = [];
  walk(contents, [], ({ path, offset }) => {
    found.push({ key: path.join('.'), top: path[0] ?? '', line: lines.linePos(offset).line });
  });
  return found;
}

interface Found {
  readonly path: readonly string[];
  readonly offset: number;
}

function walk(node: unknown, path: readonly string[], onValue: (found: Found) => void): void {
  if (!isMap(node) || path.length >= DEPTH_MAX) return;
  for (const { key, value } of node.items) {
    if (!isScalar(key)) continue;
    const below = [...path, String(key.value)];
    if (isMap(value) && !isAlias(value)) walk(value, below, onValue);
    else onValue({ path: below, offset: key.range?.[0] ?? 0 });
  }
}
