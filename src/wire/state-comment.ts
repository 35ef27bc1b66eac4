// Owns the one comment that shows a task: what, why and what next first; the record below; the machine's copy hidden.
import { lastTry, liveAttempts } from '../domain/fold-journal.ts';
import { z } from 'zod';
import { ModelName, PrNumber, TaskId } from '../domain/ids.ts';
import { unreachable } from '../domain/fault.ts';
import type { Remark, StateView } from '../domain/notice.ts';
import type { PolicyOrigin } from '../domain/policy.ts';
import { sameLabel, statusLabel } from '../domain/label.ts';
import { Complexity, EngineId, TASK_STATES } from '../domain/task.ts';
import type { TaskState } from '../domain/task.ts';
import { renderList, renderSpent } from './amount-text.ts';
import { renderAttempts, renderError, renderTotalCost } from './attempts-table.ts';
import { renderBody } from './body.ts';
import { cutBytes, cutChars } from './cut.ts';
import { escapeLine, inlineCode, quoteBlock } from './escape.ts';
import { renderBranchLink, renderLink, renderPullState, renderTask, runUrl } from './link.ts';
import { parseMarker, renderMarker } from './marker.ts';
import { renderPolicyOrigin } from './policy-text.ts';
import { renderSource, renderStateLines } from './state-lines.ts';

const DEPENDENCIES_MAX = 20;
const TITLE_CHARS_MAX = 80;
const SUMMARY_BYTES_MAX = 1_500;
const REMARKS_MAX = 5;
const FILES_MAX = 5;

export function renderStateComment(view: StateView): string {
  const { what, why, next } = renderStateLines(view);
  const sections = [
    { text: `**${what}.**\n**Why:** ${why}\n**Next:** ${next}`.replaceAll('\n', '\\\n'), rank: 0 },
    { text: pipelineOf(view), rank: 1 },
    { text: renderError(view), rank: 2 },
    { text: remarksOf(view.remarks), rank: 3 },
    { text: originOf(view.origin), rank: 3 },
    { text: view.rebuilt ? REBUILT : '', rank: 3 },
    { text: foldOf(view), rank: 4 },
  ];
  return renderBody(sections, renderMarker('state', memoryOf(view)));
}

/** Issue → agent → pull request, in one row. */
function pipelineOf(view: StateView): string {
  return [
    '| Issue | Agent | Pull request |',
    '| --- | --- | --- |',
    `| ${renderTask(view.task)} | ${agentCell(view)} | ${pullCell(view)} |`,
  ].join('\n');
}

function agentCell({ attempts, route, repository_url }: StateView): string {
  const last = lastTry({ attempts });
  if (last === null) return route === null ? 'not chosen yet' : `${route.engine}, not started`;
  const log = renderLink('log', runUrl(repository_url, last.claim));
  const live = liveAttempts({ attempts });
  if (live.length > 1)
    return `${live.map(({ claim }) => claim.engine).join(', ')}, attempts ${renderList(
      live.map(({ number }) => String(number)),
      'and',
    )} · ${log}`;
  return `${last.claim.engine}, attempt ${last.number} · ${log}`;
}

function pullCell({ pull, state, branch, repository_url }: StateView): string {
  if (pull !== null) return `#${pull.number} ${renderPullState(pull)}`;
  if (state === 'in_progress' || state === 'in_review') return '(awaiting PR)';
  return branch === null ? '–' : `none; work so far on ${renderBranchLink(repository_url, branch.name)}`;
}

function remarksOf(remarks: readonly Remark[]): string {
  return remarks.slice(0, REMARKS_MAX).map(remarkText).join('\n\n');
}

function remarkText(remark: Remark): string {
  switch (remark.kind) {
    case 'unknown_label':
      return `The label ${inlineCode(remark.label)} says nothing to Orch and is not used. Known: ${renderList(remark.allowed.map(inlineCode), 'or')}.`;
    case 'status_by_hand':
      return handText(remark);
    case 'soft_dependencies':
      return `It would rather come after ${renderList(
        remark.open.slice(0, DEPENDENCIES_MAX).map((issue) => `#${issue}`),
        'and',
      )}, still open. That does not keep it from starting; \`/orch hold\` does.`;
    default:
      return unreachable(remark);
  }
}

function handText({ label, by }: Remark & { readonly kind: 'status_by_hand' }): string {
  const who = by === null ? 'by hand' : `by ${escapeLine(by)}`;
  const state = TASK_STATES.find((known) => sameLabel(statusLabel(known), label));
  const way = state === undefined ? '' : SAID_BY[state];
  return `The label ${inlineCode(label)}, set ${who}, was taken away again: it does not stand so, and the label alone cannot change that.${way}`;
}

/** What whoever set that label by hand may have wanted. */
const SAID_BY: Readonly<Record<TaskState, string>> = {
  new: ' To have it done anew, comment `/orch retry` once it has ended.',
  routed: '',
  in_progress: ' To have it started, comment `/orch start`.',
  in_review: '',
  done: ' If it is done, close the issue.',
  blocked: ' To keep it from starting, comment `/orch block`.',
  needs_review: ' To keep it for yourself, comment `/orch hold`.',
  skipped: ' To have it left alone, comment `/orch skip`.',
  archived: ' To give it up, close the issue as not planned.',
};

function originOf(origin: PolicyOrigin): string {
  return origin.kind === 'newest' || origin.kind === 'defaults' ? '' : renderPolicyOrigin(origin);
}

const REBUILT =
  'The journal of this task was lost; it was rebuilt from this comment, so details of earlier attempts are gone.';

/** What is read when somebody wants to know more. */
function foldOf(view: StateView): string {
  const parts = [dependenciesOf(view), renderAttempts(view), factsOf(view), summaryOf(view)].filter(
    (part) => part !== '',
  );
  if (parts.length === 0) return '';
  return `<details><summary>${foldTitle(view)}</summary>\n\n${parts.join('\n\n')}\n\n</details>`;
}

function foldTitle({ attempts, attempts_total, dependencies, children }: StateView): string {
  const cost = renderTotalCost(attempts);
  const words = [
    ...(attempts_total === 0 ? [] : [`${attempts_total} attempt${attempts_total === 1 ? '' : 's'}`]),
    ...(cost === '' ? [] : [cost === 'unknown' ? 'cost unknown' : cost]),
    ...(dependencies.length === 0
      ? []
      : [`${dependencies.length} dependenc${dependencies.length === 1 ? 'y' : 'ies'}`]),
    ...(children.length === 0 ? [] : [`${children.length} sub-issue${children.length === 1 ? '' : 's'}`]),
  ];
  return words.length === 0 ? 'Details' : words.join(' · ');
}

/** ✓ closed, ⏳ still open; ✗ the issue itself, which nobody can wait for. */
function dependenciesOf({ task, dependencies, children }: StateView): string {
  const hard = dependencies.filter(({ source }) => source !== 'soft');
  const soft = dependencies.filter(({ source }) => source === 'soft');
  return [
    relatedText('Depends on:', hard, task),
    relatedText('Would rather come after:', soft, task),
    relatedText('Sub-issues:', children, task),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function relatedText(heading: string, related: StateView['children'], task: TaskId): string {
  if (related.length === 0) return '';
  const rows = related
    .slice(0, DEPENDENCIES_MAX)
    .map(
      ({ issue, title, open }) =>
        `- ${String(issue) === task ? '✗' : open ? '⏳' : '✓'} #${issue} ${escapeLine(cutChars(title, TITLE_CHARS_MAX))}`,
    );
  const more = related.length - rows.length;
  return [heading, '', ...rows, ...(more > 0 ? [`- and ${more} more`] : [])].join('\n');
}

function factsOf({ route, budget, branch, attempts, repository_url }: StateView): string {
  const cost = renderTotalCost(attempts);
  const facts = [
    ...(route === null ? [] : [`- Route: ${routeText(route)}`]),
    ...(route === null || route.likely_files.length === 0 ? [] : [`- Likely files: ${filesText(route.likely_files)}`]),
    ...(attempts.length === 0 ? [] : [`- Budget: ${budgetText(budget)}`]),
    ...(cost === '' ? [] : [`- Cost: ${cost}`]),
    ...(attempts.length === 0 ? [] : budget.spent.map((spent) => `- Limit: ${renderSpent(spent)}`)),
    ...(branch === null ? [] : [`- Branch: ${renderBranchLink(repository_url, branch.name)}`]),
  ];
  return facts.join('\n');
}

/** The reason is the router model's own sentence: shown, and used for nothing. */
function routeText(route: NonNullable<StateView['route']>): string {
  const { model, confidence, reason } = route;
  const with_model = model === null ? '' : `, with ${escapeLine(model)}`;
  const sure = confidence === null ? '' : `, ${Math.round(confidence * 100)} % sure`;
  return `${renderSource(route)}${with_model}${sure}${reason === '' ? '' : `: ${escapeLine(cutChars(reason, 200))}`}`;
}

function filesText(files: readonly string[]): string {
  const named = files.slice(0, FILES_MAX).map((file) => inlineCode(cutChars(file, 100)));
  return named.join(', ');
}

function budgetText({ epoch, charged, attempts_max, uncharged, infra_attempts_max }: StateView['budget']): string {
  const round = epoch === 1 ? '' : ` in round ${epoch}`;
  const free = uncharged === 0 ? '' : `; ${uncharged} of ${infra_attempts_max} that were not its fault`;
  return `${charged} of ${attempts_max} attempts used${round}${free}`;
}

function summaryOf({ attempts }: StateView): string {
  const last = lastTry({ attempts });
  const summary = last?.settled?.summary.trim() ?? '';
  if (last === null || summary === '') return '';
  return `In the words of ${last.claim.engine}:\n\n${quoteBlock(cutBytes(summary, SUMMARY_BYTES_MAX))}`;
}

const Memory = z.object({
  v: z.literal(1),
  task: TaskId,
  state: z.enum(TASK_STATES),
  /** Why it waits, in one word; null when it does not. */
  wait: z.string().nullable(),
  attempts: z.number().int().nonnegative(),
  pr: PrNumber.nullable(),
  branch: z.string().nullable(),
  engine: EngineId.nullable(),
  model: ModelName.nullable(),
  complexity: Complexity.nullable(),
  cost_usd: z.number().nonnegative().nullable(),
});

/** What a program can read of a task, and what a lost journal is rebuilt from. */
export type StateMemory = z.infer<typeof Memory>;

/** null: no marker of ours, or one that says something else. Whether it may be believed is the reader's question. */
export function parseStateComment(body: string): StateMemory | null {
  const parsed = Memory.safeParse(parseMarker('state', body));
  return parsed.success ? parsed.data : null;
}

function memoryOf({ task, state, wait, remembers, branch, route, attempts }: StateView): StateMemory {
  const last = lastTry({ attempts })?.claim ?? null;
  const costs = attempts.flatMap(({ settled }) => (settled?.usage.cost_usd == null ? [] : [settled.usage.cost_usd]));
  return {
    v: 1,
    task,
    state,
    wait: wait?.kind === 'person' ? wait.reason.kind : (wait?.kind ?? null),
    attempts: remembers.attempts,
    pr: remembers.pr,
    branch: branch?.name ?? last?.branch ?? null,
    engine: last?.engine ?? route?.engine ?? null,
    model: last?.model ?? route?.model ?? null,
    complexity: route?.complexity ?? null,
    cost_usd: costs.length === 0 ? null : Number(costs.reduce((sum, cost) => sum + cost, 0).toFixed(4)),
  };
}
