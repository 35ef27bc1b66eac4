// Owns starting what was claimed: the brief is frozen, the leg named; a claim whose brief cannot be frozen is given back.
import type { Leg } from '../domain/brief.ts';
import type { AppendJournal, StartAttempt } from '../domain/effect.ts';
import { endingAlone } from '../domain/journal.ts';
import type { Settled } from '../domain/journal.ts';
import type { JournalProof, TickPorts } from './ports.ts';

/** Uploads at a time; a matrix may have 256 legs. */
const UPLOADS_AT_ONCE = 8;
const DETAIL_CHARS_MAX = 500;

export interface Started {
  readonly legs: readonly Leg[];
  /** Claims that were settled as `infra`, since no engine will ever start for them. */
  readonly given_back: number;
}

/** The lease is an argument: no proof of the won claim, no leg. */
export async function startLegs(
  ports: TickPorts,
  starts: readonly StartAttempt[],
  won: ReadonlyMap<string, JournalProof>,
): Promise<Started> {
  const claimed = starts.flatMap((start) => {
    const proof = won.get(start.task);
    return proof === undefined ? [] : [{ start, proof }];
  });
  const frozen: Frozen[] = [];
  for (let at = 0; at < claimed.length; at += UPLOADS_AT_ONCE) {
    frozen.push(...(await Promise.all(claimed.slice(at, at + UPLOADS_AT_ONCE).map((claim) => freeze(ports, claim)))));
  }
  const lost = together(frozen.flatMap((one) => ('append' in one ? [one.append] : [])));
  if (lost.length > 0) await ports.journals.append(lost, { history: [], inbox: [], branches: [] });
  return {
    legs: frozen.flatMap((one) => ('leg' in one ? [one.leg] : [])),
    given_back: lost.reduce((sum, { records }) => sum + records.length, 0),
  };
}

/** Those side by side share a journal, and two appends to it would race each other. */
function together(appends: readonly AppendJournal[]): readonly AppendJournal[] {
  return [...Map.groupBy(appends, ({ task }) => task).values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [{ ...first, records: [first, ...others].flatMap(({ records }) => records) }],
  );
}

interface Claimed {
  readonly start: StartAttempt;
  readonly proof: JournalProof;
}

type Frozen = { readonly leg: Leg } | { readonly append: AppendJournal };

async function freeze(ports: TickPorts, { start, proof }: Claimed): Promise<Frozen> {
  const { brief, runs_on, job_timeout_minutes } = start;
  try {
    const { artifact_id, sha256 } = await ports.briefs.freeze(brief);
    const { task, attempt, engine } = brief;
    return {
      leg: {
        task,
        attempt,
        engine: engine.id,
        lease: proof.tip,
        brief_artifact: artifact_id,
        brief_sha256: sha256,
        runs_on,
        timeout_minutes: job_timeout_minutes,
      },
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    ports.log.warning(`The brief of task ${start.task} cannot be kept: ${why}`);
    return {
      append: {
        kind: 'append_journal',
        task: start.task,
        expected: proof.tip,
        records: [neverStarted(ports, start, why)],
      },
    };
  }
}

function neverStarted({ clock }: TickPorts, { brief }: StartAttempt, why: string): Settled {
  return endingAlone({
    at: clock.now(),
    attempt: brief.attempt,
    outcome: 'infra',
    engine_started: false,
    seconds: 0,
    detail: Array.from(`the brief could not be kept: ${why}`).slice(0, DETAIL_CHARS_MAX).join(''),
    by: 'reconcile',
  });
}
