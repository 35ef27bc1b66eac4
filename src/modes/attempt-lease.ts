// Owns the question whether this job still holds its task: the tip of the journal, and the chain behind it when it moved.
import { foldJournal, liveWith } from '../domain/fold-journal.ts';
import type { CommitSha } from '../domain/ids.ts';
import type { Git } from '../git/git.ts';
import { journalTip, readJournal } from '../git/journals.ts';
import type { RunnerFacts, LegInputs } from '../input/action-inputs.ts';

/** One `ls-remote` as long as nothing moves. A moved journal may have moved for a reason that is none of ours. */
export function leaseWatch(git: Git, leg: LegInputs, { run, run_attempt }: RunnerFacts): () => Promise<boolean> {
  // A re-run of a job that died brings the same inputs, and may meet a journal nobody has settled yet.
  let known: CommitSha | null = run_attempt === 1 ? leg.lease : null;
  return async () => {
    const tip = await journalTip(git, leg.task);
    if (tip === null) return false;
    if (tip === known) return true;
    const chain = await readJournal(git, leg.task);
    const live = chain === null ? null : liveWith(foldJournal(chain.records), leg.attempt);
    const ours = live?.claim.run === run && live.claim.run_attempt === run_attempt;
    if (ours) known = chain?.tip ?? null;
    return ours;
  };
}
