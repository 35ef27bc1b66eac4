// Owns what a person sees of the demo: a line when something happens, and the pipeline at the end.
import type { WorldEvent } from '../model/state.ts';
import type { DemoResult, DemoTask } from './play.ts';

export interface Screen {
  readonly write: (text: string) => void;
  readonly colours: boolean;
  /** Milliseconds since the demo began. */
  readonly elapsed_ms: () => number;
}

type Colour = 'dim' | 'green' | 'yellow' | 'blue' | 'magenta' | 'red' | 'bold';
const CODES: Readonly<Record<Colour, number>> = {
  dim: 2,
  green: 32,
  yellow: 33,
  blue: 34,
  magenta: 35,
  red: 31,
  bold: 1,
};

function paint({ colours }: Screen, colour: Colour, text: string): string {
  return colours ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text;
}

const LOOK: Readonly<Record<string, readonly [symbol: string, colour: Colour, text: string]>> = {
  new: ['○', 'dim', 'in the queue'],
  routed: ['◔', 'blue', 'routed, waits for its turn'],
  in_progress: ['◑', 'yellow', 'an engine works on it'],
  in_review: ['◕', 'magenta', 'pull request open'],
  done: ['●', 'green', 'done'],
  blocked: ['◌', 'dim', 'waits for another issue'],
  needs_review: ['▲', 'red', 'needs a person'],
  skipped: ['–', 'dim', 'left alone'],
  archived: ['–', 'dim', 'closed as not planned'],
};

/** One line for each step somebody would want to see; everything else is in the event log. */
export function showEvent(screen: Screen, { name, payload, actor }: WorldEvent): void {
  const issue = objectIn(payload['issue']);
  const label = textIn(objectIn(payload['label'])['name']);
  const number = Number(issue['number'] ?? payload['number'] ?? 0);
  const title = textIn(issue['title']);
  if (name === 'issues' && payload['action'] === 'labeled' && label === 'agent-todo')
    line(screen, number, { text: `${actor.login} labels it agent-todo` }, title);
  if (name === 'issues' && payload['action'] === 'labeled' && label.startsWith('status:')) {
    const [symbol, colour, text] = LOOK[label.slice('status:'.length)] ?? ['?', 'dim', label];
    line(screen, number, { colour, text: `${symbol} ${text}` }, title);
  }
  if (name === 'pull_request') showPull(screen, payload, actor.login);
}

function showPull(screen: Screen, payload: WorldEvent['payload'], by: string): void {
  const pull = objectIn(payload['pull_request']);
  const branch = textIn(objectIn(pull['head'])['ref']);
  const issue = Number(/^orch\/(\d+)-/.exec(branch)?.[1] ?? 0);
  const number = String(payload['number']);
  if (payload['action'] === 'opened') line(screen, issue, { colour: 'magenta', text: `  PR #${number} opens` }, branch);
  if (payload['action'] === 'closed' && pull['merged'] === true)
    line(screen, issue, { colour: 'green', text: `  ${by} merges PR #${number}` }, branch);
}

const ATTEMPT_JOB = /#(\d+) · attempt (\d+) · (\w+) \/ attempt$/;

export function showAttempt(screen: Screen, job: string, state: string): void {
  const [, issue, attempt, engine] = ATTEMPT_JOB.exec(job) ?? [];
  if (issue === undefined || state !== 'started') return;
  line(screen, Number(issue), { colour: 'yellow', text: `  attempt ${attempt ?? ''} starts` }, engine ?? '');
}

/** How an attempt ended, from what its job prints; a delivered one is told by its pull request. */
export function showOutcome(screen: Screen, job: string, printed: string): void {
  const [, issue, attempt] = ATTEMPT_JOB.exec(job) ?? [];
  const outcome = /✓ handed in: (\w+)/.exec(printed)?.[1] ?? 'delivered';
  if (issue === undefined || outcome === 'delivered') return;
  line(screen, Number(issue), { colour: 'red', text: `  attempt ${attempt ?? ''} ends` }, words(outcome));
}

const WHAT_WIDTH = 36;

interface What {
  readonly text: string;
  readonly colour?: Colour;
}

/** Padded before it is painted: codes have no width on a screen. */
function line(screen: Screen, number: number, { text, colour }: What, detail: string): void {
  const seconds = `${(screen.elapsed_ms() / 1_000).toFixed(1)} s`.padStart(7);
  const padded = text.padEnd(WHAT_WIDTH);
  const what = colour === undefined ? padded : paint(screen, colour, padded);
  screen.write(`${paint(screen, 'dim', seconds)}  ${`#${number}`.padEnd(4)} ${what} ${paint(screen, 'dim', detail)}\n`);
}

export function showResult(screen: Screen, result: DemoResult, shows: readonly string[]): void {
  const rows = result.tasks.map((task) => [`#${task.number} ${task.title}`, agentOf(task), pullOf(task)] as const);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column === 0 ? 0 : 1].length)) + 2);
  screen.write(
    `\n${paint(screen, 'bold', `${'   Issue'.padEnd((widths[0] ?? 0) + 3)}→ ${'Agent'.padEnd(widths[1] ?? 0)}→ PR`)}\n`,
  );
  for (const [at, [issue, agent, pull]] of rows.entries()) {
    const [symbol, colour] = LOOK[result.tasks[at]?.status ?? ''] ?? ['?', 'red'];
    screen.write(
      ` ${paint(screen, colour, symbol)} ${issue.padEnd(widths[0] ?? 0)}→ ${agent.padEnd(widths[1] ?? 0)}→ ${pull}\n`,
    );
    screen.write(`   ${paint(screen, 'dim', shows[at] ?? '')}\n`);
  }
  const { rest, graphql, git, writes } = result.requests;
  screen.write(
    `\n${result.seconds} s · ${rest + graphql} API requests (${writes} of them wrote) · ${git} git requests\n`,
  );
}

function agentOf({ engine, attempts, status }: DemoTask): string {
  if (attempts.length === 0) return status === 'needs_review' ? 'nobody: a person is asked first' : 'nobody yet';
  return `${engine ?? '?'}: ${attempts.map(({ outcome, seconds }) => `${words(outcome)} (${Math.round(seconds)} s)`).join(', ')}`;
}

function words(outcome: string): string {
  return outcome.replaceAll('_', ' ');
}

function pullOf({ pr }: DemoTask): string {
  return pr === null ? '(none)' : `#${pr.number} ${pr.state}, ${pr.files} ${pr.files === 1 ? 'file' : 'files'}`;
}

function objectIn(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
