// Owns the proof that the `post` step ends what an attempt left, and nothing else.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { processMark } from '../../src/agent/process-tree.ts';
import { cleanUpAttempt, renderLeft } from '../../src/modes/clean-up.ts';

let root: string;
let engine: ChildProcess;
beforeEach(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'orch-post-'));
  mkdirSync(path.join(root, 'attempt'));
  writeFileSync(path.join(root, 'attempt', 'file'), 'x');
  const code = `require('child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { stdio: 'inherit' }); console.log('up'); setTimeout(() => {}, 60000)`;
  engine = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(engine.stdout ?? engine, 'data');
});
afterEach(() => {
  engine.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

it('[AGT-23] ends the engine with all below it, and removes the folder', async () => {
  const ended = once(engine, 'exit');
  // The child's child holds the pipe too: it closes only when both are gone.
  const closed = once(engine.stdout ?? engine, 'close');
  await cleanUpAttempt(renderLeft({ folder: path.join(root, 'attempt'), engine: processMark(engine.pid ?? 0) }));
  expect((await ended)[1]).toBe('SIGKILL');
  await closed;
  expect(existsSync(path.join(root, 'attempt'))).toBe(false);
});

it('spares a process that merely has the same id by now', async () => {
  const folder = path.join(root, 'attempt');
  await cleanUpAttempt(renderLeft({ folder, engine: `${engine.pid}:1` }));
  expect(engine.exitCode).toBeNull();
  expect(engine.kill(0)).toBe(true);
});

it.each(['', 'no json', '{"folder":""}'])('does nothing with a state it did not write: %j', async (state) => {
  await cleanUpAttempt(state);
  expect(existsSync(path.join(root, 'attempt'))).toBe(true);
});
