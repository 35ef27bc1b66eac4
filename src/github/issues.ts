// Owns making an issue: once, since one that carries the same marker is found before another is made.
import { z } from 'zod';
import type { CreateEpic, CreateIssue, FileFinding } from '../domain/effect.ts';
import { Instant, IssueNumber } from '../domain/ids.ts';
import { epochMs } from '../domain/instant.ts';
import { SELF_IMPROVEMENT } from '../domain/origin-label.ts';
import type { Client } from './client.ts';
import { readAs } from './faults.ts';

const Issue = z.object({ number: IssueNumber, body: z.string().nullable() });
const Labelled = Issue.extend({ closed_at: Instant.nullish() });
const NEWEST = 100;

/** Rare, so that a look beforehand costs nothing worth saving: an answer that got lost is no second issue. */
export async function createIssue(
  client: Client,
  { title, body, marker, since, labels }: Omit<CreateIssue | CreateEpic, 'kind'>,
): Promise<{ readonly number: IssueNumber; readonly is_new: boolean }> {
  const { data: listed } = await client.get('GET /repos/{owner}/{repo}/issues', {
    state: 'all',
    since,
    sort: 'created',
    direction: 'desc',
    per_page: NEWEST,
  });
  const found = readAs(z.array(Issue), listed, { what: 'GET issues' }).find((issue) => issue.body?.includes(marker));
  if (found !== undefined) return { number: found.number, is_new: false };
  return { number: await openIssue(client, { title, body, labels }), is_new: true };
}

/** The lists tell what no journal knows: whether people have closed it, and when. */
export async function fileFinding(
  client: Client,
  { title, body, marker, labels, quiet_since }: FileFinding,
): Promise<{ readonly number: IssueNumber; readonly is_new: boolean }> {
  for (const state of ['open', 'closed'] as const) {
    const { data } = await client.get('GET /repos/{owner}/{repo}/issues', {
      state,
      labels: SELF_IMPROVEMENT,
      sort: 'updated',
      direction: 'desc',
      per_page: NEWEST,
    });
    const listed = readAs(z.array(Labelled), data, { what: 'GET issues' });
    const found = listed.find(({ body: text, closed_at }) => {
      const is_quiet = state === 'open' || (closed_at != null && epochMs(closed_at) >= epochMs(quiet_since));
      return is_quiet && text?.includes(marker) === true;
    });
    if (found !== undefined) return { number: found.number, is_new: false };
  }
  return { number: await openIssue(client, { title, body, labels }), is_new: true };
}

async function openIssue(
  client: Client,
  { title, body, labels }: Pick<CreateIssue, 'title' | 'body' | 'labels'>,
): Promise<IssueNumber> {
  const { data } = await client.send('POST /repos/{owner}/{repo}/issues', { title, body, labels: [...labels] });
  return readAs(Issue, data, { what: 'POST issues' }).number;
}
