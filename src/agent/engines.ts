// Owns the list of engines; adding one is one file and one line here.
import type { Brief } from '../domain/brief.ts';
import type { EngineId } from '../domain/task.ts';
import { claude } from './claude.ts';
import { codex } from './codex.ts';
import { custom } from './custom.ts';
import type { Engine } from './engine.ts';
import { plain } from './plain.ts';

const ENGINES: Readonly<Record<EngineId, Engine>> = { claude, codex, custom };

export function engineOf(id: EngineId): Engine {
  return ENGINES[id];
}

export function engineFor({ engine, plain: is_plain }: Pick<Brief, 'engine' | 'plain'>): Engine {
  return is_plain ? plain : engineOf(engine.id);
}
