// Owns the list of engines; adding one is one file and one line here.
import type { EngineId } from '../domain/task.ts';
import { claude } from './claude.ts';
import { codex } from './codex.ts';
import { custom } from './custom.ts';
import type { Engine } from './engine.ts';

const ENGINES: Readonly<Record<EngineId, Engine>> = { claude, codex, custom };

export function engineOf(id: EngineId): Engine {
  return ENGINES[id];
}
