// Owns how the vendors name their models: whose a model is by its name alone.
import type { EngineId } from './task.ts';

/** A custom engine's are its own. The part before a slash or dot is how gateways say the vendor. */
const NAMES: Readonly<Record<EngineId, RegExp | null>> = {
  claude: /^(?:(?:[a-z]{2,6}\.)?anthropic[./])?(?:claude(?:-|$)|(?:opus|sonnet|haiku)(?![a-z]))/i,
  codex: /^(?:openai[./])?(?:(?:chat)?gpt(?:[-\d]|$)|codex(?:-|$)|o\d(?![a-z]))/i,
  custom: null,
};

/** False too for what stands behind a proxy: there a model may have any name. */
export function isNamedBy(engine: EngineId, model: string): boolean {
  return NAMES[engine]?.test(model) === true;
}
