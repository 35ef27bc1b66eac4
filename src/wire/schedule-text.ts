// Owns how a schedule is told to people: when it falls due next, by UTC and by the clock of its zone.
import type { Instant } from '../domain/ids.ts';
import { epochMs } from '../domain/instant.ts';
import type { Schedule } from '../domain/schedule.ts';
import { inlineCode } from './escape.ts';

export function renderRuns({ cron, timezone }: Schedule, runs: readonly Instant[]): string {
  if (runs.length === 0) return `${inlineCode(cron)} is a schedule, and never falls due.`;
  const zones = timezone === 'UTC' ? ['UTC'] : ['UTC', timezone];
  const rows = runs.map((at) => `| ${zones.map((zone) => clockOf(at, zone)).join(' | ')} |`);
  return [
    `${inlineCode(cron)} falls due next at these times; a job runs at the first tick after each.`,
    '',
    `| ${zones.join(' | ')} |`,
    `| ${zones.map(() => '---').join(' | ')} |`,
    ...rows,
  ].join('\n');
}

/** `Mon 2026-11-23 06:30` */
function clockOf(at: Instant, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(epochMs(at));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((each) => each.type === type)?.value ?? '';
  return `${part('weekday')} ${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}`;
}
