// Owns a real git server on loopback for attempts: `git http-backend` behind node:http, with a token it insists on.
import { execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync } from 'node:fs';
import path from 'node:path';

export interface GitServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Folder of the bare repository `owner/name.git`. */
  readonly repository: string;
  /** Requests so far, as `GET /path`. */
  readonly requests: readonly string[];
  git(args: readonly string[], input?: string): string;
  close(): Promise<void>;
}

export const TOKEN = 'ghs_0123456789abcdefghijklmnopqrstuvwxyz';

export async function startGitServer(root: string): Promise<GitServer> {
  const repository = path.join(root, 'owner', 'name.git');
  mkdirSync(repository, { recursive: true });
  const git = (args: readonly string[], input = ''): string =>
    execFileSync('git', ['--git-dir', repository, ...args], {
      input,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: root, ...IDENTITY },
    }).trim();
  git(['init', '--bare', '--quiet', '-b', 'main']);
  git(['config', 'uploadpack.allowAnySHA1InWant', 'true']);
  git(['config', 'http.receivepack', 'true']);
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    serve(root, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    repository,
    requests,
    git,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

const IDENTITY = {
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.invalid',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.invalid',
  GIT_CONFIG_NOSYSTEM: '1',
};

function serve(root: string, request: IncomingMessage, response: ServerResponse): void {
  const expected = `basic ${Buffer.from(`x-access-token:${TOKEN}`).toString('base64')}`;
  if ((request.headers.authorization ?? '').toLowerCase() !== expected.toLowerCase()) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    return;
  }
  const url = new URL(request.url ?? '/', 'http://localhost');
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      HTTP_GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_USER: 'orch',
    },
  });
  request.pipe(backend.stdin);
  const chunks: Buffer[] = [];
  backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  backend.on('close', () => {
    const answer = Buffer.concat(chunks);
    const split = answer.indexOf('\r\n\r\n');
    const headers = answer.subarray(0, split).toString('latin1').split('\r\n');
    const status = headers.find((line) => /^status:/i.test(line))?.split(' ')[1] ?? '200';
    const fields = headers
      .filter((line) => !/^status:/i.test(line))
      .map((line) => line.split(/:\s*/, 2) as [string, string]);
    response.writeHead(Number(status), Object.fromEntries(fields)).end(answer.subarray(split + 4));
  });
}
