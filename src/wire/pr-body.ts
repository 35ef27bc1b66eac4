// Owns the text of our pull requests: what was done, how it was proven, what it cost, where it came from.
import { z } from 'zod';
import { AttemptNumber, TaskId } from '../domain/ids.ts';
import type { IssueNumber, ModelName } from '../domain/ids.ts';
import type { ProofResult, Usage } from '../domain/outcome.ts';
import type { EngineId } from '../domain/task.ts';
import { cutBytes, cutChars } from './cut.ts';
import { codeBlock, escapeLine, inlineCode, quoteBlock } from './escape.ts';
import { parseMarker, renderMarker } from './marker.ts';

export interface PullAbout {
  readonly task: TaskId;
  readonly attempt: AttemptNumber;
  readonly issue: IssueNumber | null;
  /** Others' text: the issue's title. */
  readonly issue_title: string;
  /** Others' text: what the engine called its work. */
  readonly title: string | null;
  /** Others' text: the engine's own words. */
  readonly summary: string;
  readonly engine: EngineId;
  readonly model: ModelName | null;
  readonly proof: readonly ProofResult[];
  readonly usage: Usage;
  readonly seconds: number;
  readonly run_url: string;
  readonly isolated: boolean;
}

const TITLE_CHARS_MAX = 120;
const SUMMARY_BYTES_MAX = 8_000;
const TAIL_BYTES_MAX = 2_000;
const BODY_CHARS_MAX = 60_000;

export function renderPullTitle({
  title,
  issue_title,
  task,
}: Pick<PullAbout, 'title' | 'issue_title' | 'task'>): string {
  const words = (title ?? issue_title)
    .replaceAll(/[\u0000-\u001f\u007f\s]+/g, ' ')
    .replaceAll(/<|>/g, '')
    .trim();
  return cutChars(words === '' ? `Work on ${task.startsWith('i') ? task : `#${task}`}` : words, TITLE_CHARS_MAX);
}

export function renderPullBody(about: PullAbout): string {
  const parts = [
    ...(about.issue === null ? [] : [`Closes #${about.issue}`]),
    ...(about.isolated ? [] : ['> [!CAUTION]\n> The engine ran **without a sandbox**.']),
    summaryOf(about),
    proofOf(about.proof),
    provenanceOf(about),
    renderMarker('pr', { task: about.task, attempt: about.attempt }),
  ];
  return cutChars(parts.filter((part) => part !== '').join('\n\n'), BODY_CHARS_MAX);
}

const Marker = z.object({ task: TaskId, attempt: AttemptNumber });

export function parsePullMarker(body: string): { readonly task: TaskId; readonly attempt: AttemptNumber } | null {
  const parsed = Marker.safeParse(parseMarker('pr', body));
  return parsed.success ? parsed.data : null;
}

function summaryOf({ summary, engine }: PullAbout): string {
  if (summary.trim() === '') return '';
  return `What ${engine} says it did:\n\n${quoteBlock(cutBytes(summary.trim(), SUMMARY_BYTES_MAX))}`;
}

function proofOf(proof: readonly ProofResult[]): string {
  if (proof.length === 0) return '**Proof**: none; the configuration names no `verify` commands.';
  const rows = proof.map(
    ({ command, exit_code, seconds }) =>
      `| ${inlineCode(command.join(' ')).replaceAll('|', '\\|')} | ${exit_code === 0 ? 'passed' : `failed (${exit_code})`} | ${seconds.toFixed(1)} s |`,
  );
  const failed = proof.filter(({ exit_code }) => exit_code !== 0);
  const tails = failed.map(
    ({ command, tail }) =>
      `<details><summary>${escapeLine(command.join(' '))}</summary>\n\n${codeBlock(cutBytes(tail, TAIL_BYTES_MAX))}\n\n</details>`,
  );
  return [
    '**Proof**, as reported by the attempt:\n',
    '| command | result | time |',
    '|---|---|---|',
    ...rows,
    ...(tails.length > 0 ? ['', ...tails] : []),
  ].join('\n');
}

function provenanceOf({ engine, model, attempt, usage, seconds, run_url }: PullAbout): string {
  const facts = [
    `${engine}${model === null ? '' : ` (${escapeLine(model)})`}`,
    `attempt ${attempt}`,
    renderSeconds(seconds),
    renderCost(usage),
    `[run](${run_url})`,
  ];
  return `<sub>${facts.join(' · ')}</sub>`;
}

/** "unknown" is said, never guessed. */
export function renderCost({ cost_usd, input_tokens, output_tokens }: Usage): string {
  const tokens =
    input_tokens === null && output_tokens === null ? null : `${(input_tokens ?? 0) + (output_tokens ?? 0)} tokens`;
  const money = cost_usd === null ? null : `$${cost_usd.toFixed(cost_usd < 0.1 ? 4 : 2)}`;
  return [money ?? 'cost unknown', ...(tokens === null ? [] : [tokens])].join(', ');
}

export function renderSeconds(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${Math.round(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
