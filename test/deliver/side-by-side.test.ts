// Owns the proof that attempts side by side, which share a time limit and so may all end at once, are each settled by their own deliver.
import { expect, test } from 'vitest';
import { deliver } from '../../src/deliver/deliver.ts';
import type { DeliverPorts } from '../../src/deliver/ports.ts';
import { foldJournal } from '../../src/domain/fold-journal.ts';
import { AttemptNumber } from '../../src/domain/ids.ts';
import type { CommitSha } from '../../src/domain/ids.ts';
import type { JournalRecord } from '../../src/domain/journal.ts';
import * as build from '../core/facts.ts';
import { askOf, portsOf, RUN } from './facts.ts';

const NUMBERS = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** One journal that all of them push to: whoever comes second finds it moved. */
function journalOf(records: readonly JournalRecord[]) {
  const journal = { records: [...records], tip: build.sha('0') };
  const work: Pick<DeliverPorts['work'], 'fetch' | 'push'> = {
    fetch: async () => ({ records: [...journal.records], tip: journal.tip }),
    push: async ({ journal: { expected, records: recordsOf } }) => {
      if (expected !== journal.tip) return { kind: 'journal_moved' };
      journal.records.push(...recordsOf(null));
      journal.tip = build.sha(String(journal.records.length));
      return { kind: 'pushed', head: null as CommitSha | null };
    },
  };
  return { journal, work };
}

test('nine that end at the same moment are nine endings, and none is left to be found dead', async () => {
  const group = AttemptNumber.parse(1);
  const { journal, work } = journalOf(NUMBERS.map((number) => build.claimed(number, { group, run: RUN })));
  const deliveries = await Promise.all(NUMBERS.map((number) => deliver(portsOf(work), askOf(number))));
  expect(deliveries.map(({ kind }) => kind)).toEqual(NUMBERS.map(() => 'settled'));
  expect(foldJournal(journal.records).attempts.every(({ settled }) => settled !== null)).toBe(true);
});
