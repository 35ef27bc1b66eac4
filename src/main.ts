// Owns the process: picks the mode, catches once, sets the exit code. The only reader of process.env.
import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import * as core from '@actions/core';
import { Fault } from './domain/fault.ts';
import { instantFromMs } from './domain/instant.ts';
import { parseRunnerFacts } from './input/action-inputs.ts';
import type { Mode, RunnerFacts } from './input/action-inputs.ts';
import type { ModeContext, RunMode } from './modes/context.ts';

/** A job summary may hold 1 MiB per step; GitHub drops the whole of a larger one. */
const SUMMARY_BYTES_MAX = 1_000_000;

/**
 * A sweep makes much garbage that dies young. Left alone, Node gives it ever more room instead of collecting it: about
 * 330 MiB for ten thousand tasks instead of 225. A tick over few tasks is as large either way.
 */
setFlagsFromString('--semi-space-growth-factor=1');

/** One dynamic import a mode: a job loads its own privilege's code and no other. */
async function loadMode(mode: Mode): Promise<RunMode> {
  switch (mode) {
    case 'reconcile':
      return (await import('./modes/reconcile.ts')).run;
    case 'attempt':
      return (await import('./modes/attempt.ts')).run;
    case 'deliver':
      return (await import('./modes/deliver.ts')).run;
    case 'nudge':
      return (await import('./modes/nudge.ts')).run;
    case 'intake':
      return (await import('./modes/intake.ts')).run;
  }
}

function contextOf(facts: RunnerFacts, signal: AbortSignal): ModeContext {
  const bundle_dir = import.meta.dirname;
  return {
    env: process.env,
    facts,
    signal,
    bundle_dir,
    prompts_dir: path.join(bundle_dir, '..', 'prompts'),
    clock: { now: () => instantFromMs(Date.now()) },
    random: Math.random,
    log: { info: core.info, warning: (line) => core.warning(line), error: (line) => core.error(line) },
    setOutput: (name, value) => core.setOutput(name, value),
    setSecret: (value) => core.setSecret(value),
    writeSummary: async (markdown) => {
      if (facts.summary_path !== '') await appendFile(facts.summary_path, markdown.slice(0, SUMMARY_BYTES_MAX));
    },
  };
}

function explain(error: unknown): string {
  if (error instanceof Fault) return `${error.title}: ${error.reason}\n${error.remedy}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

async function main(): Promise<void> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  try {
    const facts = parseRunnerFacts(process.env);
    core.setSecret(facts.token);
    const run = await loadMode(facts.mode);
    await run(contextOf(facts, stop.signal));
  } catch (error) {
    core.setFailed(explain(error));
  }
}

/** The runner starts the same file again after the job; `state` tells the two apart. */
async function cleanUp(): Promise<void> {
  if (process.env['INPUT_MODE'] !== 'attempt') return;
  const { cleanUpAttempt } = await import('./modes/clean-up.ts');
  await cleanUpAttempt(core.getState('attempt'));
}

if (core.getState('phase') === 'post') {
  await cleanUp();
} else {
  core.saveState('phase', 'post');
  await main();
}
