// Owns reading the prompt templates that ship beside the bundle.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Template } from '../wire/slots.ts';

/** Read when it is used: a job needs two or three of them, small files of ours. */
export function readTemplate(prompts_dir: string, name: string): Template {
  return { name, text: readFileSync(path.join(prompts_dir, name), 'utf8') };
}
