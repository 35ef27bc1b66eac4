// Owns opening pull requests: created once, found when it is already there, and the repository's "no" understood.
import { z } from 'zod';
import { Fault } from '../domain/fault.ts';
import { PrNumber } from '../domain/ids.ts';
import type { BranchName } from '../domain/ids.ts';
import type { Client } from './client.ts';
import { readAs, statusOf } from './faults.ts';

export interface PullAsk {
  readonly branch: BranchName;
  readonly base: BranchName;
  readonly title: string;
  readonly body: string;
  readonly draft: boolean;
  readonly reviewers: readonly string[];
}

export type PullAnswer =
  | { readonly kind: 'opened' | 'already'; readonly number: PrNumber; readonly url: string }
  | { readonly kind: 'forbidden'; readonly detail: string }
  | { readonly kind: 'failed'; readonly detail: string };

const Created = z.object({ number: PrNumber, html_url: z.string() });

/** One request when all goes well. After an unclear answer the list says whether it was made. */
export async function openPull(client: Client, ask: PullAsk): Promise<PullAnswer> {
  try {
    const { data } = await client.send('POST /repos/{owner}/{repo}/pulls', {
      title: ask.title,
      head: ask.branch,
      base: ask.base,
      body: ask.body,
      draft: ask.draft,
    });
    const { number, html_url } = readAs(Created, data, { what: 'POST pulls' });
    if (ask.reviewers.length > 0) await requestReviews(client, number, ask.reviewers);
    return { kind: 'opened', number, url: html_url };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return understood(client, ask, error);
  }
}

/** What a setting or a missing permission forbids is not asked for again: a person is told. */
async function understood(client: Client, ask: PullAsk, fault: Fault): Promise<PullAnswer> {
  if (fault.ambiguous || /already exists/i.test(fault.reason)) {
    const found = await findPull(client, ask.branch);
    return found ?? { kind: 'failed', detail: fault.message };
  }
  // Private repositories of the free plan have none; https://docs.github.com/en/get-started/learning-about-github/githubs-plans
  if (ask.draft && /draft pull requests are not supported/i.test(fault.reason)) {
    return openPull(client, { ...ask, draft: false });
  }
  const is_forbidden = fault.consequence === 'person' && statusOf(fault) === 403;
  if (!is_forbidden) return { kind: 'failed', detail: fault.message };
  return { kind: 'forbidden', detail: SETTING.test(fault.reason) ? fault.reason : `${fault.reason}. ${fault.remedy}` };
}

/** The repository's setting, which people are told of in our own words; anything else needs GitHub's and the remedy. */
const SETTING = /not permitted to create or approve pull requests/i;

/** GitHub allows one open pull request from a head to a base, so the branch is its key. */
export async function findPull(client: Client, branch: BranchName): Promise<PullAnswer | null> {
  const { data } = await client.get('GET /repos/{owner}/{repo}/pulls', {
    head: `${client.owner}:${branch}`,
    state: 'open',
    per_page: 1,
  });
  const [first] = readAs(z.array(Created), data, { what: 'GET pulls' });
  return first === undefined ? null : { kind: 'already', number: first.number, url: first.html_url };
}

/** Best effort: a reviewer who may not review must not cost the pull request. */
async function requestReviews(client: Client, pull_number: PrNumber, reviewers: readonly string[]): Promise<void> {
  try {
    const names = reviewers.map((name) => name.replace(/^@/, ''));
    await client.send('POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers', {
      pull_number,
      reviewers: names.filter((name) => !name.includes('/')),
      team_reviewers: names.filter((name) => name.includes('/')).map((name) => name.split('/')[1]),
    });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
  }
}
