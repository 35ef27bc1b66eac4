// Owns the wiring every mode shares: clients, git and a pause that a cancelled job ends early.
import { mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openGit } from '../git/git.ts';
import type { Git } from '../git/git.ts';
import { createPushPace } from '../git/pace.ts';
import { createClient } from '../github/client.ts';
import type { Client } from '../github/client.ts';
import { mintAppToken } from '../github/auth.ts';
import type { AppToken } from '../github/auth.ts';
import type { ModeContext } from './context.ts';

/** GitHub asks for a second between writes; a loopback server needs no such courtesy. */
const WRITE_GAP_MS = 1_000;

export function pauseOf({ signal }: ModeContext): (ms: number) => Promise<void> {
  return async (ms) => {
    await delay(ms, undefined, { signal }).catch(() => undefined);
  };
}

export function connect(context: ModeContext, token: string = context.facts.token): Client {
  const { facts, clock, log } = context;
  return createClient({
    token,
    api_url: facts.api_url,
    owner: facts.owner,
    repo: facts.repo,
    clock,
    log,
    pause: pauseOf(context),
    write_gap_ms: isLoopback(facts.api_url) ? 0 : WRITE_GAP_MS,
  });
}

function isLoopback(url: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);
}

export async function connectGit(context: ModeContext, token: string = context.facts.token): Promise<Git> {
  const { facts, clock, env } = context;
  const dir = await mkdtemp(path.join(facts.temp, 'orch-git-'));
  const remote = { url: `${facts.server_url}/${facts.owner}/${facts.repo}.git`, token };
  const pace = isLoopback(facts.api_url) ? {} : { beforePush: createPushPace({ clock, pause: pauseOf(context) }) };
  return openGit(dir, remote, { surroundings: env, ...pace });
}

/** null without an App: GITHUB_TOKEN then does everything it may. */
export async function connectApp({ facts, setSecret }: ModeContext): Promise<AppToken | null> {
  if (facts.app === null) return null;
  const token = await mintAppToken({ app: facts.app, api_url: facts.api_url, owner: facts.owner, repo: facts.repo });
  setSecret(token.token);
  return token;
}
