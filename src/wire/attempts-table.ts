// Owns the table of a task's attempts, and the block that shows the last one's error.
import { lastTry } from '../domain/fold-journal.ts';
import type { Attempt } from '../domain/journal.ts';
import type { StateView } from '../domain/notice.ts';
import type { Usage } from '../domain/outcome.ts';
import { renderMoney, renderSeconds, renderThousands } from './amount-text.ts';
import { cutChars, tailBytes } from './cut.ts';
import { codeBlock, escapeLine, inlineCode } from './escape.ts';
import { renderLink, runUrl } from './link.ts';
import { isTrouble, outcomePredicate, outcomeWord } from './outcome-text.ts';

const DETAIL_CHARS_MAX = 100;
const ERROR_CHARS_MAX = 500;
const EXCERPT_BYTES_MAX = 2_000;

export function renderAttempts({ attempts, attempts_total, repository_url }: StateView): string {
  if (attempts.length === 0) return '';
  const rows = attempts.map((attempt) => rowOf(attempt, repository_url));
  const earlier = attempts_total - attempts.length;
  const table = ['| # | Engine | Result | Time | Cost | Log |', '| --- | --- | --- | --- | --- | --- |', ...rows].join(
    '\n',
  );
  return earlier > 0 ? `${table}\n\n${earlier} earlier attempt${earlier === 1 ? '' : 's'} not shown.` : table;
}

function rowOf({ number, claim, settled }: Attempt, repository_url: string): string {
  const engine = claim.model === null ? claim.engine : `${claim.engine} · ${escapeLine(cutChars(claim.model, 60))}`;
  const cells = [
    String(number),
    engine,
    settled === null ? '⏳ running' : resultOf(settled),
    settled === null ? '' : renderSeconds(settled.seconds),
    settled === null ? '' : spentOf(settled.usage),
    renderLink('log', runUrl(repository_url, claim)),
  ];
  return `| ${cells.join(' | ')} |`;
}

function resultOf({ outcome, detail }: NonNullable<Attempt['settled']>): string {
  const word = outcome === 'delivered' ? `✓ ${outcomeWord(outcome)}` : outcomeWord(outcome);
  return detail === '' || outcome === 'delivered' ? word : `${word}: ${escapeLine(cutChars(detail, DETAIL_CHARS_MAX))}`;
}

function spentOf({ cost_usd, input_tokens, output_tokens }: Usage): string {
  if (cost_usd !== null) return renderMoney(cost_usd);
  const tokens = input_tokens === null && output_tokens === null ? null : (input_tokens ?? 0) + (output_tokens ?? 0);
  return tokens === null ? 'unknown' : `${renderThousands(tokens)} tokens`;
}

/** What all attempts cost together; the ones that did not say are counted, not guessed. */
export function renderTotalCost(attempts: readonly Attempt[]): string {
  const settled = attempts.flatMap((attempt) => (attempt.settled === null ? [] : [attempt.settled]));
  const known = settled.flatMap(({ usage }) => (usage.cost_usd === null ? [] : [usage.cost_usd]));
  if (settled.length === 0) return '';
  if (known.length === 0) return 'unknown';
  const silent = settled.length - known.length;
  const total = renderMoney(known.reduce((sum, cost) => sum + cost, 0));
  return silent === 0 ? total : `${total}, and ${silent} attempt${silent === 1 ? '' : 's'} that did not say`;
}

/** The reason, the end of what the failing command said, and the log; only while the task stands on this failure. */
export function renderError({ attempts, state, repository_url }: StateView): string {
  const last = lastTry({ attempts });
  const settled = last?.settled ?? null;
  if (last === null || settled === null || !isTrouble(settled.outcome) || !SHOWS_ERROR.has(state)) return '';
  const detail =
    settled.detail === '' ? '' : `: ${escapeLine(cutChars(settled.detail, ERROR_CHARS_MAX)).replace(/\.$/, '')}`;
  const head = `**Attempt ${last.number} ${outcomePredicate(settled.outcome)}** (\`${settled.outcome}\`)${detail}. ${renderLink('Log', runUrl(repository_url, last.claim))}`;
  const lines = [head, ...excerptOf(settled)];
  // Red only where somebody has to act.
  const tone = state === 'needs_review' ? '[!CAUTION]' : '[!NOTE]';
  return [tone, ...lines.join('\n').split('\n')].map((line) => `> ${line}`.trimEnd()).join('\n');
}

const SHOWS_ERROR: ReadonlySet<StateView['state']> = new Set(['needs_review', 'routed', 'new', 'blocked']);

function excerptOf({ proof }: NonNullable<Attempt['settled']>): readonly string[] {
  const failed = proof.find(({ exit_code }) => exit_code !== 0);
  if (failed === undefined || failed.tail.trim() === '') return [];
  const command = inlineCode(cutChars(failed.command.join(' '), 120));
  return [
    '',
    `${command} ended with exit code ${failed.exit_code}:`,
    '',
    codeBlock(tailBytes(failed.tail.trim(), EXCERPT_BYTES_MAX)),
  ];
}
