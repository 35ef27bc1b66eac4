// Owns Fault: an error that names its consequence, so that nobody downstream has to guess it.

/**
 * - `person`: somebody must act; nothing is retried.
 * - `wait`: the world says "later"; `not_before` if it said when.
 * - `retry`: passing; the next tick may do the same again.
 * - `bug`: our own assumption broke; stop and show it.
 */
export type Consequence = 'person' | 'wait' | 'retry' | 'bug';

/** True when it is unknown whether the write took effect: settle by reading, never by repeating. */
export interface FaultText {
  readonly title: string;
  readonly cause: string;
  readonly remedy: string;
}

export interface FaultOptions extends FaultText {
  readonly consequence: Consequence;
  readonly ambiguous?: boolean;
  readonly not_before_ms?: number;
  readonly error?: unknown;
}

export class Fault extends Error {
  readonly consequence: Consequence;
  readonly title: string;
  readonly remedy: string;
  readonly reason: string;
  readonly ambiguous: boolean;
  readonly not_before_ms: number | null;

  constructor(options: FaultOptions) {
    super(`${options.title}: ${options.cause}`, { cause: options.error });
    this.name = 'Fault';
    this.consequence = options.consequence;
    this.title = options.title;
    this.reason = options.cause;
    this.remedy = options.remedy;
    this.ambiguous = options.ambiguous ?? false;
    this.not_before_ms = options.not_before_ms ?? null;
  }
}

export function personFault(text: FaultText, error?: unknown): Fault {
  return new Fault({ ...text, consequence: 'person', error });
}

export function retryFault(text: FaultText, error?: unknown): Fault {
  return new Fault({ ...text, consequence: 'retry', error });
}

export function bugFault(text: FaultText, error?: unknown): Fault {
  return new Fault({ ...text, consequence: 'bug', error });
}

/** The `never` check at the end of every exhaustive match. */
export function unreachable(value: never): never {
  throw bugFault({
    title: 'Unexpected value',
    cause: `${JSON.stringify(value)} is not a known case`,
    remedy: 'Please report this as a bug, with the run link.',
  });
}
