// Owns filing what Orch found about itself: by one tick at a time, and again where its issue never came.
import { findingKey } from '../../domain/finding.ts';
import { isBefore, plusMinutes } from '../../domain/instant.ts';
import type { Filing } from '../../domain/journal.ts';
import { record } from '../draft.ts';
import type { Draft } from '../draft.ts';
import type { World } from '../world.ts';

/** No job lives longer, however long its runner was paused: whoever else wrote it down is not filing any more. */
const TICK_MINUTES_MAX = 6 * 60;
/** What GitHub refuses for so long is let be; the next run may find it again. */
const GIVEN_UP_MINUTES = 24 * 60;

/** The record is the claim: of two ticks at once, only the one whose append wins files anything. */
export function files(draft: Draft, filing: Filing): Draft {
  return record(draft, [filing], { kind: 'files', findings: filing.findings.length });
}

export function fileAgain(draft: Draft, { snapshot: { at } }: World): Draft {
  const { filing, filed, asked } = draft.journal;
  if (filing === null || isBefore(at, plusMinutes(filing.at, TICK_MINUTES_MAX))) return draft;
  if (asked?.job === undefined || isBefore(plusMinutes(asked.job.slot, GIVEN_UP_MINUTES), at)) return draft;
  const done = new Set(filed.map(({ key }) => key));
  const open = filing.findings.filter((finding) => !done.has(findingKey(finding)));
  return open.length === 0 ? draft : files(draft, { kind: 'filing', at, findings: open });
}
