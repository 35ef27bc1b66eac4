// Owns when two failures are the same one: their class and their words, without what differs by chance.
import type { Settled } from '../domain/journal.ts';

const WORDS_MAX = 2_000;

/** null: it ended without a word, and silence is like no other silence. */
export function fingerprint({ outcome, detail, summary, proof }: Settled): string | null {
  const failed = proof.filter(({ exit_code }) => exit_code !== 0);
  const said = [
    detail === '' ? summary : detail,
    ...failed.map(({ command, tail }) => `${command.join(' ')}\n${tail}`),
  ];
  const words = normalised(said.join('\n'));
  return words === '' ? null : `${outcome}\n${words}`;
}

/** Times, counts, hashes and spacing differ between two runs of one failure. */
function normalised(text: string): string {
  return text
    .slice(0, WORDS_MAX)
    .toLowerCase()
    .replace(/\b[0-9a-f]{7,64}\b/g, '#')
    .replace(/\d+(?:[.,:]\d+)*/g, '#')
    .replace(/\s+/g, ' ')
    .trim();
}

/** How often in a row the newest failure was the same; endings that were not the task's fault stand aside. */
export function equalFailures(endings: readonly Settled[]): number {
  const newest = endings.at(-1);
  const print = newest === undefined ? null : fingerprint(newest);
  if (print === null) return 0;
  const different = endings.findLastIndex((ending) => fingerprint(ending) !== print);
  return endings.length - 1 - different;
}
