// Owns the gate: deterministic rules that a hand-in must satisfy before anything of it is pushed.
import type { ChangedEntry, ChangeSet, GateFinding } from '../../domain/change.ts';
import type { GatePolicy } from '../../domain/policy.ts';
import { matchesGlob } from './glob.ts';
import { symlinkEscapes, unsafePath } from './paths.ts';

/** Findings shown to people; the rest is counted. */
const FINDINGS_MAX = 50;

/** Empty means: may be pushed. Every rule looks at every entry, so that one run names everything that is wrong. */
export function checkChange(change: ChangeSet, policy: GatePolicy): readonly GateFinding[] {
  return [
    ...checkCounts(change, policy),
    ...change.entries.flatMap((entry) => checkEntry(entry, policy)),
    ...checkCollisions(change.entries),
  ].slice(0, FINDINGS_MAX);
}

function checkCounts({ entries, cut }: ChangeSet, policy: GatePolicy): readonly GateFinding[] {
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  return [
    ...(cut || entries.length > policy.files_max
      ? [
          finding(
            'files_max',
            null,
            `${cut ? 'more than ' : ''}${entries.length} files changed, ${policy.files_max} are allowed`,
          ),
        ]
      : []),
    ...(bytes > policy.bytes_max
      ? [finding('bytes_max', null, `${bytes} bytes changed, ${policy.bytes_max} are allowed`)]
      : []),
  ];
}

function checkEntry(entry: ChangedEntry, policy: GatePolicy): readonly GateFinding[] {
  const unsafe = unsafePath(entry.path);
  return [
    ...(unsafe === null ? [] : [finding('unsafe_path', entry.path, unsafe)]),
    ...checkKind(entry),
    ...(entry.bytes > policy.file_bytes_max
      ? [finding('file_bytes_max', entry.path, `${entry.bytes} bytes, ${policy.file_bytes_max} are allowed`)]
      : []),
    ...checkProtected(entry, policy),
  ];
}

function checkKind(entry: ChangedEntry): readonly GateFinding[] {
  if (entry.change === 'deleted') return [];
  if (entry.kind === 'submodule') return [finding('submodule', entry.path, 'adds or moves a submodule')];
  if (entry.kind === 'other')
    return [finding('other_kind', entry.path, 'is neither file, directory nor symbolic link')];
  if (entry.kind === 'symlink' && symlinkEscapes(entry.path, entry.target ?? '')) {
    return [
      finding(
        'symlink_escape',
        entry.path,
        'is a symbolic link that can leave the repository: `..` may only stand at its start',
      ),
    ];
  }
  return [];
}

function checkProtected(entry: ChangedEntry, policy: GatePolicy): readonly GateFinding[] {
  const glob = policy.protected_paths.find((pattern) => matchesGlob(entry.path, pattern));
  return glob === undefined ? [] : [finding('protected_path', entry.path, `is protected by \`${glob}\``)];
}

/** Two names that a case-insensitive disk cannot tell apart would overwrite each other in somebody's checkout. */
function checkCollisions(entries: readonly ChangedEntry[]): readonly GateFinding[] {
  const seen = new Map<string, string>();
  return entries
    .filter((entry) => entry.change !== 'deleted')
    .flatMap((entry) => {
      const folded = entry.path.normalize('NFC').toLowerCase();
      const before = seen.get(folded);
      seen.set(folded, entry.path);
      return before === undefined
        ? []
        : [finding('case_collision', entry.path, `differs from \`${before}\` only in case`)];
    });
}

function finding(rule: GateFinding['rule'], path: string | null, detail: string): GateFinding {
  return { rule, path, detail };
}
