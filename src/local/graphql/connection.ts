// Owns pages of GraphQL: forwards and backwards, with cursors that hold their place while the list moves.
import { GraphqlRefusal } from './refusal.ts';

export type Args = Readonly<Record<string, unknown>>;

export interface Listed<Item> {
  readonly items: readonly Item[];
  readonly args: Args;
  readonly show: (item: Item) => unknown;
  /**
   * Sorts as the list does. A cursor made of it stays right when items move between two pages, as GitHub's do;
   * without it the place in the list is the cursor.
   */
  readonly key?: { readonly of: (item: Item) => string; readonly descending: boolean };
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Fields are functions: `totalCount` alone needs no page, and nodes are shown only when asked for. */
export function connection<Item>(listed: Listed<Item>): Readonly<Record<string, unknown>> {
  const { items, show } = listed;
  let known: Range | undefined;
  const range = (): Range => (known ??= rangeOf(listed));
  const page = (): readonly Item[] => items.slice(range().start, range().end);
  const cursor = (at: number): string => cursorOf(listed, at);
  return {
    nodes: () => page().map(show),
    edges: () => page().map((item, i) => ({ node: show(item), cursor: cursor(range().start + i) })),
    totalCount: items.length,
    pageInfo: () => {
      const { start, end } = range();
      const empty = start >= end;
      return {
        hasNextPage: end < items.length,
        hasPreviousPage: start > 0,
        startCursor: empty ? null : cursor(start),
        endCursor: empty ? null : cursor(end - 1),
      };
    },
  };
}

const PAGE_MAX = 100;

function rangeOf<Item>(listed: Listed<Item>): Range {
  const { items, args } = listed;
  const first = countIn(args, 'first');
  const last = countIn(args, 'last');
  const low = typeof args['after'] === 'string' ? placeAfter(listed, args['after']) : 0;
  const high = typeof args['before'] === 'string' ? placeBefore(listed, args['before']) : items.length;
  if (first !== null) return { start: low, end: Math.min(high, low + first) };
  if (last !== null) return { start: Math.max(low, high - last), end: high };
  throw new GraphqlRefusal(
    'MISSING_PAGINATION_BOUNDARIES',
    'You must provide a `first` or `last` value to properly paginate the connection.',
  );
}

function countIn(args: Args, name: 'first' | 'last'): number | null {
  const count = args[name];
  if (typeof count !== 'number') return null;
  if (count > PAGE_MAX) {
    throw new GraphqlRefusal(
      'EXCESSIVE_PAGINATION',
      `Requesting ${count} records on the connection exceeds the \`${name}\` limit of ${PAGE_MAX} records.`,
    );
  }
  return count;
}

function cursorOf<Item>({ items, key }: Listed<Item>, at: number): string {
  const item = items[at];
  const text = key === undefined || item === undefined ? String(at) : key.of(item);
  return Buffer.from(text).toString('base64');
}

function placeAfter<Item>(listed: Listed<Item>, cursor: string): number {
  return place(listed, cursor, (held, wanted) => held > wanted) ?? listed.items.length;
}

function placeBefore<Item>(listed: Listed<Item>, cursor: string): number {
  return place(listed, cursor, (held, wanted) => held >= wanted) ?? listed.items.length;
}

/** The first item past the cursor, by the list's own direction. */
function place<Item>(
  { items, key }: Listed<Item>,
  cursor: string,
  past: (held: string | number, wanted: string | number) => boolean,
): number | undefined {
  const wanted = Buffer.from(cursor, 'base64').toString('utf8');
  const at =
    key === undefined
      ? items.findIndex((_, i) => past(i, Number(wanted)))
      : items.findIndex((item) => (key.descending ? past(wanted, key.of(item)) : past(key.of(item), wanted)));
  return at < 0 ? undefined : at;
}

/** Nobody here ever has any. */
export function none(args: Args): Readonly<Record<string, unknown>> {
  return connection({ items: [], args, show: (item) => item });
}
