// Owns the three merge buttons in a bare repository: commits made by plumbing, no working tree anywhere.
import type { GitStore } from './model/world.ts';

type Git = (...args: readonly string[]) => string;
/** null where git fails, which for a question means no. */
type Quiet = (...args: readonly string[]) => string | null;

export interface Author {
  readonly name: string;
  readonly email: string;
  /** As git's raw format has it: `1795170600 +0000`. */
  readonly date: string;
}

export interface MergeTools {
  readonly git: Git;
  readonly quiet: Quiet;
  /** The commit of a tree on one parent, in the name of somebody else. */
  readonly commitFor: (
    author: Author,
    made: { readonly tree: string; readonly parent: string; readonly message: string },
  ) => string;
}

type Ask = Parameters<GitStore['merge']>[0];

/** null when the two sides conflict. */
export function mergeCommits(tools: MergeTools, ask: Ask): string | null {
  switch (ask.method) {
    case 'merge':
      return joined(tools, ask, ['-p', ask.base, '-p', ask.head]);
    case 'squash':
      return joined(tools, ask, ['-p', ask.base]);
    case 'rebase':
      return rebased(tools, ask);
  }
}

function mergedTree(quiet: Quiet, ours: string, theirs: string): string | null {
  return quiet('merge-tree', '--write-tree', '--no-messages', ours, theirs)?.split('\n')[0] ?? null;
}

function joined({ git, quiet }: MergeTools, { base, head, message }: Ask, parents: readonly string[]): string | null {
  const tree = mergedTree(quiet, base, head);
  return tree === null ? null : git('commit-tree', tree, ...parents, '-m', message);
}

/** GitHub rebases no more than this. */
const COMMITS_MAX = 100;

/** Every commit is made anew, also where nothing lies between: authors stay, the committer is GitHub. */
function rebased(tools: MergeTools, { base, head }: Ask): string | null {
  const listed = tools.git('rev-list', '--reverse', '--no-merges', `${base}..${head}`).split('\n');
  if (listed.length > COMMITS_MAX) return null;
  let onto: string | null = base;
  for (const commit of listed) onto = onto === null ? null : picked(tools, commit, onto);
  return onto;
}

/**
 * git before 2.40 merges with no base but the one it finds. A stage of the new parent's tree on the commit's own
 * parent makes that the one it finds.
 */
function picked({ git, quiet, commitFor }: MergeTools, commit: string, onto: string): string | null {
  const stage = quiet('commit-tree', `${onto}^{tree}`, '-p', `${commit}^`, '-m', 'stage');
  const tree = stage === null ? null : mergedTree(quiet, stage, commit);
  if (tree === null) return null;
  const [name = '', email = '', date = ''] = git('log', '-1', '--format=%an%n%ae%n%ad', '--date=raw', commit).split(
    '\n',
  );
  const message = git('log', '-1', '--format=%B', commit);
  return commitFor({ name, email, date }, { tree, parent: onto, message });
}
