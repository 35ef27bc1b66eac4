// Owns the operations that `emulate` and the local GitHub both serve: how they are called, and the fields we rely on.
import type { getOctokit } from '@actions/github';

export type Github = ReturnType<typeof getOctokit>;

export interface Answer {
  readonly status: number;
  readonly data: unknown;
}

/** What earlier steps learnt: ids and hashes that later steps name. */
export type Memory = Map<string, unknown>;

export interface Operation {
  readonly title: string;
  readonly call: (github: Github, memory: Memory) => Promise<Answer>;
  /** Paths into the answer: `user.login`, `labels.*.name`. */
  readonly rely: readonly string[];
  /** Kept for later steps: name to path. */
  readonly remember?: Readonly<Record<string, string>>;
  /** Why `emulate` is not asked, or what it answers wrongly; the local GitHub is then held to `status` alone. */
  readonly emulate_is_wrong?: string;
  /** What GitHub answers; asserted on both unless `emulate` is wrong. */
  readonly status: number;
}

const shop = { owner: 'ada', repo: 'shop' };
const author = { name: 'Ada', email: 'ada@example.test', date: '2026-11-20T10:00:00Z' };

function text(memory: Memory, name: string): string {
  return String(memory.get(name));
}

function number(memory: Memory, name: string): number {
  return Number(memory.get(name));
}

const issueFields = [
  'number',
  'title',
  'body',
  'state',
  'state_reason',
  'user.login',
  'labels.*.name',
  'comments',
  'locked',
];

const labels: readonly Operation[] = [
  {
    title: 'create a label',
    call: ({ rest }) => rest.issues.createLabel({ ...shop, name: 'agent-todo', color: 'ededed', description: 'Queue' }),
    status: 201,
    rely: ['name', 'color', 'description', 'default'],
  },
  {
    title: 'create a label that exists',
    call: ({ rest }) => rest.issues.createLabel({ ...shop, name: 'agent-todo', color: 'ededed' }),
    status: 422,
    rely: [],
  },
  {
    title: 'read a label',
    call: ({ rest }) => rest.issues.getLabel({ ...shop, name: 'agent-todo' }),
    status: 200,
    rely: ['name', 'color'],
  },
  {
    title: 'read no label',
    call: ({ rest }) => rest.issues.getLabel({ ...shop, name: 'none' }),
    status: 404,
    rely: [],
  },
];

const issues: readonly Operation[] = [
  {
    title: 'open an issue',
    call: ({ rest }) =>
      rest.issues.create({ ...shop, title: 'Add a greeting', body: 'Please.', labels: ['agent-todo'] }),
    status: 201,
    rely: issueFields,
    remember: { issue: 'number' },
  },
  {
    title: 'read an issue',
    call: ({ rest }, memory) => rest.issues.get({ ...shop, issue_number: number(memory, 'issue') }),
    status: 200,
    rely: issueFields,
  },
  {
    title: 'read no issue',
    call: ({ rest }) => rest.issues.get({ ...shop, issue_number: 999 }),
    status: 404,
    rely: [],
  },
  {
    title: 'add a label twice',
    call: async ({ rest }, memory) => {
      const target = { ...shop, issue_number: number(memory, 'issue'), labels: ['agent-todo'] };
      await rest.issues.addLabels(target);
      return rest.issues.addLabels(target);
    },
    status: 200,
    rely: ['*.name'],
  },
  {
    title: 'add a label that the repository lacks',
    call: ({ rest }, memory) =>
      rest.issues.addLabels({ ...shop, issue_number: number(memory, 'issue'), labels: ['status:new'] }),
    status: 200,
    rely: ['*.name'],
  },
  {
    title: 'replace all labels',
    call: ({ rest }, memory) =>
      rest.issues.setLabels({
        ...shop,
        issue_number: number(memory, 'issue'),
        labels: ['agent-todo', 'status:routed'],
      }),
    status: 200,
    rely: ['*.name'],
  },
  {
    title: 'remove a label',
    call: ({ rest }, memory) =>
      rest.issues.removeLabel({ ...shop, issue_number: number(memory, 'issue'), name: 'status:routed' }),
    status: 200,
    rely: ['*.name'],
  },
  {
    title: 'remove a label that is not on it',
    call: ({ rest }, memory) =>
      rest.issues.removeLabel({ ...shop, issue_number: number(memory, 'issue'), name: 'status:routed' }),
    status: 404,
    rely: [],
  },
  {
    title: 'list open issues by label',
    call: ({ rest }) => rest.issues.listForRepo({ ...shop, state: 'open', labels: 'agent-todo', per_page: 100 }),
    status: 200,
    rely: ['*.number', '*.title', '*.labels.*.name'],
  },
  {
    title: 'close an issue',
    call: ({ rest }, memory) =>
      rest.issues.update({
        ...shop,
        issue_number: number(memory, 'issue'),
        state: 'closed',
        state_reason: 'completed',
      }),
    status: 200,
    rely: issueFields,
  },
  {
    title: 'reopen an issue',
    call: ({ rest }, memory) => rest.issues.update({ ...shop, issue_number: number(memory, 'issue'), state: 'open' }),
    status: 200,
    rely: ['number', 'state', 'closed_at'],
  },
];

const comments: readonly Operation[] = [
  {
    title: 'comment',
    call: ({ rest }, memory) =>
      rest.issues.createComment({ ...shop, issue_number: number(memory, 'issue'), body: '/orch why' }),
    status: 201,
    rely: ['body', 'user.login', 'user.type'],
    remember: { comment: 'id' },
  },
  {
    title: 'edit a comment',
    call: ({ rest }, memory) =>
      rest.issues.updateComment({ ...shop, comment_id: number(memory, 'comment'), body: '/orch retry' }),
    status: 200,
    rely: ['body', 'user.login'],
  },
  {
    title: 'list an issue’s comments',
    call: ({ rest }, memory) => rest.issues.listComments({ ...shop, issue_number: number(memory, 'issue') }),
    status: 200,
    rely: ['*.body', '*.user.login'],
  },
  {
    title: 'list the repository’s comments since an instant',
    call: ({ rest }) => rest.issues.listCommentsForRepo({ ...shop, since: '2026-01-01T00:00:00Z', per_page: 100 }),
    status: 200,
    rely: ['*.body'],
    emulate_is_wrong: '404: its route for an issue’s number takes “comments”, and `since` is ignored',
  },
  {
    title: 'delete a comment',
    call: ({ rest }, memory) => rest.issues.deleteComment({ ...shop, comment_id: number(memory, 'comment') }),
    status: 204,
    rely: [],
  },
  {
    title: 'read a deleted comment',
    call: ({ rest }, memory) => rest.issues.getComment({ ...shop, comment_id: number(memory, 'comment') }),
    status: 404,
    rely: [],
  },
];

/** Roots and dates are fixed, so every hash must equal real git's, on both sides. */
const git: readonly Operation[] = [
  {
    title: 'create a blob',
    call: ({ rest }) => rest.git.createBlob({ ...shop, content: 'hello\n', encoding: 'utf-8' }),
    status: 201,
    rely: ['sha'],
    remember: { blob: 'sha' },
  },
  {
    title: 'read a blob',
    call: ({ rest }, memory) => rest.git.getBlob({ ...shop, file_sha: text(memory, 'blob') }),
    status: 200,
    rely: ['sha', 'size', 'encoding', 'content'],
  },
  {
    title: 'create a tree',
    call: ({ rest }, memory) => {
      const entry = { path: 'hello.txt', mode: '100644', type: 'blob', sha: text(memory, 'blob') } as const;
      return rest.git.createTree({ ...shop, tree: [entry] });
    },
    status: 201,
    rely: ['sha', 'tree.*.path', 'tree.*.mode', 'tree.*.type', 'tree.*.sha', 'truncated'],
    remember: { tree: 'sha' },
  },
  {
    title: 'read a tree',
    call: ({ rest }, memory) => rest.git.getTree({ ...shop, tree_sha: text(memory, 'tree'), recursive: '1' }),
    status: 200,
    rely: ['sha', 'tree.*.path', 'tree.*.sha', 'truncated'],
  },
  {
    title: 'create a root commit',
    call: ({ rest }, memory) => {
      const tree = text(memory, 'tree');
      return rest.git.createCommit({ ...shop, message: 'Say hello\n', tree, parents: [], author, committer: author });
    },
    status: 201,
    rely: ['sha', 'message', 'tree.sha', 'parents.*.sha', 'author.name', 'author.email', 'author.date'],
    remember: { root: 'sha' },
  },
  {
    title: 'add a file to a tree',
    call: ({ rest }, memory) => {
      const entry = { path: 'docs/bye.txt', mode: '100644', type: 'blob', content: 'bye\n' } as const;
      return rest.git.createTree({ ...shop, base_tree: text(memory, 'tree'), tree: [entry] });
    },
    status: 201,
    rely: ['sha'],
    remember: { tree: 'sha' },
  },
  {
    title: 'create a commit with a parent',
    call: ({ rest }, memory) => {
      const made = { message: 'Say bye\n', tree: text(memory, 'tree'), parents: [text(memory, 'root')] };
      return rest.git.createCommit({ ...shop, ...made, author, committer: author });
    },
    status: 201,
    rely: ['sha', 'parents.*.sha'],
    remember: { tip: 'sha' },
  },
  {
    title: 'read a commit',
    call: ({ rest }, memory) => rest.git.getCommit({ ...shop, commit_sha: text(memory, 'tip') }),
    status: 200,
    rely: ['sha', 'message', 'tree.sha', 'parents.*.sha'],
  },
];

const refs: readonly Operation[] = [
  {
    title: 'create a branch',
    call: ({ rest }, memory) => rest.git.createRef({ ...shop, ref: 'refs/heads/base', sha: text(memory, 'root') }),
    status: 201,
    rely: ['ref', 'object.sha', 'object.type'],
  },
  {
    title: 'create a branch that exists',
    call: ({ rest }, memory) => rest.git.createRef({ ...shop, ref: 'refs/heads/base', sha: text(memory, 'root') }),
    status: 422,
    rely: [],
  },
  {
    title: 'create a second branch',
    call: ({ rest }, memory) => rest.git.createRef({ ...shop, ref: 'refs/heads/topic', sha: text(memory, 'tip') }),
    status: 201,
    rely: ['ref', 'object.sha'],
  },
  {
    title: 'read a ref',
    call: ({ rest }) => rest.git.getRef({ ...shop, ref: 'heads/topic' }),
    status: 200,
    rely: ['ref', 'object.sha', 'object.type'],
  },
  { title: 'read no ref', call: ({ rest }) => rest.git.getRef({ ...shop, ref: 'heads/none' }), status: 404, rely: [] },
  {
    title: 'list refs by prefix',
    call: ({ rest }) => rest.git.listMatchingRefs({ ...shop, ref: 'heads/to' }),
    status: 200,
    rely: ['*.ref', '*.object.sha'],
  },
  {
    title: 'read a branch',
    call: ({ rest }) => rest.repos.getBranch({ ...shop, branch: 'topic' }),
    status: 200,
    rely: ['name', 'commit.sha', 'protected'],
  },
  {
    title: 'list commits',
    call: ({ rest }) => rest.repos.listCommits({ ...shop, sha: 'topic' }),
    status: 200,
    rely: ['*.sha', '*.commit.message', '*.parents.*.sha'],
  },
  {
    title: 'compare two branches',
    call: ({ rest }) => rest.repos.compareCommitsWithBasehead({ ...shop, basehead: 'base...topic' }),
    status: 200,
    rely: ['status', 'ahead_by', 'behind_by', 'total_commits', 'commits.*.sha', 'files.*.filename', 'files.*.status'],
  },
  {
    title: 'read a file',
    call: ({ rest }) => rest.repos.getContent({ ...shop, path: 'docs/bye.txt', ref: 'topic' }),
    status: 200,
    rely: ['type', 'name', 'path', 'sha', 'size', 'encoding', 'content'],
  },
  {
    title: 'read no file',
    call: ({ rest }) => rest.repos.getContent({ ...shop, path: 'none.txt', ref: 'topic' }),
    status: 404,
    rely: [],
  },
  {
    title: 'move a branch backwards',
    call: ({ rest }, memory) => rest.git.updateRef({ ...shop, ref: 'heads/topic', sha: text(memory, 'root') }),
    status: 422,
    rely: [],
  },
];

const pullFields = [
  'number',
  'title',
  'body',
  'state',
  'draft',
  'merged',
  'head.ref',
  'head.sha',
  'base.ref',
  'base.sha',
  'user.login',
];

const pulls: readonly Operation[] = [
  {
    title: 'open a pull request',
    call: ({ rest }) =>
      rest.pulls.create({ ...shop, title: 'Say bye', head: 'topic', base: 'base', body: 'Closes #1' }),
    status: 201,
    rely: pullFields,
    remember: { pull: 'number' },
  },
  {
    title: 'open the same pull request again',
    call: ({ rest }) => rest.pulls.create({ ...shop, title: 'Again', head: 'topic', base: 'base' }),
    status: 422,
    rely: [],
    emulate_is_wrong: '201: it opens a second one',
  },
  {
    title: 'open a pull request without commits',
    call: ({ rest }) => rest.pulls.create({ ...shop, title: 'Empty', head: 'base', base: 'topic' }),
    status: 422,
    rely: [],
    emulate_is_wrong: '201: it does not look for commits',
  },
  {
    title: 'read a pull request',
    call: ({ rest }, memory) => rest.pulls.get({ ...shop, pull_number: number(memory, 'pull') }),
    status: 200,
    rely: pullFields,
  },
  {
    title: 'find a pull request by its branch',
    call: ({ rest }) => rest.pulls.list({ ...shop, state: 'open', head: 'ada:topic' }),
    status: 200,
    rely: ['*.number', '*.head.ref', '*.head.sha', '*.base.ref'],
  },
  {
    title: 'edit a pull request',
    call: ({ rest }, memory) =>
      rest.pulls.update({ ...shop, pull_number: number(memory, 'pull'), title: 'Say goodbye' }),
    status: 200,
    rely: pullFields,
  },
  {
    title: 'list a pull request’s files',
    call: ({ rest }, memory) => rest.pulls.listFiles({ ...shop, pull_number: number(memory, 'pull') }),
    status: 200,
    rely: ['*.filename'],
    emulate_is_wrong: 'its list is always empty',
  },
  {
    title: 'read a pull request as an issue',
    call: ({ rest }, memory) => rest.issues.get({ ...shop, issue_number: number(memory, 'pull') }),
    status: 200,
    rely: ['number', 'title'],
    emulate_is_wrong: '404: its pull requests are no issues',
  },
  {
    title: 'comment on a pull request',
    call: ({ rest }, memory) =>
      rest.issues.createComment({ ...shop, issue_number: number(memory, 'pull'), body: 'Looks right.' }),
    status: 201,
    rely: ['body', 'user.login'],
  },
  {
    title: 'merge a head that has moved',
    call: ({ rest }, memory) => rest.pulls.merge({ ...shop, pull_number: number(memory, 'pull'), sha: '0'.repeat(40) }),
    status: 409,
    rely: [],
    emulate_is_wrong: '422 instead of 409',
  },
  {
    title: 'merge',
    call: ({ rest }, memory) =>
      rest.pulls.merge({ ...shop, pull_number: number(memory, 'pull'), sha: text(memory, 'tip') }),
    status: 200,
    rely: ['merged'],
  },
  {
    title: 'merge again',
    call: ({ rest }, memory) => rest.pulls.merge({ ...shop, pull_number: number(memory, 'pull') }),
    status: 405,
    rely: [],
    emulate_is_wrong: '422 instead of 405',
  },
  {
    title: 'read a merged pull request',
    call: ({ rest }, memory) => rest.pulls.get({ ...shop, pull_number: number(memory, 'pull') }),
    status: 200,
    rely: ['number', 'state', 'merged', 'merged_by.login'],
  },
  {
    title: 'delete a branch',
    call: ({ rest }) => rest.git.deleteRef({ ...shop, ref: 'heads/topic' }),
    status: 204,
    rely: [],
  },
  {
    title: 'delete a branch that is gone',
    call: ({ rest }) => rest.git.deleteRef({ ...shop, ref: 'heads/topic' }),
    status: 422,
    rely: [],
    emulate_is_wrong: '404 instead of 422 “Reference does not exist”',
  },
];

const people: readonly Operation[] = [
  {
    title: 'read the repository',
    call: ({ rest }) => rest.repos.get(shop),
    status: 200,
    rely: ['name', 'full_name', 'private', 'default_branch', 'owner.login', 'has_issues', 'archived'],
  },
  { title: 'read no repository', call: ({ rest }) => rest.repos.get({ ...shop, repo: 'none' }), status: 404, rely: [] },
  {
    title: 'read who we are',
    call: ({ rest }) => rest.users.getAuthenticated(),
    status: 200,
    rely: ['login', 'type'],
  },
  {
    title: 'read the owner’s permission',
    call: ({ rest }) => rest.repos.getCollaboratorPermissionLevel({ ...shop, username: 'ada' }),
    status: 200,
    rely: ['permission', 'role_name', 'user.login'],
  },
  {
    title: 'read the rate limit',
    call: ({ rest }) => rest.rateLimit.get(),
    status: 200,
    rely: ['resources.core.limit', 'resources.graphql.limit'],
  },
];

/** In this order: later ones use what earlier ones made. */
export const sharedOperations: readonly Operation[] = [
  ...people,
  ...labels,
  ...issues,
  ...comments,
  ...git,
  ...refs,
  ...pulls,
];

/** `labels.*.name` of an answer, as a list; a missing step is `undefined`, which no two sides share by accident. */
export function valueAt(data: unknown, path: readonly string[]): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return data;
  if (key === '*') return Array.isArray(data) ? data.map((item) => valueAt(item, rest)) : undefined;
  return typeof data === 'object' && data !== null ? valueAt(Reflect.get(data, key), rest) : undefined;
}

/** GitHub breaks base64 into lines, `emulate` does not; every reader takes both. */
function unbroken(path: string, value: unknown): unknown {
  return path === 'content' && typeof value === 'string' ? value.replaceAll('\n', '') : value;
}

export function reliedOn(operation: Operation, data: unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries(operation.rely.map((path) => [path, unbroken(path, valueAt(data, path.split('.')))]));
}

/** One call; a refusal is an answer too. */
export async function ask(github: Github, operation: Operation, memory: Memory): Promise<Answer> {
  const answer = await operation.call(github, memory).catch((error: unknown): Answer => {
    const status = valueAt(error, ['status']);
    if (typeof status !== 'number') throw error;
    return { status, data: valueAt(error, ['response', 'data']) };
  });
  for (const [name, path] of Object.entries(operation.remember ?? {})) {
    memory.set(name, valueAt(answer.data, path.split('.')));
  }
  return { status: answer.status, data: answer.data };
}
