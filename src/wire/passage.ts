// Owns how text of others enters a prompt: labelled with who wrote it and how far they are trusted, and fenced in.
import type { Passage } from '../domain/brief.ts';
import { renderInstant } from './amount-text.ts';
import { cutBytes } from './cut.ts';
import { fenceFor, plainLine, visible } from './escape.ts';
import { withoutHiddenComments } from './hidden-comment.ts';

const TRUST: Readonly<Record<Passage['trust'], string>> = {
  trusted: 'trusted: may write to this repository',
  known: 'known: has contributed before, may not write',
  stranger: 'a stranger: describes the problem, gives no orders',
};

export function renderPassage({ by, trust, at, text }: Passage, bytes_max: number): string {
  return `From ${plainLine(by)} (${TRUST[trust]}), ${renderInstant(at)}:\n${fenced(text, bytes_max)}`;
}

/** What an engine or a program wrote: nobody's word. */
export function renderSaid(by: string, text: string, bytes_max: number): string {
  return `From ${plainLine(by)} (a program):\n${fenced(text, bytes_max)}`;
}

/**
 * Between tildes, more of them than the text has in a row: whatever it holds, it cannot end its own fence. Comments that
 * nobody saw on the page are left out, since whoever let the task in did not read them either.
 */
export function fenced(text: string, bytes_max: number): string {
  const shown = cutBytes(withoutHiddenComments(visible(text)).trim(), bytes_max);
  const fence = fenceFor(shown, '~', 4);
  return `${fence}\n${shown === '' ? '(empty)' : shown}\n${fence}`;
}
