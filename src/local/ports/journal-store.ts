// Owns Orch's refs as objects in memory: what each commit means, folded once, and refs moved by compare-and-swap.
import type { JournalWorld, World as Observed } from '../../github/journal-world.ts';
import { withRecords } from '../../domain/fold-journal.ts';
import type { HistoryLine } from '../../domain/effect.ts';
import type { BranchName, CommitSha, TaskId } from '../../domain/ids.ts';
import { EMPTY_JOURNAL } from '../../domain/journal.ts';
import type { JournalRecord, TaskJournal } from '../../domain/journal.ts';
import { EMPTY_ROOM } from '../../domain/room.ts';
import type { Room } from '../../domain/room.ts';
import { HISTORY_REF, ROOM_REF, TASK_PREFIX, taskRef } from '../../wire/refs.ts';
import { BRANCH_PREFIX } from '../../wire/branch-name.ts';
import type { ObjectGraph } from './object-graph.ts';

interface Chain {
  readonly parent: CommitSha | null;
  readonly records: readonly JournalRecord[];
  readonly journal: TaskJournal;
}

export interface Move {
  readonly ref: string;
  /** null: the ref must not exist. */
  readonly expected: CommitSha | null;
  /** null: delete it. */
  readonly to: CommitSha | null;
}

/** Told of every journal that moved, by what. */
export type OnRecords = (task: TaskId, before: TaskJournal, records: readonly JournalRecord[]) => void;

const HISTORY_LINES_KEPT = 2_000;

export class JournalStore {
  readonly graph: ObjectGraph;
  onRecords: OnRecords = () => undefined;
  readonly #chains = new Map<string, Chain>();
  readonly #history = new Map<string, readonly HistoryLine[]>();
  readonly #rooms = new Map<string, Room>();

  constructor(graph: ObjectGraph) {
    this.graph = graph;
  }

  tip(ref: string): CommitSha | null {
    return this.graph.resolve(ref) as CommitSha | null;
  }

  addRecords(parent: CommitSha | null, records: readonly JournalRecord[]): CommitSha {
    const sha = this.#bare();
    const before = parent === null ? EMPTY_JOURNAL : (this.#chains.get(parent)?.journal ?? EMPTY_JOURNAL);
    this.#chains.set(sha, { parent, records, journal: withRecords(before, records) });
    return sha;
  }

  addHistory(parent: CommitSha | null, lines: readonly HistoryLine[]): CommitSha {
    const sha = this.#bare();
    const before = parent === null ? [] : (this.#history.get(parent) ?? []);
    this.#history.set(sha, [...before, ...lines].slice(-HISTORY_LINES_KEPT));
    return sha;
  }

  addRoom(room: Room): CommitSha {
    const sha = this.#bare();
    this.#rooms.set(sha, room);
    return sha;
  }

  #bare(): CommitSha {
    return this.graph.commit([], new Map(), '');
  }

  /** All of them or none when `atomic`; else each by itself. */
  move(moves: readonly Move[], { atomic }: { readonly atomic: boolean }): ReadonlySet<string> {
    const fits = moves.filter(({ ref, expected }) => this.tip(ref) === expected);
    if (atomic && fits.length < moves.length) return new Set();
    for (const { ref, to, expected } of fits) {
      if (to === null) this.graph.deleteRef(ref);
      else this.graph.setRef(ref, to);
      if (ref.startsWith(TASK_PREFIX) && to !== null) this.#tell(ref, expected, to);
    }
    return new Set(fits.map(({ ref }) => ref));
  }

  #tell(ref: string, expected: CommitSha | null, to: CommitSha): void {
    const before = expected === null ? EMPTY_JOURNAL : this.#chains.get(expected)?.journal;
    const records = this.#chains.get(to)?.records ?? [];
    this.onRecords(ref.slice(TASK_PREFIX.length) as TaskId, before ?? EMPTY_JOURNAL, records);
  }

  journal(task: TaskId): { readonly journal: TaskJournal; readonly tip: CommitSha } | null {
    const tip = this.tip(taskRef(task));
    const chain = tip === null ? undefined : this.#chains.get(tip);
    return tip === null || chain === undefined ? null : { journal: chain.journal, tip };
  }

  /** Oldest first. */
  records(task: TaskId): readonly JournalRecord[] {
    const parts: (readonly JournalRecord[])[] = [];
    let at = this.tip(taskRef(task));
    for (let length = 0; at !== null && length < HISTORY_LINES_KEPT; length += 1) {
      const chain: Chain | undefined = this.#chains.get(at);
      parts.push(chain?.records ?? []);
      at = chain?.parent ?? null;
    }
    return parts.toReversed().flat();
  }

  room(): { readonly state: Room; readonly tip: CommitSha | null } {
    const tip = this.tip(ROOM_REF);
    return { state: tip === null ? EMPTY_ROOM : (this.#rooms.get(tip) ?? EMPTY_ROOM), tip };
  }

  history(): JournalWorld['history'] {
    const tip = this.tip(HISTORY_REF);
    return { tip, lines: tip === null ? [] : (this.#history.get(tip) ?? []) };
  }

  /** As one fetch sees them. */
  read(): Observed {
    const tasks = this.graph.refs(TASK_PREFIX).map(({ ref }) => ref.slice(TASK_PREFIX.length) as TaskId);
    const chains = tasks.flatMap((task) => {
      const found = this.journal(task);
      return found === null ? [] : ([[task, found]] as const);
    });
    const heads = this.graph.refs(`refs/heads/${BRANCH_PREFIX}`);
    const branches = heads.map(
      ({ ref, sha }) => [ref.slice('refs/heads/'.length) as BranchName, sha as CommitSha] as const,
    );
    return {
      chains: new Map(chains),
      inbox: [],
      history: this.history(),
      room: this.room(),
      unreadable: [],
      branches: new Map(branches),
    };
  }
}
