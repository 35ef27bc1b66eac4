// Owns git over HTTP: tokens checked, git's own smart HTTP program behind, and what moved told to the model.
import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Refused } from './model/state.ts';
import type { Actor } from './model/state.ts';
import type { World } from './model/world.ts';
import { gitEnvironment, GUARD_VARIABLE, type BareRepository } from './git-store.ts';
import { refsMoved } from './model/pulls.ts';

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
  /** Of the answer. */
  readonly bytes: number;
}

/** `/owner/name.git/…`: asks for a token, checks what it may, hands over to `git http-backend`, then looks what moved. */
export async function handleGit(
  { world, root, repository, mute }: GitDoor,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<GitHandled> {
  const url = new URL(request.url ?? '/', 'http://local');
  const pushes = url.searchParams.get('service') === 'git-receive-pack' || url.pathname.endsWith('/git-receive-pack');
  let actor: Actor;
  try {
    actor = world.actorOf(tokenIn(request));
    world.require(actor, 'contents', pushes ? 'write' : 'read');
  } catch (error) {
    request.resume();
    return { status: refuse(response, error), by: '', bytes: 0 };
  }
  const writes = url.pathname.endsWith('/git-receive-pack');
  const before = writes ? new Map(repository.refs('').map(({ ref, sha }) => [ref, sha])) : new Map<string, string>();
  const by = actor.job === null ? actor.person.login : `${actor.job.run}/${actor.job.job}`;
  const { status, bytes } = await backend({ root, url, request, response, actor, mute });
  if (writes) learn(world, actor, repository, before);
  if (!mute) response.end();
  return { status, by, bytes };
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

function backend({ root, url, request, response, actor, mute }: Served): Promise<{ status: number; bytes: number }> {
  const header = (name: string): string => String(request.headers[name] ?? '');
  const cgi = spawn('git', ['http-backend'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      ...gitEnvironment(),
      ...(actor.permissions !== null && actor.permissions['workflows'] !== 'write' ? { [GUARD_VARIABLE]: '1' } : {}),
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
  request.on('close', () => {
    if (!request.complete) cgi.kill();
  });
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    let sent = false;
    let bytes = 0;
    cgi.on('error', reject);
    cgi.stdout.on('data', (chunk: Buffer) => {
      if (mute) return;
      bytes += chunk.length;
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
    cgi.on('close', () => resolve({ status: response.statusCode, bytes }));
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
