// Owns which engines a model belongs to, as far as the configuration or its name says.
import type { ModelName } from '../domain/ids.ts';
import type { EnginePolicy, Policy } from '../domain/policy.ts';
import type { EngineId } from '../domain/task.ts';

/** How the vendors name theirs; a custom engine's are its own. */
const NAMES: Readonly<Record<EngineId, RegExp | null>> = {
  claude: /^(?:claude|opus|sonnet|haiku)(?![a-z])/i,
  codex: /^(?:gpt|codex|o\d)(?![a-z])/i,
  custom: null,
};

/** Those that have it; all of them, where none is known to: a model that stands behind a proxy may have any name. */
export function enginesWith(
  model: ModelName | null,
  engines: readonly EnginePolicy[],
  { model_map }: Policy,
): readonly EnginePolicy[] {
  if (model === null) return engines;
  const rows = Object.values(model_map);
  const mapped = engines.filter(({ id }) => rows.some((row) => row[id] === model));
  const able = mapped.length > 0 ? mapped : engines.filter(({ id }) => NAMES[id]?.test(model) === true);
  return able.length > 0 ? able : engines;
}
