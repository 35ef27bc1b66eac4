// Owns the real CLIs of this suite: each at its pin, installed once by the product's own installer and found again later.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { engineOf } from '../../src/agent/engines.ts';
import { installEngine } from '../../src/agent/install.ts';
import { ENGINE_VERSIONS } from '../../src/domain/default-policy.ts';
import type { RealEngine } from '../agent/scripted-model.ts';

export const REAL_ENGINES = ['claude', 'codex'] as const;

/** Models that exist, so that no CLI warns about or refuses a name it does not know. */
export const MODELS = { claude: 'claude-sonnet-4-5', codex: 'gpt-5-codex' } as const;

/** A first run downloads some 100 MB for each engine. */
export const INSTALL_MS_MAX = 300_000;

export interface Clis {
  /** A PATH on which both CLIs come first. */
  readonly search_path: string;
  remove(): void;
}

export async function openClis(): Promise<Clis> {
  const bin = mkdtempSync(path.join(tmpdir(), 'orch-e2e-bin-'));
  for (const id of REAL_ENGINES) symlinkSync(await install(id), path.join(bin, id));
  return {
    search_path: `${bin}:${process.env['PATH'] ?? ''}`,
    remove: () => rmSync(bin, { recursive: true, force: true }),
  };
}

async function install(id: RealEngine): Promise<string> {
  const folder = path.join(tmpdir(), 'orch-e2e-engines');
  mkdirSync(folder, { recursive: true });
  const { executable } = await installEngine({
    engine: engineOf(id),
    version: ENGINE_VERSIONS[id],
    folder,
    env: process.env,
    platform: process.platform,
    arch: process.arch,
  });
  if (executable === null) throw new Error(`${id} has no program of its own`);
  return executable;
}
