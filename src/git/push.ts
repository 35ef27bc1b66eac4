// Owns one push of several refs, each guarded by the value it was seen at; what won and what lost, ref by ref.
import type { CommitSha } from '../domain/ids.ts';
import { Fault } from '../domain/fault.ts';
import type { Git } from './git.ts';

export interface RefMove {
  readonly ref: string;
  /** null: the ref must not exist yet. */
  readonly expected: CommitSha | null;
  /** null: delete it. */
  readonly to: CommitSha | null;
}

export type RefResult = 'moved' | 'lost' | 'transient';

/** GitHub answers a bare `(failed)` when two pushes touch the repository at once: passing, not a lost race. */
const TRANSIENT = /remote rejected.*\((?:failed|failed to update ref|cannot lock ref.*|internal error.*)\)/i;

/**
 * Compare-and-swap by `--force-with-lease=<ref>:<oid>`. Not `--atomic` unless asked: one collision must not block the
 * other tasks. An answer that never came is settled by reading the refs.
 */
export async function pushRefs(
  git: Git,
  moves: readonly RefMove[],
  options: { readonly atomic: boolean },
): Promise<ReadonlyMap<string, RefResult>> {
  const leases = moves.map(({ ref, expected }) => `--force-with-lease=${ref}:${expected ?? ''}`);
  const specs = moves.map(({ ref, to }) => `${to ?? ''}:${ref}`);
  const flags = ['push', '--porcelain', '--no-verify', ...(options.atomic ? ['--atomic'] : [])];
  const { code, stdout, stderr } = await git.run([...flags, ...leases, git.remote.url, ...specs], {
    allowed: () => true,
  });
  const results = parsePorcelain(stdout.toString('utf8'), moves);
  if (results.size === moves.length) return results;
  if (code !== 0 && isDenied(stderr)) throw denied(stderr);
  return settle(git, moves, results);
}

/** Lines `<flag>\t<from>:<to>\t<summary>`; flags: ` ` moved, `+` forced, `*` new, `-` deleted, `=` as wished, `!` refused. */
function parsePorcelain(text: string, moves: readonly RefMove[]): Map<string, RefResult> {
  const known = new Set(moves.map(({ ref }) => ref));
  const results = new Map<string, RefResult>();
  for (const line of text.split('\n')) {
    const [flag = '', spec = '', summary = ''] = line.split('\t');
    const ref = spec.slice(spec.indexOf(':') + 1);
    if (flag.length !== 1 || !known.has(ref)) continue;
    results.set(ref, flag === '!' ? (TRANSIENT.test(summary) ? 'transient' : 'lost') : 'moved');
  }
  return results;
}

/** The push may have landed although its answer did not: only the remote knows. */
async function settle(
  git: Git,
  moves: readonly RefMove[],
  known: ReadonlyMap<string, RefResult>,
): Promise<ReadonlyMap<string, RefResult>> {
  const remote = await lsRemote(
    git,
    moves.map(({ ref }) => ref),
  );
  return new Map(
    moves.map(({ ref, to, expected }): [string, RefResult] => {
      const now = remote.get(ref) ?? null;
      if (now === to) return [ref, 'moved'];
      return [ref, known.get(ref) ?? (now === expected ? 'transient' : 'lost')];
    }),
  );
}

/** Ref name → object id, for the refs and patterns given. */
export async function lsRemote(git: Git, patterns: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await git.run(['ls-remote', '--refs', '--quiet', git.remote.url, ...patterns]);
  const lines = stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  return new Map(
    lines.map((line): [string, string] => {
      const [oid = '', ref = ''] = line.split('\t');
      return [ref, oid];
    }),
  );
}

function isDenied(stderr: string): boolean {
  return /\b40[13]\b|denied|Authentication failed|not accessible/i.test(stderr);
}

function denied(stderr: string): Fault {
  return new Fault({
    consequence: 'person',
    title: 'The token may not push',
    cause: stderr.trim(),
    remedy:
      'Give the job `contents: write`, as docs/caller.yml does; a push that changes workflow files needs a GitHub App with `workflows: write`.',
  });
}
