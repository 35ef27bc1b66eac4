// Owns the histories of attempts that are told to stop: by the job, or because the task is no longer theirs.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AttemptPorts } from '../../../src/agent/ports.ts';
import { done } from './scripted-engine.ts';
import type { Step } from './scripted-engine.ts';
import { openWorld, played } from './world.ts';
import type { Outcome, World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(async () => {
  await world.close();
});

const hello: Step = { do: 'write', path: 'hello.txt', text: 'hello\n' };
const halfway: Step = { do: 'print', text: '{"type":"orch.progress","message":"halfway"}' };
const forEver: Step = { do: 'sleep', ms: 60_000 };
const node = (code: string): readonly string[] => [process.execPath, '-e', code];

/** Aborts as soon as the condition holds; bounded, so that a test that never gets there fails. */
async function abortWhen(stop: AbortController, holds: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !holds(); i += 1) await delay(25);
  stop.abort();
}

async function cancelled(
  brief: Parameters<World['attempt']>[0]['brief'],
  when: () => boolean,
  ports: Partial<AttemptPorts> = {},
): Promise<Outcome> {
  const stop = new AbortController();
  const [outcome] = await Promise.all([
    world.attempt({ brief, ports: { ...ports, signal: stop.signal } }),
    abortWhen(stop, when),
  ]);
  return outcome;
}

describe('SIGINT', () => {
  it('before anything: a result without an engine', async () => {
    const { result, files } = await cancelled(played(world, [hello, done]), () => true);
    expect(result).toMatchObject({ outcome: 'cancelled', engine_started: false });
    expect(files).toBeNull();
  });

  it('during the fetch, which may hang: the same', async () => {
    let fetching = false;
    const openWorkspace = (): Promise<never> => {
      fetching = true;
      return new Promise(() => undefined);
    };
    const { result } = await cancelled(played(world, [done]), () => fetching, { openWorkspace });
    expect(result).toMatchObject({ outcome: 'cancelled', engine_started: false });
  });

  it('during set-up: the command is ended, no engine starts', async () => {
    const before = world.started.length;
    const brief = { ...played(world, [done]), setup: [node(`setTimeout(() => {}, 60000)`)] };
    const from = world.log.length;
    const { result } = await cancelled(brief, () => world.log.slice(from).some((line) => line.includes('files at')));
    expect(result).toMatchObject({ outcome: 'cancelled', engine_started: false });
    expect(world.started.length).toBe(before);
  });

  it('while the engine works: its work is a checkpoint', async () => {
    const from = world.log.length;
    const brief = played(world, [hello, halfway, forEver]);
    const stop = new AbortController();
    const running = world.attempt({ brief, ports: { signal: stop.signal }, limits: { progress_ms: 10 } });
    await abortWhen(stop, () => world.log.slice(from).some((line) => line.includes('halfway')));
    const { result, files, transcript } = await running;
    expect(result).toMatchObject({ outcome: 'cancelled', engine_started: true });
    expect(files).toHaveProperty('hello.txt', 'hello');
    expect(transcript).toContain('"why":"cancelled"');
  });

  it('during the proof: what the engine had done is a checkpoint', async () => {
    const from = world.log.length;
    const brief = { ...played(world, [hello, done]), verify: [node(`setTimeout(() => {}, 60000)`)] };
    const { result, files } = await cancelled(brief, () =>
      world.log.slice(from).some((line) => line.includes('custom: success')),
    );
    expect(result).toMatchObject({ outcome: 'cancelled', engine_started: true });
    expect(files).toHaveProperty('hello.txt', 'hello');
  });
});

describe('a task taken away', () => {
  it('is noticed by the next look at the journal: the engine stops, its work is kept', async () => {
    const from = world.log.length;
    const stillOurs = async (): Promise<boolean> => !world.log.slice(from).some((line) => line.includes('halfway'));
    const limits = { lease_poll_ms: 50, progress_ms: 10 };
    const { result, files } = await world.attempt({
      brief: played(world, [hello, halfway, forEver]),
      ports: { stillOurs },
      limits,
    });
    expect(result).toMatchObject({ outcome: 'cancelled', engine_started: true });
    expect(result?.detail).toContain('taken away');
    expect(files).toHaveProperty('hello.txt');
  });

  it('a journal that cannot be read for a while stops nothing', async () => {
    let asked = 0;
    const stillOurs = async (): Promise<boolean> => {
      asked += 1;
      if (asked > 1) throw new Error('503');
      return true;
    };
    const { result } = await world.attempt({
      brief: played(world, [hello, { do: 'sleep', ms: 300 }, done]),
      ports: { stillOurs },
      limits: { lease_poll_ms: 40 },
    });
    expect(asked).toBeGreaterThan(2);
    expect(result?.outcome).toBe('delivered');
  });
});

describe('what breaks on our side', () => {
  it("before the engine started is the runner's fault", async () => {
    const { result } = await world.attempt({
      brief: played(world, [done]),
      ports: { openRoom: () => Promise.reject(new Error('no namespaces')) },
    });
    expect(result).toMatchObject({ outcome: 'infra', engine_started: false, detail: 'no namespaces' });
  });

  it('after it started is a crash, and the work is still taken', async () => {
    const renderFeedback = (): never => {
      throw new Error('a template is broken');
    };
    const brief = { ...played(world, [hello, done]), verify: [node('process.exit(1)')] };
    const { result, files } = await world.attempt({ brief, ports: { renderFeedback } });
    expect(result).toMatchObject({ outcome: 'crashed', engine_started: true, detail: 'a template is broken' });
    expect(files).toHaveProperty('hello.txt');
  });
});
