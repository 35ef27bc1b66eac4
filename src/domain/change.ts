// Owns what a hand-in changes, entry by entry, as git's own tree diff says: never as the attempt claims.
import type { CommitSha } from './ids.ts';

export type EntryKind = 'file' | 'executable' | 'symlink' | 'submodule' | 'other';

export interface ChangedEntry {
  /** Exactly as git stores it: any bytes but NUL, decoded as UTF-8. */
  readonly path: string;
  readonly change: 'added' | 'modified' | 'deleted' | 'type_changed';
  readonly kind: EntryKind;
  /** Blob of the new side; null when deleted or a submodule. */
  readonly blob: string | null;
  /** Bytes of the new side; 0 when deleted. */
  readonly bytes: number;
  /** Where a symlink points; null for everything else. Others' text. */
  readonly target: string | null;
}

/** The difference between the leased parent and the tree that was handed in. */
export interface ChangeSet {
  readonly parent: CommitSha;
  readonly tree: string;
  readonly entries: readonly ChangedEntry[];
  /** True when the reader stopped at its own bound; the gate refuses such a hand-in. */
  readonly cut: boolean;
}

/** One rule of the gate that a hand-in broke. */
export interface GateFinding {
  readonly rule:
    | 'files_max'
    | 'bytes_max'
    | 'file_bytes_max'
    | 'symlink_escape'
    | 'submodule'
    | 'unsafe_path'
    | 'case_collision'
    | 'protected_path'
    | 'secret'
    | 'other_kind'
    | 'hand_in_mismatch';
  readonly path: string | null;
  /** One line for people; never the secret itself. */
  readonly detail: string;
}
