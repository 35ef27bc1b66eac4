// Owns how figures are said: durations, money, tokens, counts, instants. "Unknown" is said, never guessed.
import type { Instant } from '../domain/ids.ts';
import type { Spent } from '../domain/notice.ts';
import type { Usage } from '../domain/outcome.ts';
import type { SpendUnit } from '../domain/policy.ts';

/** `45 s`, `3 min 20 s`, `1 h 5 min` */
export function renderSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes >= 60) return withRest(`${Math.floor(minutes / 60)} h`, minutes % 60, 'min');
  return withRest(`${minutes} min`, whole % 60, 's');
}

function withRest(text: string, rest: number, unit: string): string {
  return rest === 0 ? text : `${text} ${rest} ${unit}`;
}

/** Minutes as a limit is said: `20 min`, `1 h 30 min`. */
export function renderMinutes(minutes: number): string {
  return renderSeconds(minutes * 60);
}

/** `$0.42`; four digits while it is small, since many small ones add up. */
export function renderMoney(cost_usd: number): string {
  return `$${cost_usd.toFixed(cost_usd > 0 && cost_usd < 0.1 ? 4 : 2)}`;
}

export function renderCost({ cost_usd, input_tokens, output_tokens }: Usage): string {
  const tokens = input_tokens === null && output_tokens === null ? null : (input_tokens ?? 0) + (output_tokens ?? 0);
  const money = cost_usd === null ? 'cost unknown' : renderMoney(cost_usd);
  return tokens === null ? money : `${money}, ${renderThousands(tokens)} tokens`;
}

const THOUSAND = 1000;

/** `950`, `12.3k`, `1.2M` */
export function renderThousands(count: number): string {
  if (count < THOUSAND) return String(count);
  const thousands = Math.round(count / (THOUSAND / 10)) / 10;
  const [size, unit] = thousands < THOUSAND ? [thousands, 'k'] : [thousands / THOUSAND, 'M'];
  return `${size.toFixed(1).replace(/\.0$/, '')}${unit}`;
}

/** `$1.20`, `45k tokens` */
export function renderAmount(unit: SpendUnit, amount: number): string {
  return unit === 'usd' ? renderMoney(amount) : `${renderThousands(amount)} tokens`;
}

const PERIODS = { task: 'in this round', day: 'today', month: 'this month' } as const;

/** `spent today: $1.20 of $5.00` */
export function renderSpent({ of, unit, spent, limit }: Spent): string {
  return `spent ${PERIODS[of]}: ${renderAmount(unit, spent)} of ${renderAmount(unit, limit)}`;
}

/** `1 attempt`, `2 attempts` */
export function renderCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `2026-11-20 20:27 UTC`: a comment is read in every time zone. */
export function renderInstant(at: Instant): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
}

/** `a`, `a and b`, `a, b and c` */
export function renderList(words: readonly string[], last: 'and' | 'or'): string {
  if (words.length < 2) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1) ?? ''}`;
}
