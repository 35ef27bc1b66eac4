// Owns what the job log says while an attempt runs: few lines, readable, nothing in them acts.
import type { Usage } from '../../domain/outcome.ts';
import { logLine } from '../log-line.ts';
import type { AttemptPorts } from '../ports.ts';
import type { Told } from '../told.ts';

export function say(ports: Pick<AttemptPorts, 'log'>, mark: '✓' | '▸' | '·' | '✗', text: string): void {
  ports.log.info(`${mark} ${logLine(text)}`);
}

/** `3:07 · Bash npm test · 12,400 tokens` */
export function progressText(told: Told, elapsed_ms: number): string {
  const tokens = totalTokens(told.usage);
  const parts = [
    clockText(elapsed_ms),
    told.action ?? 'thinking',
    ...(tokens === null ? [] : [`${tokens.toLocaleString('en-US')} tokens`]),
  ];
  return parts.join(' · ');
}

/** `3 turns, 12,400 tokens, $0.41`; unknown counters are left out. */
export function usageText(usage: Usage): string {
  const tokens = totalTokens(usage);
  return [
    ...(usage.turns === null ? [] : [`${usage.turns} turns`]),
    ...(tokens === null ? [] : [`${tokens.toLocaleString('en-US')} tokens`]),
    ...(usage.cost_usd === null ? [] : [`$${usage.cost_usd.toFixed(2)}`]),
  ].join(', ');
}

export function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function totalTokens(usage: Usage): number | null {
  if (usage.input_tokens === null && usage.output_tokens === null) return null;
  return (usage.input_tokens ?? 0) + (usage.output_tokens ?? 0);
}
