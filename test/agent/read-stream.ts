// Owns reading a whole stream at once, the way the attempt does it chunk by chunk.
import { takeLine } from '../../src/agent/engine.ts';
import type { Ending, Engine } from '../../src/agent/engine.ts';
import { splitLines } from '../../src/agent/stream.ts';
import { NOTHING_TOLD } from '../../src/agent/told.ts';
import { readVerdict } from '../../src/agent/verdict.ts';
import type { EngineReport } from '../../src/agent/verdict.ts';

export interface Stream {
  readonly engine: Engine;
  readonly stdout: Buffer;
  readonly ending: Ending;
  readonly stderr: string;
  readonly chunk_bytes?: number;
}

export function readStream({ engine, stdout, ending, stderr, chunk_bytes = 1000 }: Stream): EngineReport {
  let told = NOTHING_TOLD;
  const lines = splitLines((line) => {
    told = takeLine(engine, told, line);
  });
  for (let at = 0; at < stdout.length; at += chunk_bytes) lines.push(stdout.subarray(at, at + chunk_bytes));
  lines.end();
  return readVerdict(told, ending, stderr);
}
