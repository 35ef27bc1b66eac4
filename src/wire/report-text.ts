// Owns the job summaries: what a tick saw and did, how an attempt went, what was delivered and why not.
import type { Brief, Leg } from '../domain/brief.ts';
import type { GateFinding } from '../domain/change.ts';
import type { HandIn } from '../domain/hand-in.ts';
import type { AttemptNumber, Instant, PrNumber, TaskId } from '../domain/ids.ts';
import type { Settled } from '../domain/journal.ts';
import type { Plan, TaskReport } from '../domain/plan.ts';
import type { Wake } from '../domain/wake.ts';
import type { TaskState } from '../domain/task.ts';
import { renderCost, renderCount, renderInstant, renderSeconds } from './amount-text.ts';
import { cutBytes, cutChars } from './cut.ts';
import { renderAlarm, renderDeed, renderEffect } from './deed-text.ts';
import { codeBlock, escapeLine, inlineCode, plainLine, quoteBlock } from './escape.ts';
import { renderGraph } from './graph-text.ts';
import { renderLink, renderTask } from './link.ts';
import { outcomeAdvice, outcomePredicate, outcomeWord } from './outcome-text.ts';
import { renderProof } from './proof-table.ts';
import { renderWait } from './wait-text.ts';

const ROWS_MAX = 200;
const ALARMS_MAX = 20;
const EFFECTS_MAX = 500;
const TITLE_CHARS_MAX = 80;
const FINDINGS_MAX = 20;
const SAID_BYTES_MAX = 4_000;
const TAIL_BYTES_MAX = 4_000;

export interface TickReport {
  readonly snapshot: { readonly at: Instant; readonly wake: Wake; readonly scope: 'changed' | 'all' };
  readonly plan: Plan;
  readonly legs: readonly Leg[];
  readonly dry_run?: boolean;
}

export function renderTickReport(report: TickReport): string {
  const { plan, dry_run } = report;
  const parts = [
    `## Orch: ${headline(report)}`,
    dry_run === true ? 'Dry run: nothing below was written.' : '',
    whenText(report),
    plan.alarms
      .slice(0, ALARMS_MAX)
      .map((alarm) => `- ${renderAlarm(alarm).replaceAll('\n\n', '\n').replaceAll('\n', '\n  ')}`)
      .join('\n'),
    tasksTable(plan.reports),
    renderGraph(plan.graph),
    plan.more ? 'Some work was left for the next tick.' : '',
    dry_run === true ? `### Plan\n\n${codeBlock(renderPlan(plan))}` : '',
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** The plan as lines of plain text, in the order it would be applied. */
export function renderPlan({ effects }: Plan): string {
  if (effects.length === 0) return 'Nothing to do.';
  const lines = effects
    .slice(0, EFFECTS_MAX)
    .map((effect, index) => `${index + 1}. ${plainLine(renderEffect(effect))}`);
  const more = effects.length - lines.length;
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}

function headline({ plan, legs }: TickReport): string {
  const people = plan.reports.filter(({ state }) => state === 'needs_review').length;
  const words = [
    ...(people === 0 ? [] : [`${renderCount(people, 'task')} for a person`]),
    ...(legs.length === 0 ? [] : [`${renderCount(legs.length, 'attempt')} started`]),
  ];
  return words.join(', ') || (plan.effects.length === 0 ? 'nothing to do' : 'up to date');
}

function whenText({ snapshot: { at, wake, scope } }: TickReport): string {
  const cause = wake.issue === null ? wake.cause : `${wake.cause} on #${wake.issue}`;
  return `${renderInstant(at)}, woken by ${cause}; looked at ${scope === 'all' ? 'everything' : 'what changed'}.`;
}

/** Attention first: what needs a person, then what runs, then the queue. */
const ORDER: readonly TaskState[] = [
  'needs_review',
  'in_progress',
  'in_review',
  'routed',
  'new',
  'blocked',
  'skipped',
  'done',
  'archived',
];

function tasksTable(reports: readonly TaskReport[]): string {
  if (reports.length === 0) return '';
  const sorted = reports.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  const rows = sorted.slice(0, ROWS_MAX).map(taskRow);
  const more = reports.length - rows.length;
  const table = ['| Task | State | Why | Done now |', '| --- | --- | --- | --- |', ...rows].join('\n');
  return more > 0 ? `${table}\n\nand ${more} more` : table;
}

function taskRow({ task, title, before, state, wait, did }: TaskReport): string {
  const name = `${renderTask(task)} ${escapeLine(cutChars(title, TITLE_CHARS_MAX))}`.trim();
  const moved = before === null || before === state ? spaced(state) : `${spaced(before)} → ${spaced(state)}`;
  return `| ${name} | ${moved} | ${wait === null ? '' : inCell(renderWait(wait))} | ${inCell(did.map(renderDeed).join('; '))} |`;
}

function spaced(state: TaskState): string {
  return state.replaceAll('_', ' ');
}

function inCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

export interface AttemptReport {
  readonly brief: Pick<Brief, 'task' | 'attempt' | 'model' | 'timeout_minutes'> & {
    readonly issue: { readonly title: string } | null;
  };
  readonly hand_in: HandIn;
  /** What took how long, in order: `engine ready`, `engine worked`, … */
  readonly timeline: readonly { readonly what: string; readonly seconds: number }[];
}

export function renderAttemptReport({ brief, hand_in, timeline }: AttemptReport): string {
  const { outcome, detail, proof, usage, denials } = hand_in;
  const advice = outcomeAdvice(outcome, hand_in.engine);
  const facts = [
    `${hand_in.engine}${hand_in.engine_version === null ? '' : ` ${escapeLine(hand_in.engine_version)}`}`,
    ...(hand_in.model === null ? [] : [escapeLine(hand_in.model)]),
    renderSeconds(hand_in.seconds),
    renderCost(usage),
    hand_in.isolated ? 'in a sandbox' : 'without a sandbox',
  ];
  const parts = [
    `## ${renderTask(brief.task)}, attempt ${brief.attempt}: ${outcomeWord(outcome)}`,
    brief.issue === null ? '' : `_${escapeLine(brief.issue.title)}_`,
    `The attempt ${outcomePredicate(outcome)}${detail === '' ? '' : `: ${escapeLine(detail).replace(/\.$/, '')}`}.${advice === null ? '' : ` ${advice}`}`,
    facts.join(' · '),
    timelineText(timeline),
    proof.length === 0 ? '' : `### Proof\n\n${renderProof(proof)}`,
    failedTail(hand_in),
    hand_in.summary.trim() === ''
      ? ''
      : `### In its own words\n\n${quoteBlock(cutBytes(hand_in.summary, SAID_BYTES_MAX))}`,
    hand_in.remaining.trim() === ''
      ? ''
      : `### Left to do, as it says\n\n${quoteBlock(cutBytes(hand_in.remaining, SAID_BYTES_MAX))}`,
    denials.length === 0 ? '' : `It was refused: ${denials.slice(0, 10).map(inlineCode).join(', ')}.`,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function timelineText(timeline: AttemptReport['timeline']): string {
  if (timeline.length === 0) return '';
  const rows = timeline.map(({ what, seconds }) => `| ${escapeLine(what)} | ${renderSeconds(seconds)} |`);
  return ['| Step | Time |', '| --- | --- |', ...rows].join('\n');
}

function failedTail({ proof }: HandIn): string {
  const failed = proof.find(({ exit_code }) => exit_code !== 0);
  return failed === undefined || failed.tail.trim() === ''
    ? ''
    : codeBlock(cutBytes(failed.tail.trim(), TAIL_BYTES_MAX));
}

export type Delivery =
  | { readonly kind: 'not_ours'; readonly why: string }
  | {
      readonly kind: 'settled';
      readonly settled: Settled;
      readonly branch: string | null;
      readonly pull: { readonly number: PrNumber; readonly url: string } | null;
      readonly pull_problem: string | null;
      readonly findings: readonly GateFinding[];
    };

export interface Delivered {
  readonly ask: { readonly task: TaskId; readonly attempt: AttemptNumber };
  readonly delivery: Delivery;
}

/** `line` is plain text for the log. */
export function renderDelivery({ ask, delivery }: Delivered): { readonly line: string; readonly markdown: string } {
  const name = `${renderTask(ask.task)}, attempt ${ask.attempt}`;
  if (delivery.kind === 'not_ours') {
    const text = `nothing was delivered: ${delivery.why}.`;
    return {
      line: `${name}: ${plainLine(text)}`,
      markdown: `## ${name}\n\nNothing was delivered: ${escapeLine(delivery.why)}.\n`,
    };
  }
  const { settled, findings } = delivery;
  const parts = [
    `## ${name}: ${outcomeWord(settled.outcome)}`,
    deliveryText(delivery),
    findingsText(findings),
    settled.proof.length === 0 ? '' : `### Proof, as reported by the attempt\n\n${renderProof(settled.proof)}`,
    `${renderSeconds(settled.seconds)} · ${renderCost(settled.usage)}`,
  ];
  return {
    line: `${name}: ${plainDelivery(delivery)}`,
    markdown: `${parts.filter((part) => part !== '').join('\n\n')}\n`,
  };
}

type SettledDelivery = Delivery & { readonly kind: 'settled' };

function deliveryText(delivery: SettledDelivery): string {
  const { settled, branch, pull, pull_problem } = delivery;
  const ending = `The attempt ${outcomePredicate(settled.outcome)}${settled.detail === '' ? '' : `: ${escapeLine(settled.detail).replace(/\.$/, '')}`}.`;
  const pushed =
    branch === null ? 'Nothing was pushed.' : `${renderCount(settled.files, 'file')} pushed to ${inlineCode(branch)}.`;
  const opened = pull === null ? '' : `${renderLink(`Pull request ${pull.number}`, pull.url)} is open.`;
  const problem =
    pull_problem === null
      ? ''
      : `No pull request could be opened: ${escapeLine(pull_problem).replace(/\.$/, '')}. The branch stays; the next tick says how to go on.`;
  return [ending, pushed, opened, problem].filter((part) => part !== '').join(' ');
}

function plainDelivery({ settled, branch, pull, pull_problem }: SettledDelivery): string {
  const words = [
    outcomeWord(settled.outcome),
    ...(settled.detail === '' ? [] : [plainLine(settled.detail)]),
    branch === null ? 'nothing pushed' : `${renderCount(settled.files, 'file')} pushed to ${branch}`,
    ...(pull === null ? [] : [pull.url]),
    ...(pull_problem === null ? [] : [`no pull request: ${plainLine(pull_problem)}`]),
  ];
  return words.join('; ');
}

function findingsText(findings: readonly GateFinding[]): string {
  if (findings.length === 0) return '';
  const rows = findings
    .slice(0, FINDINGS_MAX)
    .map(
      ({ rule, path, detail }) =>
        `- \`${rule}\`${path === null ? '' : ` ${inlineCode(cutChars(path, 200))}`}: ${escapeLine(detail)}`,
    );
  const more = findings.length - rows.length;
  return ['Why it was refused:', '', ...rows, ...(more > 0 ? [`- and ${more} more`] : [])].join('\n');
}
