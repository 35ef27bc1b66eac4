// Owns which engines a model belongs to, as far as the configuration or its name says.
import type { ModelName } from '../domain/ids.ts';
import { isNamedBy } from '../domain/model-names.ts';
import type { EnginePolicy, Policy } from '../domain/policy.ts';

/** Those known to have it, ready or not; none, where nothing is known: behind a proxy a model may have any name. */
export function enginesWith(model: ModelName, { engines, model_map }: Policy): readonly EnginePolicy[] {
  const rows = Object.values(model_map);
  const mapped = engines.filter(({ id }) => rows.some((row) => row[id] === model));
  return mapped.length > 0 ? mapped : engines.filter(({ id }) => isNamedBy(id, model));
}
