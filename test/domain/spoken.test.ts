// Owns the promise that what people said is never lost: records of the first version still mean what they meant.
import { expect, test } from 'vitest';
import { foldJournal } from '../../src/domain/fold-journal.ts';
import { parseJournalMessage } from '../../src/wire/journal-record.ts';

const said = (record: object): string =>
  `orch: commanded\n\n${JSON.stringify({ v: 1, kind: 'commanded', at: '2026-01-01T00:00:00Z', by: 'ada', from: { comment: 1 }, engine: null, model: null, refused: null, ...record })}\n`;

test('[DAT-16] a retry without its whole command still wishes for its engine and model', () => {
  const journal = foldJournal(parseJournalMessage(said({ verb: 'retry', engine: 'codex', model: 'gpt-5' })));
  expect([journal.wish, journal.epoch.number]).toEqual([{ engine: 'codex', model: 'gpt-5' }, 2]);
});

test('a skip without its whole command still holds, without a day', () => {
  const journal = foldJournal(parseJournalMessage(said({ verb: 'skip' })));
  expect(journal.hold).toMatchObject({ verb: 'skip', until: null });
});
