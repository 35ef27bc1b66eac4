// Owns the local GitHub's one port: REST, GraphQL, git and the results service, counted and breakable at the door.
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import path from 'node:path';
import { createArtifactService, type ArtifactService } from './artifacts.ts';
import type { Contract } from './contract/contract.ts';
import type { Exchange } from './contract/exchange.ts';
import { createDoor, type Door } from './door.ts';
import { entranceOf } from './entrance.ts';
import { createFaults, type Faults } from './faults.ts';
import { createBareRepository, type BareRepository } from './git-store.ts';
import { createGitObjects, type GitObjects } from './git-objects.ts';
import { createLimits, type Limits } from './limits.ts';
import { LocalWorld } from './model/local-world.ts';

export interface LocalGitHubOptions {
  readonly owner: string;
  readonly name: string;
  /** Where the bare repository and artifacts are kept; the caller removes it. */
  readonly directory: string;
  readonly default_branch?: string;
  /** Epoch milliseconds; the machine's clock when absent. */
  readonly now_ms?: () => number;
  /** Judges every exchange; its `violations()` is what a test asserts to be empty. */
  readonly contract?: Contract;
  readonly onExchange?: (exchange: Exchange) => void;
}

export interface LocalGitHub {
  readonly world: LocalWorld;
  readonly repository: BareRepository;
  readonly artifacts: ArtifactService;
  readonly objects: GitObjects;
  readonly door: Door;
  readonly faults: Faults;
  readonly limits: Limits;
  readonly contract: Contract | undefined;
  readonly port: number;
  readonly api_url: string;
  readonly graphql_url: string;
  /** Artifacts and caches; a number, since Node's fetch resolves no `*.localhost` name. */
  readonly results_url: string;
  /** `http://github.localhost:PORT`: git resolves it, and the toolkit does not take it for a server of its own. */
  readonly server_url: string;
  close(): Promise<void>;
}

export async function startLocalGitHub(options: LocalGitHubOptions): Promise<LocalGitHub> {
  const { owner, name, directory, default_branch = 'main', now_ms = Date.now, contract } = options;
  const root = path.join(directory, 'git');
  const repository = createBareRepository({ root, full_name: `${owner}/${name}`, default_branch, now_ms });
  const server = createServer();
  const port = await listen(server);
  const api_url = `http://127.0.0.1:${port}`;
  const github: LocalGitHub = {
    world: new LocalWorld({ owner, name, default_branch, now_ms, random_hex }, repository),
    repository,
    artifacts: createArtifactService({ directory: path.join(directory, 'artifacts'), now_ms }),
    objects: createGitObjects(repository.directory),
    door: createDoor(),
    faults: createFaults(),
    limits: createLimits(now_ms),
    contract,
    port,
    api_url,
    graphql_url: `${api_url}/graphql`,
    results_url: api_url,
    server_url: `http://github.localhost:${port}`,
    close: () => closed(server),
  };
  const entrance = entranceOf({
    github,
    git_root: root,
    onExchange: (exchange) => {
      contract?.onExchange(exchange);
      options.onExchange?.(exchange);
    },
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    entrance(request, response).catch((error: unknown) => fail(response, error));
  });
  return github;
}

function random_hex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return address.port;
}

/** A bug of ours must not look like one of GitHub's answers, so it carries its stack. */
function fail(response: ServerResponse, error: unknown): void {
  if (!response.headersSent) response.writeHead(500, { 'x-github-request-id': randomBytes(8).toString('hex') });
  response.end(error instanceof Error ? error.stack : String(error));
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
