// Owns the text of our pull requests: what was done, how it was proven, what it cost, where it came from.
import { z } from 'zod';
import { AttemptNumber, TaskId } from '../domain/ids.ts';
import type { IssueNumber, ModelName } from '../domain/ids.ts';
import type { ProofResult, Usage } from '../domain/outcome.ts';
import type { EngineId } from '../domain/task.ts';
import { renderCost, renderSeconds } from './amount-text.ts';
import { renderBody } from './body.ts';
import { cutBytes, cutChars } from './cut.ts';
import { codeBlock, escapeLine, neutralLine, quoteBlock } from './escape.ts';
import { renderLink, renderTask } from './link.ts';
import { parseMarker, renderMarker } from './marker.ts';
import { renderProof } from './proof-table.ts';

export interface PullAbout {
  readonly task: TaskId;
  readonly attempt: AttemptNumber;
  readonly issue: IssueNumber | null;
  /** Whether merging it is to close the issue: GitHub does so itself, by the words of the text. */
  readonly closes_issue: boolean;
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
  /** null: nobody remembers, as when a later tick opens the pull request. */
  readonly isolated: boolean | null;
}

const TITLE_CHARS_MAX = 120;
const SUMMARY_BYTES_MAX = 8_000;
const TAIL_BYTES_MAX = 2_000;
const TAILS_MAX = 5;

/** Never empty, never the issue's own title, never a dash or a prefix that a machine would read. */
export function renderPullTitle({
  title,
  issue_title,
  task,
}: Pick<PullAbout, 'title' | 'issue_title' | 'task'>): string {
  const issue = plainTitle(issue_title);
  const own = plainTitle(title ?? '');
  if (own !== '' && own.toLowerCase() !== issue.toLowerCase()) return cutChars(own, TITLE_CHARS_MAX);
  const suffix = ` (${renderTask(task)})`;
  return issue === '' ? `Work on ${renderTask(task)}` : `${cutChars(issue, TITLE_CHARS_MAX - suffix.length)}${suffix}`;
}

const PREFIX = /^(?:build|chore|ci|docs|feat|fix|perf|refactor|revert|style|test)(?:\([^()]{0,60}\))?!?:\s*/i;

/** `fix(parser): handle tabs` → `Handle tabs` */
function plainTitle(text: string): string {
  const words = neutralLine(text)
    .replaceAll(/[<>]/g, '')
    .replace(PREFIX, '')
    .replace(/^[-\s]+/, '')
    .trim();
  const [first = ''] = words;
  return `${first.toUpperCase()}${words.slice(first.length)}`;
}

export function renderPullBody(about: PullAbout): string {
  const sections = [
    { text: about.issue === null ? '' : renderClosing(`#${about.issue}`, about.closes_issue), rank: 0 },
    { text: about.isolated === false ? NO_SANDBOX : '', rank: 0 },
    { text: summaryOf(about), rank: 1 },
    { text: proofOf(about.proof), rank: 2 },
    { text: tailsOf(about.proof), rank: 3 },
    { text: provenanceOf(about), rank: 0 },
  ];
  return renderBody(sections, renderMarker('pr', { task: about.task, attempt: about.attempt }));
}

/** `issue`: `#12`. GitHub reads the first word, and leaves the issue open without it. */
export function renderClosing(issue: string, closes_issue: boolean): string {
  return `${closes_issue ? 'Closes' : 'For'} ${issue}`;
}

const NO_SANDBOX = '> [!WARNING]\n> The engine ran without a sandbox on this runner.';

const Marker = z.object({ task: TaskId, attempt: AttemptNumber });

export function parsePullMarker(body: string): { readonly task: TaskId; readonly attempt: AttemptNumber } | null {
  const parsed = Marker.safeParse(parseMarker('pr', body));
  return parsed.success ? parsed.data : null;
}

function summaryOf({ summary, engine }: PullAbout): string {
  const words = summary.trim();
  if (words === '') return '';
  return `### Summary\n\nIn the words of ${engine}:\n\n${quoteBlock(cutBytes(words, SUMMARY_BYTES_MAX))}`;
}

function proofOf(proof: readonly ProofResult[]): string {
  if (proof.length === 0)
    return '### Proof\n\nNone: the configuration names no `verify` commands, so please look twice.';
  return `### Proof\n\nAs reported by the attempt, which ran the repository's \`verify\` commands:\n\n${renderProof(proof)}`;
}

/** Only what failed is worth reading; what passed says so in the table. */
function tailsOf(proof: readonly ProofResult[]): string {
  return proof
    .filter(({ exit_code }) => exit_code !== 0)
    .slice(0, TAILS_MAX)
    .map(
      ({ command, tail }) =>
        `<details><summary>Output of ${escapeLine(cutChars(command.join(' '), 120))}</summary>\n\n${codeBlock(cutBytes(tail, TAIL_BYTES_MAX))}\n\n</details>`,
    )
    .join('\n\n');
}

function provenanceOf({ task, engine, model, attempt, usage, seconds, run_url }: PullAbout): string {
  const facts = [
    renderTask(task),
    `attempt ${attempt}`,
    model === null ? engine : `${engine} with ${escapeLine(model)}`,
    renderSeconds(seconds),
    renderCost(usage),
    renderLink('log', run_url),
  ];
  return `---\n\n${facts.join(' · ')}`;
}
