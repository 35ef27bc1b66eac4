// Owns TaskDocument: the tasks that a file of the repository tells of, before any issue is made of them.
import { sha256 } from './digest.ts';
import type { IssueNumber } from './ids.ts';

/** All of it is others' text. */
export interface DocumentTask {
  /** Where it begins, counted from 1. */
  readonly line: number;
  /** The same for as long as the task keeps its title, or its id where it has one: what was made of it is found by it. */
  readonly key: string;
  /** What the document calls it: `1.2`, or an id; null: it has no name but its title. */
  readonly name: string | null;
  readonly title: string;
  /** Markdown. */
  readonly body: string;
  readonly files: readonly string[];
  readonly phase: number | null;
  readonly labels: readonly string[];
  /** Keys of other tasks of the document. */
  readonly depends_on: readonly string[];
  /** Issues that are there already. */
  readonly depends_on_issues: readonly IssueNumber[];
  /** The document says that it is done: no issue is made of it. */
  readonly done: boolean;
}

/** A place in the document that nothing was made of. `line` counts from 1. */
export interface Unclear {
  readonly line: number;
  readonly why: UnclearWhy;
  /** The words it is about, cut to a line; others' text. */
  readonly words: string;
}

export type UnclearWhy =
  | 'front_matter' // no YAML, or not what is read of it
  | 'no_task' // text inside a phase that belongs to no task
  | 'outside' // a check-list item outside of the phases
  | 'too_many' // more dependencies than one task may have
  | 'unknown_dependency' // names no task of the document
  | 'name_twice' // the number or id was given before
  | 'circle' // tasks that wait for each other
  | 'not_json'
  | 'no_title'
  | 'wrong_field'; // a field of the line holds what it cannot hold

export interface TaskDocument {
  readonly title: string | null;
  /** What stands outside of the phases, as Markdown. */
  readonly overview: string;
  /** Of the parent issue and of every task. */
  readonly labels: readonly string[];
  /** `owner/name`; null: this repository. */
  readonly tracking_repo: string | null;
  readonly working_repo: string | null;
  readonly tasks: readonly DocumentTask[];
  readonly unclear: readonly Unclear[];
}

export const TITLE_CHARS_MAX = 200;
const WORDS_CHARS_MAX = 80;
const KEY_CHARS = 16;

/** Of an id, or of a title, however it is spaced and capitalised; `nth`, from 1, of those with the same. */
export function documentKey(kind: 'id' | 'title', words: string, nth = 1): string {
  const said =
    kind === 'id'
      ? words
      : words
          .toLowerCase()
          .replaceAll(/[\s`*_]+/g, ' ')
          .trim();
  return sha256(`${kind}${nth === 1 ? '' : nth} ${said}`).slice(0, KEY_CHARS);
}

export function unclearAt(line: number, why: UnclearWhy, words: string): Unclear {
  return { line, why, words: Array.from(words.trim()).slice(0, WORDS_CHARS_MAX).join('') };
}
