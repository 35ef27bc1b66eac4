// Owns the proof that a hand-in which GitHub takes at a later try is delivered, and that one it never takes blames nobody.
import { expect, test } from 'vitest';
import { deliver } from '../../src/deliver/deliver.ts';
import { foldJournal } from '../../src/domain/fold-journal.ts';
import type { JournalRecord } from '../../src/domain/journal.ts';
import * as build from '../core/facts.ts';
import { askOf, portsOf, RUN } from './facts.ts';

/** The deliver job of an attempt that ended without a brief, while GitHub takes none of its first pushes. */
async function ends({ pushes_refused }: { readonly pushes_refused: number }) {
  const records: JournalRecord[] = [build.claimed(1, { run: RUN })];
  let refused = 0;
  const ports = portsOf({
    fetch: async () => ({ records: [...records], tip: build.sha('0') }),
    push: async ({ journal }) => {
      refused += 1;
      if (refused <= pushes_refused) return { kind: 'not_taken' };
      records.push(...journal.records(null));
      return { kind: 'pushed', head: null };
    },
  });
  return { delivery: await deliver(ports, askOf(1)), ending: foldJournal(records).attempts[0]?.settled ?? null };
}

test('an ending that GitHub takes at the third push is the ending it was', async () => {
  const { ending } = await ends({ pushes_refused: 2 });
  expect(ending).toMatchObject({ outcome: 'infra', detail: expect.stringContaining('the frozen brief is missing') });
});

test('an ending that GitHub never takes is left to the next tick, and nobody is said to have pushed', async () => {
  const { delivery, ending } = await ends({ pushes_refused: 99 });
  expect(ending).toBeNull();
  expect(delivery).toEqual({
    kind: 'not_ours',
    why: 'GitHub took no push on any try; what was handed in stays an artifact, and the next tick goes on',
  });
});
