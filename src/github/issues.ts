// Owns making an issue: once, since one that carries the same marker is found before another is made.
import { z } from 'zod';
import type { CreateIssue } from '../domain/effect.ts';
import { IssueNumber } from '../domain/ids.ts';
import type { Client } from './client.ts';
import { readAs } from './faults.ts';

const Issue = z.object({ number: IssueNumber, body: z.string().nullable() });
const NEWEST = 100;

/** Rare, so that a look beforehand costs nothing worth saving: an answer that got lost is no second issue. */
export async function createIssue(
  client: Client,
  { title, body, marker, since, labels }: CreateIssue,
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
  const { data } = await client.send('POST /repos/{owner}/{repo}/issues', { title, body, labels: [...labels] });
  return { number: readAs(Issue, data, { what: 'POST issues' }).number, is_new: true };
}
