// Proves that an engine hears SIGINT past the wrappers, and that nothing outlives a kill.
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSandbox, openUnsandboxed } from '../../src/sandbox/sandbox.ts';
import type { Sandbox } from '../../src/sandbox/rules.ts';
import { makeWorld, node, requireSandbox, run, start, type World } from './world.ts';

beforeAll(requireSandbox);

const POLITE =
  'process.on("SIGINT", () => { console.log("final event"); process.exit(3) }); setInterval(() => {}, 1e6); console.log("ready")';
const DEAF =
  'for (const s of ["SIGINT", "SIGTERM"]) process.on(s, () => console.log("ignored " + s)); setInterval(() => {}, 1e6); console.log("ready")';
const LATE =
  'process.on("SIGINT", () => console.log("not yet")); process.on("SIGTERM", () => { console.log("now"); process.exit(4) }); setInterval(() => {}, 1e6); console.log("ready")';

describe.each([
  ['isolated', openSandbox],
  ['not isolated', openUnsandboxed],
] as const)('%s', (_name, open) => {
  let world: World;
  let sandbox: Sandbox;
  beforeAll(async () => {
    world = makeWorld();
    sandbox = await open(world.rules);
  });
  afterAll(async () => {
    await sandbox.close();
    world.remove();
  });

  test('an interrupted engine emits its final event', async () => {
    const engine = await start(sandbox, world, { argv: node(POLITE) });
    await engine.said('ready');
    engine.process.interrupt();
    expect(await engine.end).toMatchObject({ code: 3 });
    expect(engine.out()).toContain('final event');
  });

  test('an interrupt reaches the engine behind a launcher that passes nothing on', async () => {
    const engine = await start(sandbox, world, {
      argv: ['sh', '-c', `trap : INT; "$0" -e '${POLITE}'; exit $?`, process.execPath],
    });
    await engine.said('ready');
    engine.process.interrupt();
    expect(await engine.end).toMatchObject({ code: 3 });
    expect(engine.out()).toContain('final event');
  });

  test('stop goes from interrupt to terminate to kill', async () => {
    const late = await start(sandbox, world, { argv: node(LATE) });
    await late.said('ready');
    expect(await late.process.stop({ interrupt_ms: 50, terminate_ms: 5_000 })).toMatchObject({ code: 4 });
    expect(late.out()).toContain('not yet\nnow');

    const deaf = await start(sandbox, world, { argv: node(DEAF) });
    await deaf.said('ready');
    const end = await deaf.process.stop({ interrupt_ms: 50, terminate_ms: 50 });
    expect(end.signal === 'SIGKILL' || end.code === 137).toBe(true);
    expect(deaf.out()).toContain('ignored SIGINT\nignored SIGTERM');
  });

  test('an interrupt in the very first moment ends the program', async () => {
    const engine = await start(sandbox, world, { argv: ['sleep', '600'] });
    engine.process.interrupt();
    const { code } = await engine.end;
    expect(code).not.toBe(0);
  });

  test('a kill leaves none of its processes', async () => {
    const mark = `600.${process.pid}${world.worktree.length}`;
    const engine = await start(sandbox, world, {
      argv: ['sh', '-c', `sleep ${mark} & sleep ${mark} & echo ready; wait`],
    });
    await engine.said('ready');
    expect(commandLines().filter((line) => line.includes(mark)).length).toBeGreaterThan(1);
    engine.process.kill();
    await engine.end;
    await gone(mark);
  });

  test('what an engine leaves in the background ends with it', async () => {
    const mark = `700.${process.pid}${world.worktree.length}`;
    expect(await run(sandbox, world, ['sh', '-c', `sleep ${mark} & echo started`])).toEqual({
      code: 0,
      out: 'started\n',
    });
    await gone(mark);
  });
});

test('closing a sandbox ends what runs in it and refuses more', async () => {
  const world = makeWorld();
  const sandbox = await openSandbox(world.rules);
  const mark = `800.${process.pid}`;
  const engine = await start(sandbox, world, { argv: ['sh', '-c', `echo ready; sleep ${mark}`] });
  await engine.said('ready');
  await Promise.all([sandbox.close(), sandbox.close()]);
  await gone(mark);
  await expect(run(sandbox, world, ['true'])).rejects.toThrow(/closed sandbox/);
  world.remove();
});

function commandLines(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    });
}

/** The kernel empties a namespace in its own time; the test's time limit is the bound. */
async function gone(mark: string): Promise<void> {
  await expect
    .poll(() => commandLines().filter((line) => line.includes(mark)), { timeout: 4_000, interval: 10 })
    .toEqual([]);
}
