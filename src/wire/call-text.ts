// Owns the words that call a person to a task: the one place where a mention of ours is meant to reach somebody.
import type { Login } from '../domain/ids.ts';
import type { StateView } from '../domain/notice.ts';
import { renderBody } from './body.ts';
import { renderMarker } from './marker.ts';
import { renderStateLines } from './state-lines.ts';

export interface Call {
  /** Their role was read before they were believed. */
  readonly to: Login;
  readonly view: StateView;
}

/** The marker tells one call from the next, so that an answer that got lost is no second comment. */
export function renderCall({ to, view }: Call): string {
  const { what, why, next } = renderStateLines(view);
  const { task, state, budget, attempts_total } = view;
  const marker = renderMarker('call', { task, state, round: budget.epoch, attempts: attempts_total });
  return renderBody([{ text: `@${to} **${what}.**\\\n**Why:** ${why}\\\n**Next:** ${next}`, rank: 0 }], marker);
}
