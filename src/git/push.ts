// Owns one push of several refs, each guarded by the value it was seen at; what won and what lost, ref by ref.
import type { CommitSha } from '../domain/ids.ts';
import { personFault } from '../domain/fault.ts';
import type { Fault } from '../domain/fault.ts';
import { isDenied } from './git.ts';
import type { Git } from './git.ts';

export interface RefMove {
  readonly ref: string;
  /** null: the ref must not exist yet. */
  readonly expected: CommitSha | null;
  /** null: delete it. */
  readonly to: CommitSha | null;
}

/** `refused`: a rule of the repository or of the host says no; asking again is useless. */
export type RefResult = 'moved' | 'lost' | 'transient' | 'refused';

/** GitHub answers a bare `(failed)` when two pushes touch the repository at once: passing, not a lost race. */
const TRANSIENT = /remote rejected.*\((?:failed|failed to update ref|cannot lock ref.*|internal.* error.*)\)/i;
/** Compared with what the remote advertised, or with what it had by then. */
const LOST =
  /\((?:stale info|fetch first|non-fast-forward|remote ref updated.*|already exists|reference already exists)\)/i;
/** Nobody's fault but of another ref in the same `--atomic` push. */
const ALONG = /\((?:atomic (?:push failed|transaction failed|push failure).*)\)/i;

/**
 * Compare-and-swap by `--force-with-lease=<ref>:<oid>`. Not `--atomic` unless asked: one collision must not block the
 * other tasks. An answer that never came is settled by reading the refs. Throws when the token may not push at all, or
 * when nothing moved because the repository's rules refuse it.
 */
export async function pushRefs(
  git: Git,
  moves: readonly RefMove[],
  options: { readonly atomic: boolean },
): Promise<ReadonlyMap<string, RefResult>> {
  if (moves.length === 0) return new Map();
  await git.beforePush();
  const leases = moves.map(({ ref, expected }) => `--force-with-lease=${ref}:${expected ?? ''}`);
  const specs = moves.map(({ ref, to }) => `${to ?? ''}:${ref}`);
  const flags = ['push', '--porcelain', '--no-verify', ...(options.atomic ? ['--atomic'] : [])];
  const { code, stdout, stderr } = await git.run([...flags, ...leases, git.remote.url, ...specs], {
    allowed: () => true,
  });
  const answers = parsePorcelain(stdout.toString('utf8'), moves);
  if (answers.size < moves.length && code !== 0 && isDenied(stderr)) throw denied(stderr);
  const refused = [...answers.values()].find(({ result }) => result === 'refused');
  const results = new Map([...answers].map(([ref, { result }]) => [ref, result]));
  if (refused !== undefined && ![...results.values()].includes('moved')) throw ruledOut(refused.summary, stderr);
  return answers.size === moves.length ? results : settle(git, moves, results);
}

interface RefAnswer {
  readonly result: RefResult;
  readonly summary: string;
}

/** Lines `<flag>\t<from>:<to>\t<summary>`; flags: ` ` moved, `+` forced, `*` new, `-` deleted, `=` as wished, `!` refused. */
function parsePorcelain(text: string, moves: readonly RefMove[]): ReadonlyMap<string, RefAnswer> {
  const known = new Set(moves.map(({ ref }) => ref));
  const answers = new Map<string, RefAnswer>();
  for (const line of text.split('\n')) {
    const [flag = '', spec = '', summary = ''] = line.split('\t');
    const ref = spec.slice(spec.indexOf(':') + 1);
    if (flag.length !== 1 || !known.has(ref)) continue;
    answers.set(ref, { result: flag === '!' ? whyNot(summary) : 'moved', summary });
  }
  return answers;
}

function whyNot(summary: string): RefResult {
  if (TRANSIENT.test(summary)) return 'transient';
  if (LOST.test(summary) || ALONG.test(summary) || summary.startsWith('[rejected]')) return 'lost';
  return 'refused';
}

/** The push may have landed although its answer did not: only the remote knows. */
async function settle(
  git: Git,
  moves: readonly RefMove[],
  known: ReadonlyMap<string, RefResult>,
): Promise<ReadonlyMap<string, RefResult>> {
  const remote = await lsRemote(git, [git.remote.url, ...moves.map(({ ref }) => ref)]);
  return new Map(
    moves.map(({ ref, to, expected }): [string, RefResult] => {
      const now = remote.get(ref) ?? null;
      if (now === to) return [ref, 'moved'];
      return [ref, known.get(ref) ?? (now === expected ? 'transient' : 'lost')];
    }),
  );
}

/** Ref name → object id. `asked`: flags, the address, then names and patterns. */
export async function lsRemote(git: Git, asked: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await git.run(['ls-remote', '--refs', '--quiet', ...asked]);
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

function denied(stderr: string): Fault {
  return personFault({
    title: 'The token may not push',
    cause: stderr.trim(),
    remedy:
      'Give the job `contents: write`, as docs/caller.yml does; a push that changes workflow files needs a GitHub App with `workflows: write`.',
  });
}

/** What the server said beside the ref, such as the rule's name, stands in its messages. */
function ruledOut(summary: string, stderr: string): Fault {
  const said = stderr.split('\n').filter((line) => line.startsWith('remote:'));
  return personFault({
    title: 'The repository refuses the push',
    cause: [summary, ...said].join(' ').slice(0, CAUSE_CHARS_MAX),
    remedy:
      'Let the rule allow it (refs/orch/* and branches orch/*), or, for workflow files, use a GitHub App with `workflows: write`.',
  });
}

const CAUSE_CHARS_MAX = 1_000;
