// Owns the link that opens a pull request by hand, filled in.
import type { BranchName } from '../domain/ids.ts';

/** Browsers and GitHub cut longer addresses. */
const URL_CHARS_MAX = 6_000;

export interface ComparePage {
  readonly repository_url: string;
  readonly base: BranchName;
  readonly head: BranchName;
  readonly title: string;
  readonly body: string;
}

export function renderCompareLink({ repository_url, base, head, title, body }: ComparePage): string {
  const page = `${repository_url}/compare/${encodeURIComponent(base)}...${encodeURIComponent(head)}`;
  const full = `${page}?quick_pull=1&title=${encodeURIComponent(title)}&body=${encodeURIComponent(body)}`;
  return full.length <= URL_CHARS_MAX ? full : `${page}?quick_pull=1&title=${encodeURIComponent(title.slice(0, 200))}`;
}
