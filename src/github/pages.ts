// Owns reading a long list of tasks: page by page, and from both ends at once where it is very long.
import { z } from 'zod';
import type { Instant } from '../domain/ids.ts';
import { readAs } from './faults.ts';
import { pageQuery } from './queries.ts';
import { take } from './reading.ts';
import type { Reader, Reading } from './reading.ts';
import { Page } from './schema.ts';
import { mayAskForLess, smaller, triesFor, withDependencies } from './tasks.ts';

/** 40,000 tasks at twice a hundred a page. */
const PAGES_MAX = 200;

export interface PagesAsk {
  readonly label: string;
  /** null: whatever its age. */
  readonly since: Instant | null;
  /** Cursor; null: from the beginning. */
  readonly after: string | null;
  /** How many were read before `after`. */
  readonly before: number;
  readonly size: number;
}

interface Place extends PagesAsk {
  /** Whether the newest are asked for as well, and from where on. */
  readonly newest: { readonly after: string | null } | null;
}

/**
 * Everything with the label. GitHub lists a hundred at a time, so a list that goes on is read from the oldest change and
 * from the newest in one request. Who changes meanwhile moves to the newest end, behind our back: the next tick asks for
 * all that changed since.
 */
export async function readPages(reader: Reader, reading: Reading, ask: PagesAsk): Promise<void> {
  const seen = new Set<unknown>();
  let place: Place = { ...ask, newest: null };
  for (let page = 1; page <= PAGES_MAX; page += 1) {
    const { size, oldest, newest } = await readPage(reader, reading, place);
    const is_news = oldest.nodes.some((node) => !seen.has(keyOf(node)));
    for (const node of [...oldest.nodes, ...(newest?.nodes ?? [])]) seen.add(keyOf(node));
    const left = oldest.totalCount - ask.before - seen.size;
    if (left <= 0 || !is_news || isEnd(oldest) || (newest !== null && isEnd(newest))) return;
    place = {
      ...place,
      size,
      after: oldest.pageInfo.endCursor,
      newest: left > size || newest !== null ? { after: newest?.pageInfo.endCursor ?? null } : null,
    };
  }
  reader.log.warning(`The list of tasks was read to page ${PAGES_MAX} and no further.`);
}

const Numbered = z.object({ number: z.number() });

/** What GitHub could not show counts as one of the list, too. */
function keyOf(node: unknown): unknown {
  const parsed = Numbered.safeParse(node);
  return parsed.success ? parsed.data.number : {};
}

function isEnd({ pageInfo }: Page): boolean {
  return !pageInfo.hasNextPage || pageInfo.endCursor === null;
}

const Counted = Page.extend({ totalCount: z.number() });
const Listed = z.object({ repository: z.object({ issues: Counted, newest: Counted.optional() }) });

interface PageRead {
  readonly oldest: z.infer<typeof Counted>;
  readonly newest: z.infer<typeof Counted> | null;
  /** What GitHub could answer. */
  readonly size: number;
}

async function readPage(
  reader: Reader,
  reading: Reading,
  { label, since, after, newest, size }: Place,
): Promise<PageRead> {
  const { owner, repo: name } = reader.client;
  const filter = { labels: [label], ...(since === null ? {} : { since }) };
  const variables = { owner, name, filter, after, ...(newest === null ? {} : { newest: newest.after }) };
  const ends = newest === null ? 'oldest' : 'both';
  // halved down to PAGE_SIZE_MIN at most
  for (let first = size; ; first = smaller(first)) {
    try {
      const { data, errors } = await withDependencies(reader, (dependencies) =>
        reader.client.query(pageQuery(dependencies, ends), { ...variables, first }, triesFor(first)),
      );
      const { repository } = readAs(Listed, data, { what: 'Page', errors });
      for (const part of ['issues', 'newest'] as const) {
        const nodes = repository[part]?.nodes ?? [];
        const places = nodes.map((value, i) => ({ path: ['repository', part, 'nodes', i], value, asked: null }));
        take(reader, reading, places, errors);
      }
      return { oldest: repository.issues, newest: repository.newest ?? null, size: first };
    } catch (error) {
      if (!mayAskForLess(error, first)) throw error;
      reader.log.info(`A page of ${first} tasks was too much for GitHub; halving it`);
    }
  }
}
