// Owns the counting at the door: every request, what kind it was, what it wrote, what it cost.

export interface DoorEntry {
  /** By the world's clock. */
  readonly at: string;
  readonly kind: 'rest' | 'graphql' | 'git' | 'results';
  readonly method: string;
  /** Path; for GraphQL the operation's name and its mutations. */
  readonly what: string;
  /** 0 when a fault cut the connection. */
  readonly status: number;
  /** `run/job` of a job's token, else the login. */
  readonly by: string;
  readonly mutating: boolean;
  /** Issues, comments, pull requests and labels made or changed: what GitHub's content limit counts. */
  readonly content_writes: number;
  readonly points: number;
}

export interface DoorCount {
  readonly rest: number;
  readonly graphql: number;
  readonly git: number;
  readonly results: number;
  readonly mutating: number;
  readonly content_writes: number;
  readonly points: number;
}

export interface Door {
  readonly entries: DoorEntry[];
  note(entry: DoorEntry): void;
  count(): DoorCount;
  reset(): void;
}

/** A long test must not keep everything it ever asked. */
const ENTRIES_MAX = 200_000;

export function createDoor(): Door {
  const entries: DoorEntry[] = [];
  return {
    entries,
    note: (entry) => {
      if (entries.length < ENTRIES_MAX) entries.push(entry);
    },
    count: () => ({
      rest: entries.filter(({ kind }) => kind === 'rest').length,
      graphql: entries.filter(({ kind }) => kind === 'graphql').length,
      git: entries.filter(({ kind }) => kind === 'git').length,
      results: entries.filter(({ kind }) => kind === 'results').length,
      mutating: entries.filter(({ mutating, kind }) => mutating && kind !== 'git').length,
      content_writes: entries.reduce((sum, entry) => sum + entry.content_writes, 0),
      points: entries.reduce((sum, entry) => sum + entry.points, 0),
    }),
    reset: () => {
      entries.length = 0;
    },
  };
}
