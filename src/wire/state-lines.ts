// Owns the three lines people read first: what is happening, why, and what to do next.
import { unreachable } from '../domain/fault.ts';
import type { StateView } from '../domain/notice.ts';
import type { RouteSource } from '../domain/route.ts';
import { renderMinutes } from './amount-text.ts';
import { escapeLine } from './escape.ts';
import { outcomeAdvice } from './outcome-text.ts';
import { renderResume } from './resume-text.ts';
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
      return `${capital(engineOf(view))} is working on it`;
    case 'in_review':
      return pull === null
        ? 'Done by the engine; the pull request is being opened'
        : `Ready for review in #${pull.number}`;
    case 'done':
      return pull?.state === 'merged' ? `Done: #${pull.number} is merged` : 'Done';
    case 'blocked':
      return 'Waiting for another issue';
    case 'needs_review':
      return 'Your turn: it does not go on by itself';
    case 'skipped':
      return 'Left alone';
    case 'archived':
      return 'Closed as not planned';
    default:
      return unreachable(state);
  }
}

function whyOf(view: StateView): string {
  const { wait, state } = view;
  if (wait?.kind === 'running') return runningWhy(view);
  if (wait?.kind === 'review' || (wait === null && state === 'in_review')) return deliveredWhy(view);
  if (wait === null) return view.route === null ? 'It is waiting for its turn.' : routeWhy(view);
  return renderWait(wait);
}

function runningWhy(view: StateView): string {
  const live = view.attempts.at(-1);
  const limit = live === undefined ? '' : ` It has ${renderMinutes(live.claim.timeout_minutes)}.`;
  return `${attemptOf(view)}. ${routeWhy(view)}${limit}`;
}

/** Without the number of files: a push by somebody else would change the comment. */
function deliveredWhy(view: StateView): string {
  return `${attemptOf(view)} delivered it${view.pull?.draft === true ? ', as a draft' : ''}.`;
}

/** Numbers are never given back, so the budget is said beside them where the two differ. */
function attemptOf({ attempts, budget }: StateView): string {
  const number = attempts.at(-1)?.number;
  if (number === undefined) return 'An earlier attempt';
  const of = `${budget.charged} of ${budget.attempts_max}`;
  return number === budget.charged ? `Attempt ${of}` : `Attempt ${number} (${of} in this round)`;
}

const SOURCES: Readonly<Record<RouteSource, string>> = {
  label: 'a label asked for it',
  command: 'a command asked for it',
  rule: 'a rule in `.github/orch.yml` says so',
  llm: 'the router chose it',
  round_robin: 'it was its turn',
  only_choice: 'it is the only engine here',
};

function routeWhy(view: StateView): string {
  const { route } = view;
  if (route === null) return 'Its engine is not chosen yet.';
  const model = route.model === null ? '' : ` with ${escapeLine(route.model)}`;
  return `${capital(route.engine)}${model}, because ${SOURCES[route.source]}; ${route.complexity} work.`;
}

function nextOf(view: StateView): string {
  const steps = view.resume.map((resume) => renderResume(resume, view));
  const advice = adviceOf(view);
  if (steps.length === 0) return [advice, idleNext(view)].filter((part) => part !== null).join(' ');
  const [first = '', ...others] = steps;
  const or = others.length === 0 ? '' : `, or ${others.join(', or ')}`;
  return [advice, `${capital(first)}${or}.`].filter((part) => part !== null).join(' ');
}

function adviceOf({ state, wait, attempts }: StateView): string | null {
  if (state !== 'needs_review' || wait?.kind !== 'person') return null;
  const { reason } = wait;
  if (reason.kind === 'needs_person') return outcomeAdvice(reason.outcome);
  if (reason.kind === 'attempts_exhausted') return outcomeAdvice(reason.last);
  return reason.kind === 'infra_exhausted' ? outcomeAdvice(attempts.at(-1)?.settled?.outcome ?? 'infra') : null;
}

function idleNext({ state, pull }: StateView): string {
  switch (state) {
    case 'new':
    case 'routed':
      return 'Nothing to do; it starts by itself. `/orch why` says what it waits for.';
    case 'in_progress':
      return 'Nothing to do; the pull request opens when the work is proven. `/orch cancel` stops it.';
    case 'in_review':
      return pull === null
        ? 'Nothing to do; the next tick opens the pull request.'
        : `Review #${pull.number}; merging it closes this issue.`;
    case 'blocked':
      return 'Nothing to do here; it starts by itself when that is closed.';
    case 'done':
      return 'Nothing. Reopen the issue if something is missing.';
    case 'archived':
      return 'Nothing. Reopen the issue to have it done after all.';
    case 'skipped':
    case 'needs_review':
      return 'Comment `/orch retry` to go on.';
    default:
      return unreachable(state);
  }
}

function engineOf({ attempts, route, state }: StateView): string {
  const live = state === 'in_progress' ? attempts.at(-1)?.claim.engine : undefined;
  return live ?? route?.engine ?? 'an engine';
}

/** Also inside a link: `[open …](…)`. */
function capital(text: string): string {
  return text.replace(/^\[?\p{Ll}/u, (start) => start.toUpperCase());
}
