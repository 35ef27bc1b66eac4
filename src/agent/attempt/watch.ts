// Owns the watch over a running engine: time limit, silence, and orders to stop.
import { epochMs } from '../../domain/instant.ts';
import type { Ending } from '../engine.ts';
import type { AttemptPorts, Ended, Running } from '../ports.ts';
import type { Life } from './life.ts';

export interface Watch {
  readonly ports: AttemptPorts;
  readonly life: Life;
  readonly process: Running;
  readonly deadline_ms: number;
  readonly silence_ms: number;
  /** When the last byte came; null before the first. */
  readonly heard_ms: () => number | null;
  /** Called at every look. */
  readonly look: (elapsed_ms: number) => void;
}

/** A look each second for longer than any job lasts. */
const LOOKS_MAX = 1_000_000;

/** Some CLIs load for long before their first word. */
const START_UP_FACTOR = 2;

/** A waiting program still wakes now and then; one that works does more than a hundredth. */
const IDLE_CPU_SHARE = 0.01;

export async function watchEngine(watch: Watch): Promise<Ending> {
  const { ports, life, process } = watch;
  const ended = process.wait();
  const silence = watchSilence(watch);
  const began_ms = nowMs(ports);
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    const end = await endWithin(ports, ended, life.signal);
    if (end !== undefined && life.stopped() === null) return { kind: 'exited', code: end.code, signal: end.signal };
    const why = reasonToStop(watch, silence);
    if (why !== null) return stopped(why, await process.stop(life.grace()));
    watch.look(nowMs(ports) - began_ms);
  }
  return stopped('timeout', await process.stop(life.grace()));
}

/** undefined: a tick has passed, or there is a reason to stop. */
async function endWithin(ports: AttemptPorts, ended: Promise<Ended>, stop: AbortSignal): Promise<Ended | undefined> {
  const timer = new AbortController();
  const tick = ports.pause(ports.limits.tick_ms, AbortSignal.any([stop, timer.signal]));
  const end = await Promise.race([ended, tick.then(() => undefined)]);
  // A timer left behind would keep the process from leaving.
  timer.abort();
  return end;
}

type Why = Extract<Ending, { kind: 'stopped' }>['why'];

function reasonToStop(watch: Watch, silence: () => boolean): Why | null {
  if (watch.life.stopped() !== null) return 'cancelled';
  if (nowMs(watch.ports) >= watch.deadline_ms) return 'timeout';
  return silence() ? 'stalled' : null;
}

function stopped(why: Why, { code }: Ended): Ending {
  return { kind: 'stopped', why, code };
}

/**
 * Two signals, since one has killed healthy agents before: nothing said for the whole time, and next to no work done
 * in it. A build that prints nothing for a quarter of an hour goes on.
 */
function watchSilence({ ports, process, silence_ms, heard_ms }: Watch): () => boolean {
  let since_ms = nowMs(ports);
  let since_cpu = ports.cpuSeconds(process.pid);
  let last_heard_ms: number | null = null;
  return () => {
    const now_ms = nowMs(ports);
    const heard = heard_ms();
    if (heard !== last_heard_ms) {
      last_heard_ms = heard;
      since_ms = heard ?? now_ms;
      since_cpu = ports.cpuSeconds(process.pid);
    }
    const allowed_ms = heard === null ? silence_ms * START_UP_FACTOR : silence_ms;
    if (now_ms - since_ms < allowed_ms) return false;
    const cpu = ports.cpuSeconds(process.pid);
    const worked_seconds = cpu === null || since_cpu === null ? 0 : cpu - since_cpu;
    if (worked_seconds < (allowed_ms / 1000) * IDLE_CPU_SHARE) return true;
    since_ms = now_ms;
    since_cpu = cpu;
    return false;
  };
}

export function nowMs({ clock }: Pick<AttemptPorts, 'clock'>): number {
  return epochMs(clock.now());
}
