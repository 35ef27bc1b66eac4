// Owns why an attempt has to stop before its end: SIGINT, or a task that is no longer its own.
import type { AttemptPorts, Grace } from '../ports.ts';

/** `cancelled`: seconds are left. `lost`: somebody settled the attempt; there is time to hand in properly. */
export type Stop = 'cancelled' | 'lost';

export interface Life {
  /** Aborted as soon as there is a reason to stop. */
  readonly signal: AbortSignal;
  stopped(): Stop | null;
  grace(): Grace;
  /** Rejects with `Stopped` when the attempt has to stop while it waits. */
  race<Value>(work: Promise<Value>): Promise<Value>;
  end(): void;
}

export class Stopped extends Error {
  readonly why: Stop;

  constructor(why: Stop) {
    super(`stopped: ${why}`);
    this.name = 'Stopped';
    this.why = why;
  }
}

/** A job lasts six hours on hosted runners, five days elsewhere; more polls than that fit in no job. */
const POLLS_MAX = 20_000;

export function startLife(ports: AttemptPorts): Life {
  const stop = new AbortController();
  const ended = new AbortController();
  let why: Stop | null = null;
  const end = (reason: Stop): void => {
    why ??= reason;
    stop.abort();
  };
  const onSignal = (): void => end('cancelled');
  if (ports.signal.aborted) onSignal();
  ports.signal.addEventListener('abort', onSignal, { once: true });
  void watchLease(ports, AbortSignal.any([ended.signal, stop.signal]), () => end('lost'));
  return {
    signal: stop.signal,
    stopped: () => why,
    grace: () => (why === 'cancelled' ? ports.limits.cancel_grace : ports.limits.grace),
    race: (work) => raceStop(work, stop.signal, () => why ?? 'cancelled'),
    end: () => {
      ended.abort();
      ports.signal.removeEventListener('abort', onSignal);
    },
  };
}

async function watchLease(ports: AttemptPorts, until: AbortSignal, lost: () => void): Promise<void> {
  for (let poll = 0; poll < POLLS_MAX; poll += 1) {
    await ports.pause(ports.limits.lease_poll_ms, until);
    if (until.aborted) return;
    try {
      if (!(await ports.stillOurs())) return lost();
    } catch {
      // Unreadable is not lost: deliver's compare-and-swap is the fence.
    }
  }
}

function raceStop<Value>(work: Promise<Value>, signal: AbortSignal, why: () => Stop): Promise<Value> {
  return new Promise((resolve, reject) => {
    const onStop = (): void => reject(new Stopped(why()));
    if (signal.aborted) onStop();
    signal.addEventListener('abort', onStop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onStop));
  });
}
