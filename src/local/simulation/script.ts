// Owns what the simulation's engines do: how each attempt is meant to end, and the very lines their CLIs would print.
import type { OutcomeKind } from '../../domain/outcome.ts';
import type { EngineId } from '../../domain/task.ts';
import type { Dice } from './random.ts';

type Scripted = Exclude<OutcomeKind, 'cancelled' | 'infra' | 'missing_tool' | 'permission_denied'>;

/** How an engine behaves; what becomes of it is for the attempt and for deliver to say. */
export interface Script {
  readonly ending: Scripted | 'infra';
  /** Infinity: it never ends by itself. */
  readonly minutes: number;
  readonly cost_usd: number | null;
}

const ENDINGS: readonly Script['ending'][] = [
  ...Array<Scripted>(12).fill('delivered'),
  'no_change',
  'timeout',
  'stalled',
  'proof_failed',
  'rate_limit',
  'auth',
  'model_unavailable',
  'context_overflow',
  'invalid_output',
  'no_evidence',
  'failed',
  'refused',
  'crashed',
  'infra',
];

export function scriptOf(dice: Dice, { hangs, minutes_max }: { readonly hangs: boolean; minutes_max: number }): Script {
  const ending = hangs ? 'timeout' : dice.pick(ENDINGS);
  const minutes = dice.between(1, Math.min(minutes_max, 30));
  return {
    ending,
    minutes: ending === 'timeout' || ending === 'stalled' ? Infinity : minutes,
    // Some engines do not tell.
    cost_usd: dice.next() < 0.2 ? null : Math.round(dice.next() * 100) / 100,
  };
}

/** Paths it leaves behind. One of them is protected, which only the gate of deliver looks at. */
export function filesLeft({ ending }: Script, task: string): readonly string[] {
  switch (ending) {
    case 'delivered':
    case 'timeout':
    case 'stalled':
    case 'proof_failed':
    case 'crashed':
      return [`src/task-${task}.ts`];
    case 'refused':
      return [`src/task-${task}.ts`, '.github/workflows/ci.yml'];
    default:
      return [];
  }
}

export interface Ended {
  readonly lines: readonly string[];
  readonly code: number | null;
}

/** What it has printed by the time it ends. `plain`: a command without a model, which has no word but its exit code. */
export function wordsOf(script: Script, engine: EngineId, plain: boolean): Ended {
  const { ending } = script;
  if (ending === 'crashed') return { lines: [], code: null };
  if (plain) return { lines: ['done'], code: FAILURES.has(ending) ? 1 : 0 };
  if (ending === 'invalid_output') return { lines: ['I am done.'], code: 0 };
  const status = STATUS.get(ending);
  if (status !== undefined) return { lines: [TROUBLE[engine](status, script)], code: 1 };
  return { lines: SPOKEN[engine](finalWord(ending), script), code: 0 };
}

const STATUS: ReadonlyMap<Script['ending'], number> = new Map([
  ['rate_limit', 429],
  ['auth', 401],
  ['model_unavailable', 503],
  ['context_overflow', 413],
]);
const FAILURES: ReadonlySet<Script['ending']> = new Set([...STATUS.keys(), 'failed', 'invalid_output']);

function finalWord(ending: Script['ending']): string {
  const outcome = ending === 'no_change' || ending === 'failed' ? ending : 'success';
  return JSON.stringify({ type: 'orch.result', outcome, summary: 'Did it.', evidence: 'It is there already.' });
}

type Speaks<Said> = Readonly<Record<EngineId, (said: Said, script: Script) => readonly string[]>>;

const SPOKEN: Speaks<string> = {
  claude: (word, { cost_usd }) => [
    JSON.stringify({ type: 'result', subtype: 'success', is_error: false, result: word, total_cost_usd: cost_usd }),
  ],
  codex: (word) => [
    JSON.stringify({ type: 'item.completed', item: { type: 'agent_message', text: word } }),
    JSON.stringify({ type: 'turn.completed', usage: { input_tokens: 900, output_tokens: 100 } }),
  ],
  custom: (word, { cost_usd }) => [JSON.stringify({ ...JSON.parse(word), usage: { cost_usd } })],
};

const TROUBLE: Readonly<Record<EngineId, (status: number, script: Script) => string>> = {
  claude: (status, { cost_usd }) =>
    JSON.stringify({
      type: 'result',
      subtype: 'success',
      is_error: true,
      api_error_status: status,
      result: 'The model refused.',
      total_cost_usd: cost_usd,
    }),
  codex: (status) =>
    JSON.stringify({ type: 'turn.failed', error: { message: `unexpected status ${status}: the model refused` } }),
  custom: (status) =>
    JSON.stringify({ type: 'orch.result', outcome: 'failed', reason: status === 401 ? 'auth' : 'model_unavailable' }),
};
