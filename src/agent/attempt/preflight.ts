// Owns what is looked at before anything is fetched or spent: key, tools, disk.
import type { OutcomeKind } from '../../domain/outcome.ts';
import type { Engine } from '../engine.ts';
import type { AttemptAsk, AttemptPorts } from '../ports.ts';

export interface Blocked {
  readonly outcome: Extract<OutcomeKind, 'auth' | 'missing_tool' | 'infra'>;
  readonly detail: string;
}

/** null: nothing is in the way. */
export async function checkPreconditions(
  ports: AttemptPorts,
  ask: AttemptAsk,
  engine: Engine,
): Promise<Blocked | null> {
  if (engine.key_required && (ask.engine_key ?? '') === '') {
    return {
      outcome: 'auth',
      detail: `${engine.id} has no API key: map its secret to \`engine_key\`, as docs/caller.yml does`,
    };
  }
  const missing = ask.brief.required_tools.filter((tool) => !ports.hasTool(tool));
  if (missing.length > 0) {
    const names = missing.join(', ');
    return {
      outcome: 'missing_tool',
      detail: `not on this runner: ${names}. Install them before the attempt, or correct \`required_tools\``,
    };
  }
  const free = await ports.freeBytes();
  if (free >= ports.limits.disk_bytes_min) return null;
  return {
    outcome: 'infra',
    detail: `the runner's disk has ${megabytes(free)} left; ${megabytes(ports.limits.disk_bytes_min)} are needed`,
  };
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
