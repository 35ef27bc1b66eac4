// Owns the three lines people read first: what is happening, why, and what to do next.
import { unreachable } from '../domain/fault.ts';
import { lastTry, liveAttempts } from '../domain/fold-journal.ts';
import type { InternalEnd, StateView } from '../domain/notice.ts';
import type { Route, RouteSource } from '../domain/route.ts';
import { renderList, renderMinutes } from './amount-text.ts';
import { escapeLine } from './escape.ts';
import { outcomeAdvice } from './outcome-text.ts';
import { renderOnMerge, renderResume } from './resume-text.ts';
import { renderWait } from './wait-text.ts';

export interface StateLines {
  readonly what: string;
  readonly why: string;
  readonly next: string;
}

export function renderStateLines(view: StateView): StateLines {
  return { what: whatOf(view), why: whyOf(view), next: nextOf(view) };
}

function whatOf(view: StateView): string {
  const { state, wait, pull } = view;
  switch (state) {
    case 'new':
      return wait?.kind === 'unassigned' ? 'In the queue, not given to an engine yet' : 'In the queue';
    case 'routed':
      return wait?.kind === 'backoff'
        ? `Waiting to try again with ${engineOf(view)}`
        : `In the queue for ${engineOf(view)}`;
    case 'in_progress':
      return workingOn(view);
    case 'in_review':
      return pull === null
        ? 'Done by the engine; the pull request is being opened'
        : `Ready for review in #${pull.number}`;
    case 'done':
      return 'Done';
    case 'blocked':
      return 'Waiting for another issue';
    case 'needs_review':
      return 'Your turn: it does not go on by itself';
    case 'skipped':
      return 'Left alone';
    case 'archived':
      return view.internal_end === null ? 'Closed as not planned' : 'Over';
    default:
      return unreachable(state);
  }
}

function workingOn(view: StateView): string {
  const engines = liveAttempts(view).map(({ claim }) => claim.engine);
  if (engines.length < 2) return `${capital(engineOf(view))} is working on it`;
  return `${engines.length} attempts work on it side by side: ${renderList(engines, 'and')}`;
}

function whyOf(view: StateView): string {
  const { wait, state, pull, internal_end } = view;
  if (internal_end !== null) return internalWhy(internal_end);
  if (state === 'done')
    return pull?.state === 'merged' ? `#${pull.number} was merged.` : 'The issue was closed as completed.';
  if (wait?.kind === 'running') return runningWhy(view);
  if (wait?.kind === 'review' || (wait === null && state === 'in_review')) return deliveredWhy(view);
  if (wait === null)
    return view.route === null ? 'It is waiting for its turn.' : `${capital(renderSource(view.route))}.`;
  return renderWait(wait);
}

function internalWhy(end: InternalEnd): string {
  switch (end.kind) {
    case 'merged':
      return `#${end.pr} was merged.`;
    case 'completed':
      return `${escapeLine(end.by)} said that it is done.`;
    case 'published':
      return end.issue === null ? 'An issue is being made of it.' : `It is #${end.issue} now.`;
    case 'over':
      return 'It ended with nothing to merge.';
    case 'outrun':
      return 'A later run of its job takes its place.';
    default:
      return unreachable(end);
  }
}

function runningWhy(view: StateView): string {
  const claim = lastTry(view)?.claim;
  const model = claim === undefined || claim.model === null ? '' : ` with ${escapeLine(claim.model)}`;
  const source = view.route === null ? '' : `; ${renderSource(view.route)}`;
  const limit = claim === undefined ? '' : renderMinutes(claim.timeout_minutes);
  if (liveAttempts(view).length > 1)
    return `The first to deliver opens the pull request, and the others are stopped. Each has ${limit}.`;
  return `${attemptOf(view)}${model}${source}.${limit === '' ? '' : ` It has ${limit}.`}`;
}

/** Without the number of files: a push by somebody else would change the comment. */
function deliveredWhy(view: StateView): string {
  return `${attemptOf(view)} delivered it${view.pull?.draft === true ? ', as a draft' : ''}.`;
}

/** Numbers are never given back, so the budget is said beside them where the two differ. */
function attemptOf({ attempts, budget }: StateView): string {
  const number = lastTry({ attempts })?.number;
  if (number === undefined) return 'An earlier attempt';
  const of = `${budget.charged} of ${budget.attempts_max}`;
  return number === budget.charged ? `Attempt ${of}` : `Attempt ${number} (${of} in this round)`;
}

const SOURCES: Readonly<Record<RouteSource, string>> = {
  label: 'a label asks for',
  command: 'a command asked for',
  rule: 'a rule in `.github/orch.yml` asks for',
  model: 'the model that was named asks for',
  llm: 'the router chose',
  round_robin: 'the next in turn was',
  only_choice: 'the only engine to choose from was',
};

/** "the router chose claude for this medium task" */
export function renderSource({ source, engine, complexity }: Route): string {
  return `${SOURCES[source]} ${engine} for this ${complexity} task`;
}

function nextOf(view: StateView): string {
  const [first, ...others] = view.resume.map((resume) => renderResume(resume, view));
  const advice = adviceOf(view);
  if (first === undefined) return [advice, idleNext(view)].filter((part) => part !== null).join(' ');
  const steps = [
    first,
    ...others.map((step) => (first.startsWith('comment ') ? step.replace(/^comment /, '') : step)),
  ].join(', or ');
  return advice === null ? `${capital(steps)}.` : `${advice} Then ${steps}.`;
}

function adviceOf({ state, wait, attempts }: StateView): string | null {
  if (state !== 'needs_review' || wait?.kind !== 'person') return null;
  const { reason } = wait;
  const last = lastTry({ attempts });
  const engine = last?.claim.engine ?? null;
  if (reason.kind === 'needs_person' || reason.kind === 'same_failure') return outcomeAdvice(reason.outcome, engine);
  if (reason.kind === 'attempts_exhausted') return reason.last === null ? null : outcomeAdvice(reason.last, engine);
  return reason.kind === 'infra_exhausted' ? outcomeAdvice(last?.settled?.outcome ?? 'infra', engine) : null;
}

function idleNext(view: StateView): string {
  const { state, wait, pull } = view;
  if (wait?.kind === 'person' && wait.reason.kind === 'no_engine') return ADD_KEY;
  switch (state) {
    case 'new':
    case 'routed':
      return 'Nothing to do; it starts by itself, and `/orch why` says what it waits for.';
    case 'in_progress':
      return 'Nothing to do; the pull request opens when the work is proven. `/orch cancel` stops it.';
    case 'in_review':
      return pull === null
        ? 'Nothing to do; the next tick opens the pull request.'
        : `Review #${pull.number}; ${renderOnMerge(view)}.`;
    case 'blocked':
      return 'Nothing to do here; it starts by itself when that is closed.';
    case 'done':
    case 'archived':
      return 'Nothing to do.';
    case 'skipped':
    case 'needs_review':
      return 'Comment `/orch retry` to go on.';
    default:
      return unreachable(state);
  }
}

const ADD_KEY =
  "Add the key of an engine to the repository's secrets and name it in the caller file; this starts by itself after that.";

function engineOf({ attempts, route, state }: StateView): string {
  const live = state === 'in_progress' ? lastTry({ attempts })?.claim.engine : undefined;
  return live ?? route?.engine ?? 'an engine';
}

/** Also inside a link: `[open …](…)`. */
function capital(text: string): string {
  return text.replace(/^\[?\p{Ll}/u, (start) => start.toUpperCase());
}
