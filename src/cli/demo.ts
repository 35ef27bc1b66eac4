// Owns `npm run demo`: reads its options, says what runs and how safely, plays, and shows or prints what came of it.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openStage } from '../local/demo/stage.ts';
import { play } from '../local/demo/play.ts';
import { startRouterModel } from '../local/demo/router-model.ts';
import { showAttempt, showEvent, showOutcome, showResult } from '../local/demo/screen.ts';
import type { Screen } from '../local/demo/screen.ts';
import { SEED_ISSUES } from '../local/demo/seed.ts';
import { Fault } from '../domain/fault.ts';
import { describeSandbox, seccompHelperIn } from '../sandbox/describe.ts';
import { bundleInUse, ROOT } from './bundle.ts';
import { openCli } from './demo-cli.ts';
import { openModel } from './demo-model.ts';

const values = readOptions();
const engine = engineNamed(values.engine);
const started_ms = Date.now();
const screen: Screen = {
  write: (text) => void (values.json ? process.stderr : process.stdout).write(text),
  colours: process.stdout.isTTY && process.env['NO_COLOR'] === undefined && !values.json,
  elapsed_ms: () => Date.now() - started_ms,
};

const bundle = bundleInUse(process.env);
const isolated = await sayHowSafe();
screen.write(`${bundle.says}\n`);
const search_path = await pathWithCli();

const log: string[] = [];
const router = await startRouterModel(engine);
const model = await openModel(engine, process.env);
screen.write(model.says === '' ? '\n' : `${model.says}\n\n`);
const stage = await openStage({
  root: ROOT,
  bundle: bundle.file,
  owner: 'acme',
  name: 'shop',
  env: { ...process.env, PATH: search_path, ...(isolated ? {} : { ORCH_DEMO_UNSANDBOXED: 'true' }) },
  secrets: { ANTHROPIC_API_KEY: model.anthropic_key, OPENAI_API_KEY: model.openai_key },
  onLog: ({ job, line }) => {
    log.push(JSON.stringify({ ms: Date.now() - started_ms, job, line }));
    showOutcome(screen, job, line);
  },
  onJob: ({ job, state }) => {
    log.push(JSON.stringify({ ms: Date.now() - started_ms, job, state }));
    showAttempt(screen, job, state);
  },
});
stage.github.world.onEvent((event) => {
  log.push(
    JSON.stringify({ ms: Date.now() - started_ms, event: event.name, by: event.actor.login, payload: event.payload }),
  );
  showEvent(screen, event);
});

try {
  const result = await play(stage, { router_url: router.url, engine, model_url: model.url }, Date.now);
  if (values.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  else
    showResult(
      screen,
      result,
      SEED_ISSUES.map(({ shows }) => shows),
    );
  if (values.keep !== undefined) keep(values.keep);
  const unsettled = result.tasks.filter(({ status }) => status !== 'done' && status !== 'needs_review');
  if (unsettled.length > 0) process.exitCode = 1;
} finally {
  await stage.close();
  await router.close();
  await model.close();
}

function readOptions(): { readonly engine: string; readonly json: boolean; readonly keep?: string | undefined } {
  try {
    return parseArgs({
      options: {
        engine: { type: 'string', default: 'custom' },
        json: { type: 'boolean', default: false },
        keep: { type: 'string' },
      },
    }).values;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${why}\nUsage: npm run demo -- [--engine custom|claude|codex] [--json] [--keep DIR]\n`);
    return process.exit(2);
  }
}

function engineNamed(name: string): 'custom' | 'claude' | 'codex' {
  if (name === 'custom' || name === 'claude' || name === 'codex') return name;
  process.stderr.write(`--engine takes custom, claude or codex, not ${JSON.stringify(name)}.\n`);
  process.exit(2);
}

/** A CLI that cannot be had ends the demo before anything has begun. */
async function pathWithCli(): Promise<string> {
  const here = process.env['PATH'] ?? '';
  if (engine === 'custom') return here;
  try {
    const cli = await openCli(engine, process.env, screen.write);
    screen.write(`${cli.says}\n`);
    return `${cli.folder}:${here}`;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    process.stderr.write(`${error.message}\n${error.remedy}\n`);
    process.exit(1);
  }
}

/** Our own scripted engine may run without a sandbox, and says so first; others' programs may not. */
async function sayHowSafe(): Promise<boolean> {
  const vendor = path.join(path.dirname(bundle.file), 'vendor');
  const sandbox = await describeSandbox({ seccomp_helper_path: seccompHelperIn(vendor) });
  if (sandbox.available) {
    screen.write(
      'Engines run isolated: they write in folders of their own and reach only their model and package registries.\n',
    );
    return true;
  }
  screen.write(
    `NOT ISOLATED: ${sandbox.missing.join(', ')} missing. Only the demo's own scripted engine runs this way.\nTo isolate it: ${sandbox.remedy}\n`,
  );
  if (engine !== 'custom') {
    process.stderr.write(`${engine} needs the sandbox. ${sandbox.remedy}\n`);
    process.exit(1);
  }
  return false;
}

function keep(folder: string): void {
  mkdirSync(folder, { recursive: true });
  cpSync(stage.github.repository.directory, path.join(folder, 'shop.git'), { recursive: true });
  writeFileSync(path.join(folder, 'events.ndjson'), `${log.join('\n')}\n`);
  screen.write(`Kept in ${folder}: shop.git and events.ndjson.\n`);
}
