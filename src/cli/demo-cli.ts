// Owns that a real engine's CLI is there before the demo begins: found on PATH at its pin, or installed once from npm.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { engineOf } from '../agent/engines.ts';
import { installEngine } from '../agent/install.ts';
import { ENGINE_VERSIONS } from '../domain/default-policy.ts';
import { ROOT } from './bundle.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface DemoCli {
  /** Ahead of the demo's PATH; empty when the CLI is there already. */
  readonly folder: string;
  /** One line for people. */
  readonly says: string;
}

/**
 * Ahead of the attempts and not by them: each runs on a fresh machine and would download some 100 MB of its own.
 * By the same installer that they use, so that what runs is what an attempt would have installed.
 */
export async function openCli(id: 'claude' | 'codex', env: Env, write: (text: string) => void): Promise<DemoCli> {
  const engines = path.join(ROOT, 'build', 'engines');
  mkdirSync(engines, { recursive: true });
  const version = ENGINE_VERSIONS[id];
  write(`Looking for ${id} ${version}, on PATH and then in build/engines; else it is installed there from npm.\n`);
  const { executable, how } = await installEngine({
    engine: engineOf(id),
    version,
    folder: engines,
    env,
    platform: process.platform,
    arch: process.arch,
  });
  return { folder: executable === null ? '' : path.dirname(executable), says: `The real ${id} ${version}: ${how}.` };
}
