// Owns the place benches measure in: the local GitHub with the bundle behind it, its door read as counts.
import { execFileSync } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { bundleInUse, ROOT } from '../../src/cli/bundle.ts';
import { openStage } from '../../src/local/demo/stage.ts';
import type { Stage, StageOptions } from '../../src/local/demo/stage.ts';
import type { DoorEntry } from '../../src/local/door.ts';

export const OWNER = 'acme';
export const ALICE = 'alice';

const CONFIG = `engines:
  custom:
    command: ["node", "tools/agent.mjs", "\${TITLE}", "\${ATTEMPT}", "\${PROMPT_FILE}"]
router: { mode: round_robin }
verify_rounds_max: 0
`;

export async function openPlace(given: Partial<StageOptions> = {}): Promise<Stage> {
  const stage = await openStage({
    root: ROOT,
    bundle: bundleInUse(process.env).file,
    owner: OWNER,
    name: 'shop',
    env: process.env,
    secrets: {},
    ...given,
  });
  const { world, repository } = stage.github;
  world.grant(OWNER, 'admin');
  world.grant(ALICE, 'write');
  const agent = readFileSync(path.join(import.meta.dirname, '..', 'loop', 'agent.mjs'), 'utf8');
  repository.commitFiles(
    'main',
    { 'README.md': '# Shop\n', 'tools/agent.mjs': agent, '.github/orch.yml': CONFIG },
    'Start',
  );
  return stage;
}

export interface Count {
  /** REST and GraphQL; artifacts and git are no part of GitHub's quota. */
  readonly requests: number;
  readonly points: number;
  readonly mutating: number;
  readonly content_writes: number;
  readonly pushes: number;
  readonly git: number;
}

export function countOf(entries: readonly DoorEntry[]): Count {
  const api = entries.filter(({ kind }) => kind === 'rest' || kind === 'graphql');
  return {
    requests: api.length,
    points: sum(api.map(({ points }) => points)),
    mutating: api.filter(({ mutating }) => mutating).length,
    content_writes: sum(api.map(({ content_writes }) => content_writes)),
    pushes: entries.filter(({ kind, mutating }) => kind === 'git' && mutating).length,
    git: entries.filter(({ kind }) => kind === 'git').length,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

export interface Arrivals {
  /** `performance.now()` of each request's arrival. */
  readonly seen: { readonly at_ms: number; readonly url: string }[];
  stop(): void;
}

/** Node tells when a request comes in, before anybody handles it. */
export function watchArrivals(): Arrivals {
  const seen: { readonly at_ms: number; readonly url: string }[] = [];
  const note = (message: unknown): void => {
    const { request } = message as { readonly request: IncomingMessage };
    seen.push({ at_ms: performance.now(), url: request.url ?? '' });
  };
  subscribe('http.server.request.start', note);
  return { seen, stop: () => void unsubscribe('http.server.request.start', note) };
}

/** One `node -e 0`: what other times are told in. */
export function bareNodeMs(): number {
  const started_ms = performance.now();
  execFileSync(process.execPath, ['-e', '0']);
  return performance.now() - started_ms;
}
