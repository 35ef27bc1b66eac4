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
  /** Of the answer's body. */
  readonly bytes: number;
}

export interface DoorCount {
  readonly rest: number;
  readonly graphql: number;
  readonly git: number;
  readonly results: number;
  readonly mutating: number;
  readonly content_writes: number;
  readonly points: number;
  readonly bytes: number;
}

export interface Door {
  readonly entries: DoorEntry[];
  note(entry: DoorEntry): void;
  /** Of those that `which` picks: of one job, of one path; of all when absent. */
  count(which?: (entry: DoorEntry) => boolean): DoorCount;
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
    count: (which = () => true) => {
      const counted = entries.filter(which);
      const kinds = (wanted: DoorEntry['kind']): number => counted.filter(({ kind }) => kind === wanted).length;
      const sum = (of: 'content_writes' | 'points' | 'bytes'): number =>
        counted.reduce((total, entry) => total + entry[of], 0);
      return {
        rest: kinds('rest'),
        graphql: kinds('graphql'),
        git: kinds('git'),
        results: kinds('results'),
        mutating: counted.filter(({ mutating, kind }) => mutating && kind !== 'git').length,
        content_writes: sum('content_writes'),
        points: sum('points'),
        bytes: sum('bytes'),
      };
    },
    reset: () => {
      entries.length = 0;
    },
  };
}
