// Owns a stage: a local GitHub with a runner that executes the shipped workflows, and the people who act on it.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { dispatchInputsOf } from '../actions/dispatch-inputs.ts';
import { hostOf } from '../actions/host.ts';
import { startRunner } from '../actions/runner.ts';
import type { Runner, RunnerOptions } from '../actions/runner.ts';
import { startLocalGitHub } from '../server.ts';
import type { LocalGitHub, LocalGitHubOptions } from '../server.ts';

export interface StageOptions {
  readonly root: string;
  readonly bundle: string;
  readonly owner: string;
  readonly name: string;
  readonly secrets: Readonly<Record<string, string>>;
  readonly vars?: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Kept when given; else a folder that `close` removes. */
  readonly directory?: string;
  readonly onLog?: RunnerOptions['onLog'];
  readonly onJob?: RunnerOptions['onJob'];
  readonly onExchange?: LocalGitHubOptions['onExchange'];
}

export interface Stage {
  readonly github: LocalGitHub;
  readonly runner: Runner;
  readonly directory: string;
  close(): Promise<void>;
}

/** Variables of the machine that a hosted runner would also give its jobs. */
const MACHINE = [
  'PATH',
  'HOME',
  'LANG',
  'TMPDIR',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
  'npm_config_cache',
  'ORCH_DEMO_UNSANDBOXED',
  'ORCH_LEASE_POLL_SECONDS',
];

export async function openStage(options: StageOptions): Promise<Stage> {
  const directory = options.directory ?? mkdtempSync(path.join(tmpdir(), 'orch-stage-'));
  mkdirSync(directory, { recursive: true });
  const exchange = options.onExchange === undefined ? {} : { onExchange: options.onExchange };
  const github = await startLocalGitHub({ owner: options.owner, name: options.name, directory, ...exchange });
  github.world.workflows.set('orch.yml', dispatchInputsOf(path.join(options.root, 'docs/caller.yml')));
  const machine = Object.fromEntries(
    MACHINE.flatMap((name) => (options.env[name] === undefined ? [] : [[name, options.env[name] ?? '']])),
  );
  const runner = startRunner({
    host: hostOf(github),
    root: options.root,
    bundle: options.bundle,
    temp_root: path.join(directory, 'jobs'),
    secrets: options.secrets,
    vars: options.vars ?? {},
    machine,
    ...(options.onLog === undefined ? {} : { onLog: options.onLog }),
    ...(options.onJob === undefined ? {} : { onJob: options.onJob }),
  });
  return {
    github,
    runner,
    directory,
    close: async () => {
      await runner.close();
      await github.close();
      if (options.directory === undefined) rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

export function scriptedAgent(): string {
  return readFileSync(path.join(import.meta.dirname, 'agent.mjs'), 'utf8');
}
