// Owns the link that opens a pull request by hand, filled in.
import type { BranchName } from '../domain/ids.ts';
import { cutChars } from './cut.ts';

/** Browsers and GitHub cut longer addresses. */
const URL_CHARS_MAX = 6_000;
const TITLE_CHARS_MAX = 200;

export interface ComparePage {
  readonly repository_url: string;
  readonly base: BranchName;
  readonly head: BranchName;
  /** Others' text in part. */
  readonly title: string;
  /** Left out when the address would get too long. */
  readonly body: string;
}

export function renderCompareLink({ repository_url, base, head, title, body }: ComparePage): string {
  const page = `${repository_url}/compare/${pathOf(base)}...${pathOf(head)}?quick_pull=1`;
  const short = `${page}&title=${encoded(cutChars(title, TITLE_CHARS_MAX))}`;
  const full = `${short}&body=${encoded(body)}`;
  return body !== '' && full.length <= URL_CHARS_MAX ? full : short;
}

/** GitHub's own links keep the slashes of a branch. */
function pathOf(branch: BranchName): string {
  return branch.split('/').map(encoded).join('/');
}

/** Round brackets end a Markdown link, and half a character makes `encodeURIComponent` throw. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll('(', '%28').replaceAll(')', '%29');
}
