// Owns why a task waits, in one sentence a reason; people read the same words wherever they look.
import { unreachable } from '../domain/fault.ts';
import type { Login, LabelName } from '../domain/ids.ts';
import type { ShownWait } from '../domain/notice.ts';
import type { HoldReason, WaitReason } from '../domain/plan.ts';
import { renderAmount, renderCount, renderInstant, renderList } from './amount-text.ts';
import { cutChars } from './cut.ts';
import { escapeLine, inlineCode } from './escape.ts';
import { renderTask } from './link.ts';
import { outcomePredicate } from './outcome-text.ts';

const NAMED_MAX = 10;
const DETAIL_CHARS_MAX = 300;

export function renderWait(wait: WaitReason | ShownWait): string {
  switch (wait.kind) {
    case 'dependencies':
      return `It depends on ${issues(wait.open)}, which ${wait.open.length === 1 ? 'is' : 'are'} still open.`;
    case 'children':
      return `Its ${wait.open.length === 1 ? 'sub-issue' : 'sub-issues'} ${issues(wait.open)} ${wait.open.length === 1 ? 'is' : 'are'} still open.`;
    case 'foreign':
      return `It waits for ${named(wait.open)}, which ${wait.open.length === 1 ? 'is' : 'are'} still open in another repository.`;
    case 'phase':
      return `It comes after the earlier phases of its epic, of which ${issues(wait.open)} ${wait.open.length === 1 ? 'is' : 'are'} still open.`;
    case 'blocked_by_word':
      return `${who(wait.by)} blocked it${wait.on.length === 0 ? '' : `, since it waits for ${issues(wait.on)}`}.`;
    case 'paused':
      return `${who(wait.by)} paused the queue on ${renderInstant(wait.since)}; \`/orch resume\` lets it go on.`;
    case 'capacity':
      return renderCapacity(wait);
    case 'engine_capacity':
      return renderEngineCapacity(wait);
    case 'overlap':
      return `${renderTask(wait.task)} ${wait.under_way ? 'is under way' : 'goes first'} and will probably touch ${renderList(
        wait.files.slice(0, NAMED_MAX).map((file) => inlineCode(cutChars(file, 100))),
        'and',
      )} too; one comes after the other.`;
    case 'alone':
      return `It runs with nothing beside it (\`parallel:off\`), and ${renderCount(wait.running, 'attempt')} ${wait.running === 1 ? 'is' : 'are'} running.`;
    case 'behind':
      return `${renderTask(wait.task)} comes first, with nothing beside it (\`parallel:off\`).`;
    case 'queued':
      return `It is in line for a free slot; at most ${renderCount(wait.parallel_max, 'attempt')} can run at a time.`;
    case 'backoff':
      return `The last attempt ${outcomePredicate(wait.after)}; the next one starts after ${renderInstant(wait.until)}.`;
    case 'cooldown':
      return `${renderList(wait.engines, 'and')} ${wait.engines.length === 1 ? 'rests' : 'rest'} since another task ran into the model's limit; it starts after ${renderInstant(wait.until)}, or as soon as an attempt gets through.`;
    case 'circuit':
      return renderCircuit(wait);
    case 'hourly':
      return `${renderCount(wait.starts, 'attempt')} started within the last hour, and \`attempts_per_hour_max\` is ${wait.limit}; the next one starts after ${renderInstant(wait.until)}.`;
    case 'budget':
      return renderBudget(wait);
    case 'stopped':
      return `${renderTask(wait.task)} failed, and nothing new starts (\`stop_on_failure\`) until a person retries, skips or closes it.`;
    case 'running':
      return `Attempt ${wait.attempt} is running.`;
    case 'review':
      return `Its pull request #${wait.pr} waits for review.`;
    case 'person':
      return renderHold(wait.reason);
    case 'skipped':
      return renderSkipped(wait);
    case 'unassigned':
      return 'Assignment is manual here (`assignment: manual`): `/orch start` or an `agent:` label starts it.';
    case 'finished':
      return wait.state === 'done' ? 'It is done.' : 'It was closed as not planned.';
    case 'lease_unread':
      return 'GitHub did not say how its running job is doing; the next tick asks again.';
    case 'details_unread':
      return 'GitHub did not hand out its text; the next tick asks again.';
    case 'routing_budget':
      return 'Its engine is not chosen yet; the next tick asks the router.';
    default:
      return unreachable(wait);
  }
}

export function renderHold(reason: HoldReason): string {
  switch (reason.kind) {
    case 'cancelled':
      return reason.by === null ? 'Its job was cancelled on GitHub.' : `${who(reason.by)} cancelled it.`;
    case 'held':
      return `${who(reason.by)} holds it${reason.until === null ? '' : ` until ${renderInstant(reason.until)}`}.`;
    case 'attempts_exhausted':
      return `${renderCount(reason.attempts, 'attempt')} did not get there; ${reason.last === null ? 'how the last one ended was lost with the journal' : `the last one ${outcomePredicate(reason.last)}`}.`;
    case 'same_failure':
      return `${renderCount(reason.times, 'attempt')} in a row ended in the very same way; the last one ${outcomePredicate(reason.outcome)}${because(reason.detail)}. One more would end like them.`;
    case 'over_budget':
      return `This round has cost ${renderAmount(reason.unit, reason.spent)}, and a task may cost ${renderAmount(reason.unit, reason.limit)} (\`budget.task.${reason.unit}\`).`;
    case 'infra_exhausted':
      return `${renderCount(reason.attempts, 'attempt')} of this round ended without the task being at fault; the last one ${outcomePredicate(reason.last)}${because(reason.detail)}.`;
    case 'needs_person':
      if (reason.audited === true) return `The audit changed nothing; it reports: ${detail(reason.detail)}.`;
      return `The attempt ${outcomePredicate(reason.outcome)}${because(reason.detail)}.`;
    case 'pr_closed':
      return `Its pull request #${reason.pr} was closed without a merge.`;
    case 'pr_forbidden':
      return 'The work is pushed, but this repository does not let GitHub Actions open pull requests.';
    case 'branch_gone':
      return `The work was pushed to ${inlineCode(reason.branch)}, and that branch is gone.`;
    case 'untrusted_label':
      return `${label(reason.label)} was set by ${who(reason.by)}; it takes at least the role \`${reason.needed}\` to put an issue into the queue.`;
    case 'reopened':
      return `${who(reason.by)} reopened it; it takes at least the role \`${reason.needed}\` to start it again.`;
    case 'unknown_label':
      return `${label(reason.label)} names something Orch does not know, and a label is not guessed.`;
    case 'contradicting_labels':
      return `Its labels contradict each other: ${renderList(reason.labels.slice(0, NAMED_MAX).map(label), 'and')}.`;
    case 'circle':
      return renderCircle(reason);
    case 'no_engine':
      return renderNoEngine(reason);
    default:
      return unreachable(reason);
  }
}

function renderCircuit({ tasks, outcome, until, probing }: WaitReason & { readonly kind: 'circuit' }): string {
  const cause = `${renderCount(tasks, 'task')} failed in one way, and nothing has succeeded since: the attempt ${outcomePredicate(outcome)}`;
  return probing
    ? `${cause}. One attempt at a time finds out whether it works again.`
    : `${cause}. Nothing new starts before ${renderInstant(until)}; then one attempt finds out, and \`/orch retry\` does so at once.`;
}

function renderEngineCapacity(wait: WaitReason & { readonly kind: 'engine_capacity' }): string {
  const { engine, running, parallel_max, kept_for } = wait;
  return kept_for === null
    ? `${engine} runs ${renderCount(running, 'attempt')}, at most ${parallel_max} at a time (\`engines.${engine}.parallel_max\`).`
    : `The next place of ${engine} is kept for ${renderTask(kept_for)}, which goes first (\`engines.${engine}.parallel_max\`).`;
}

const CAPACITY_LIMITS = {
  parallel_max: '',
  parallel_min: ' while no more wait than run (`parallel_min`)',
  runners_max: ', by `runners_max`',
  api: ", by what is left of the API's hourly limit",
} as const;

function renderCapacity({ running, parallel_max, by }: WaitReason & { readonly kind: 'capacity' }): string {
  return parallel_max <= 0
    ? `Nothing can start${CAPACITY_LIMITS[by]}.`
    : `All ${parallel_max} slots are taken: ${renderCount(running, 'attempt')} running, at most ${parallel_max} at a time${CAPACITY_LIMITS[by]}.`;
}

function renderBudget({ period, unit, spent, limit, until }: WaitReason & { readonly kind: 'budget' }): string {
  const name = `\`budget.${period}.${unit}\` is ${renderAmount(unit, limit)}`;
  const when = period === 'day' ? 'today' : 'this month';
  return until === null
    ? `${name}, ${renderAmount(unit, spent)} of it are spent ${when}, and what runs now may use up the rest.`
    : `${name}, and ${renderAmount(unit, spent)} are spent ${when}. It starts after ${renderInstant(until)}; \`/orch retry\` starts it at once.`;
}

const CIRCLE_SHOWN_MAX = 20;

/** Listed once: at the issue with the lowest number. */
function renderCircle({ circle, of }: HoldReason & { readonly kind: 'circle' }): string {
  const [first] = circle;
  if (first === undefined || first !== of) return `It waits in a circle of issues, listed at #${first ?? of}.`;
  const shown = [...circle, first].slice(0, CIRCLE_SHOWN_MAX).map((number) => `#${number}`);
  return `These issues wait for each other, each for the next: ${shown.join(' → ')}${circle.length >= CIRCLE_SHOWN_MAX ? ' → …' : ''}. None of them can start.`;
}

function renderNoEngine({ wanted, model, configured, ready }: HoldReason & { readonly kind: 'no_engine' }): string {
  const others = ready.length === 0 ? 'none can' : `${renderList(ready, 'and')} can`;
  if (wanted !== null) {
    const cause = configured.includes(wanted) ? 'its key is not set' : 'it is not configured';
    const asked = model === undefined ? 'was asked for' : `has the model ${inlineCode(model)} that was named`;
    return `${wanted} ${asked}, and cannot run here, since ${cause}; ${others}.`;
  }
  if (configured.length === 0) return 'No engine is configured here.';
  if (ready.length > 0)
    return `Of the engines that can run here, none is chosen by itself: ${renderList(ready, 'and')} ${ready.length === 1 ? 'has' : 'have'} \`weight: 0\`, and a label, a rule or a command has to name ${ready.length === 1 ? 'it' : 'one'}.`;
  return `No engine can run here yet: ${renderList(configured, 'and')} ${configured.length === 1 ? 'is' : 'are'} configured, and no key is set.`;
}

function renderSkipped({ by, label: name, who: person, until }: WaitReason & { readonly kind: 'skipped' }): string {
  if (by === 'no_intake_label') return 'It does not carry the intake label.';
  if (by === 'command' || name === null)
    return `${who(person)} skipped it${until === undefined || until === null ? '' : ` until ${renderInstant(until)}`}.`;
  return person === null ? `It carries the label ${label(name)}.` : `${who(person)} gave it the label ${label(name)}.`;
}

/** Named, not mentioned: nobody is notified by our sentence. */
function who(login: Login | null): string {
  return login === null ? 'Somebody GitHub no longer knows' : escapeLine(login);
}

function label(name: LabelName): string {
  return inlineCode(name);
}

function because(text: string): string {
  return text === '' ? '' : `: ${detail(text)}`;
}

/** Others' text in part; a full stop of theirs would stand beside ours. */
function detail(text: string): string {
  return escapeLine(cutChars(text, DETAIL_CHARS_MAX)).replace(/[.\s]+$/, '');
}

function issues(numbers: readonly number[]): string {
  return named(numbers.map((number) => `#${number}`));
}

function named(names: readonly string[]): string {
  const shown = names.slice(0, NAMED_MAX);
  const more = names.length - shown.length;
  return renderList(more > 0 ? [...shown, `${more} more`] : shown, 'and');
}
