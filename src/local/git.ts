// Owns git of the local GitHub: a real bare repository on disk, served by git's own smart HTTP program.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Refused } from './model/state.ts';
import type { Actor } from './model/state.ts';
import type { GitStore, World } from './model/world.ts';
import { refsMoved } from './model/pulls.ts';

const IDENTITY = { GIT_AUTHOR_NAME: 'GitHub', GIT_AUTHOR_EMAIL: 'noreply@github.com', GIT_COMMITTER_NAME: 'GitHub', GIT_COMMITTER_EMAIL: 'noreply@github.com' };
const CLEAN = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', HOME: '/nonexistent', LC_ALL: 'C.UTF-8' };

export interface BareRepository extends GitStore {
  readonly directory: string;
  /** Commits files on top of a branch, as somebody's push would. */
  commitFiles(branch: string, files: Readonly<Record<string, string | null>>, message: string): string;
  git(...args: readonly string[]): string;
}

export function createBareRepository(root: string, full_name: string, default_branch: string): BareRepository {
  const directory = path.join(root, `${full_name}.git`);
  mkdirSync(directory, { recursive: true });
  const git = (...args: readonly string[]): string => run(directory, args);
  git('init', '--quiet', '--bare', `--initial-branch=${default_branch}`, '--template=', '.');
  for (const [key, value] of [['http.receivepack', 'true'], ['uploadpack.allowAnySHA1InWant', 'true'], ['uploadpack.allowFilter', 'true'], ['receive.advertiseAtomic', 'true'], ['gc.auto', '0']] as const) git('config', key, value);
  const quiet = (...args: readonly string[]): string | null => {
    try {
      return git(...args);
    } catch {
      return null;
    }
  };
  return {
    directory,
    git,
    resolve: (ref) => quiet('rev-parse', '--verify', '--quiet', `${ref}^{commit}`),
    isAncestor: (ancestor, descendant) => quiet('merge-base', '--is-ancestor', ancestor, descendant) !== null,
    commitsBetween: (base, head) => Number(quiet('rev-list', '--count', `${base}..${head}`) ?? '0'),
    changedFiles: (base, head) => (quiet('diff', '--name-only', `${base}...${head}`) ?? '').split('\n').filter((line) => line !== '').length,
    merge: (ask) => mergeCommits(git, quiet, ask),
    setRef: (ref, sha) => void git('update-ref', ref, sha),
    deleteRef: (ref) => void git('update-ref', '-d', ref),
    refs: (prefix) => refsOf(git, prefix),
    readFile: (revision, file) => quiet('show', `${revision}:${file}`),
    history: (revision, file, first) => (quiet('log', `-${first}`, '--format=%H', revision, '--', file) ?? '').split('\n').filter((line) => line !== ''),
    commitFiles: (branch, files, message) => commitFiles(directory, git, { branch, files, message, parent: quiet('rev-parse', '--verify', '--quiet', `refs/heads/${branch}`) }),
  };
}

function run(directory: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  return execFileSync('git', args, { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...CLEAN, ...IDENTITY, ...env }, maxBuffer: 256 * 1024 * 1024 }).replace(/\n$/, '');
}

type Git = (...args: readonly string[]) => string;
type Quiet = (...args: readonly string[]) => string | null;

function mergeCommits(git: Git, quiet: Quiet, { base, head, message, squash }: Parameters<GitStore['merge']>[0]): string | null {
  const tree = quiet('merge-tree', '--write-tree', '--no-messages', base, head)?.split('\n')[0] ?? null;
  if (tree === null) return null;
  const parents = squash ? ['-p', base] : ['-p', base, '-p', head];
  return git('commit-tree', tree, ...parents, '-m', message);
}

function refsOf(git: Git, prefix: string): readonly { readonly ref: string; readonly sha: string }[] {
  const lines = git('for-each-ref', '--format=%(objectname) %(refname)').split('\n').filter((line) => line !== '');
  return lines.map((line) => ({ sha: line.slice(0, 40), ref: line.slice(41) })).filter(({ ref }) => ref.startsWith(prefix));
}

interface FileCommit {
  readonly branch: string;
  readonly files: Readonly<Record<string, string | null>>;
  readonly message: string;
  readonly parent: string | null;
}

function commitFiles(directory: string, git: Git, { branch, files, message, parent }: FileCommit): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'orch-local-'));
  try {
    const env = { GIT_DIR: directory, GIT_WORK_TREE: folder, GIT_INDEX_FILE: path.join(folder, '.index') };
    if (parent !== null) run(directory, ['read-tree', parent], env);
    for (const [file, text] of Object.entries(files)) {
      if (text === null) {
        run(directory, ['update-index', '--force-remove', file], env);
        continue;
      }
      const target = path.join(folder, file);
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, text);
      const blob = run(directory, ['hash-object', '-w', target], env);
      run(directory, ['update-index', '--add', '--cacheinfo', `100644,${blob},${file}`], env);
    }
    const tree = run(directory, ['write-tree'], env);
    const commit = git('commit-tree', tree, ...(parent === null ? [] : ['-p', parent]), '-m', message);
    git('update-ref', `refs/heads/${branch}`, commit);
    return commit;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export interface GitDoor {
  readonly world: World;
  readonly root: string;
  readonly repository: BareRepository;
  /** A fault wants it done but not answered. */
  readonly mute: boolean;
}

export interface GitHandled {
  readonly status: number;
  /** Login, or `run/job` of a job's token; empty when the token was refused. */
  readonly by: string;
}

/** `/owner/name.git/…`: asks for a token, checks what it may, hands over to `git http-backend`, then looks what moved. */
export async function handleGit({ world, root, repository, mute }: GitDoor, request: IncomingMessage, response: ServerResponse): Promise<GitHandled> {
  const url = new URL(request.url ?? '/', 'http://local');
  const pushes = url.searchParams.get('service') === 'git-receive-pack' || url.pathname.endsWith('/git-receive-pack');
  let actor: Actor;
  try {
    actor = world.actorOf(tokenIn(request));
    world.require(actor, 'contents', pushes ? 'write' : 'read');
  } catch (error) {
    request.resume();
    return { status: refuse(response, error), by: '' };
  }
  const writes = url.pathname.endsWith('/git-receive-pack');
  const before = writes ? new Map(repository.refs('').map(({ ref, sha }) => [ref, sha])) : new Map<string, string>();
  const by = actor.job === null ? actor.person.login : `${actor.job.run}/${actor.job.job}`;
  const status = await backend({ root, url, request, response, actor, mute });
  if (writes) learn(world, actor, repository, before);
  if (!mute) response.end();
  return { status, by };
}

function refuse(response: ServerResponse, error: unknown): number {
  const status = error instanceof Refused ? error.status : 500;
  response.writeHead(status, status === 401 ? { 'www-authenticate': 'Basic realm="GitHub"' } : {});
  response.end(error instanceof Error ? `remote: ${error.message}\n` : '');
  return status;
}

function tokenIn(request: IncomingMessage): string {
  const [scheme = '', value = ''] = (request.headers.authorization ?? '').split(' ');
  if (scheme.toLowerCase() === 'bearer' || scheme.toLowerCase() === 'token') return value;
  return Buffer.from(value, 'base64').toString('utf8').split(':').slice(1).join(':');
}

interface Served {
  readonly root: string;
  readonly url: URL;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly actor: Actor;
  readonly mute: boolean;
}

function backend({ root, url, request, response, actor, mute }: Served): Promise<number> {
  const header = (name: string): string => String(request.headers[name] ?? '');
  const cgi = spawn('git', ['http-backend'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      ...CLEAN,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: url.pathname,
      REQUEST_METHOD: request.method ?? 'GET',
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: header('content-type'),
      ...(request.headers['content-length'] === undefined ? {} : { CONTENT_LENGTH: header('content-length') }),
      HTTP_CONTENT_ENCODING: header('content-encoding'),
      HTTP_GIT_PROTOCOL: header('git-protocol'),
      REMOTE_USER: actor.person.login,
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
    },
  });
  cgi.stdin.on('error', () => undefined);
  request.pipe(cgi.stdin);
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    let sent = false;
    cgi.on('error', reject);
    cgi.stdout.on('data', (chunk: Buffer) => {
      if (mute) return;
      if (sent) {
        response.write(chunk);
        return;
      }
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      sent = true;
      writeHead(response, head.toString('latin1', 0, end));
      response.write(head.subarray(end + 4));
    });
    cgi.on('close', () => resolve(response.statusCode));
  });
}

function writeHead(response: ServerResponse, head: string): void {
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()];
    if (name.toLowerCase() === 'status') response.statusCode = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
}

/** What moved is read from the refs themselves: a large push knocks twice, and the last word is the repository's. */
function learn(world: World, actor: Actor, repository: BareRepository, before: ReadonlyMap<string, string>): void {
  const after = new Map(repository.refs('').map(({ ref, sha }) => [ref, sha]));
  const names = new Set([...before.keys(), ...after.keys()]);
  const moves = [...names]
    .map((ref) => ({ ref, from: before.get(ref) ?? null, to: after.get(ref) ?? null }))
    .filter(({ from, to }) => from !== to);
  refsMoved(world, actor, moves);
}
