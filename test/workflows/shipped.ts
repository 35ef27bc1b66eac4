// Owns the reading of the shipped workflows, and the one copy of them that older tools are shown.
import { readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.join(import.meta.dirname, '..', '..');

export const SHIPPED = ['.github/workflows/orch.yml', '.github/workflows/orch-task.yml', 'docs/caller.yml'] as const;
export type Shipped = (typeof SHIPPED)[number];

export function readShipped(file: Shipped): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}

/** Keys that `act` 0.2.87 and actionlint 1.7.7 do not know yet. */
const UNKNOWN_KEYS = /^ +(?:cache-mode|queue): (?!\$\{\{).*\n/gm;

/** The copy: `$/` becomes the published name, unknown keys go; nothing else differs. */
export function forOlderTools(text: string, ref = 'OWNER/orch@v1'): string {
  const [repository = '', version = ''] = ref.split('@');
  return text
    .replaceAll(UNKNOWN_KEYS, '')
    .replaceAll(/uses: \$\/(\S+)/g, `uses: ${repository}/$1@${version}`)
    .replaceAll(/uses: \$\/(?=\s)/g, `uses: ${repository}@${version}`)
    .replaceAll('OWNER/orch/', `${repository}/`)
    .replaceAll('OWNER/orch@v1', `${repository}@${version}`);
}
