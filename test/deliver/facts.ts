// Owns the builders of a deliver job's tests: what it is asked, and ports around a journal that hand nothing in.
import type { DeliverAsk, DeliverPorts } from '../../src/deliver/ports.ts';
import { ArtifactId, AttemptNumber, Digest, RunId } from '../../src/domain/ids.ts';
import * as build from '../core/facts.ts';

export const RUN = RunId.parse(800);

/** Of an attempt whose job failed and handed nothing in. */
export function askOf(attempt: number, given: Partial<DeliverAsk> = {}): DeliverAsk {
  return {
    task: build.taskId(12),
    attempt: AttemptNumber.parse(attempt),
    run: RUN,
    run_url: 'https://github.com/o/r/actions/runs/800',
    brief: { artifact: ArtifactId.parse(1), sha256: Digest.parse('1'.repeat(64)) },
    hand_in: null,
    attempt_result: 'failure',
    attempt_started: true,
    ...given,
  };
}

type Work = Pick<DeliverPorts['work'], 'fetch' | 'push'>;

export function portsOf(work: Work, given: Partial<DeliverPorts> = {}): DeliverPorts {
  return {
    artifacts: { brief: async () => '', handIn: async () => ({ missing: 'none was uploaded' }) },
    work: { ...work, change: () => Promise.reject(new Error('nothing is taken of what was handed in')) },
    pulls: { open: () => Promise.reject(new Error('nothing is delivered')) },
    wake: async () => undefined,
    findSecrets: () => [],
    redact: (text) => text,
    clock: { now: () => build.NOW },
    log: { info: () => undefined, warning: () => undefined, error: () => undefined },
    ...given,
  };
}
