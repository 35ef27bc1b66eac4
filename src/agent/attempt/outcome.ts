// Owns how an attempt ended: three witnesses — exit code, the engine's final event, evidence in git — and our proof.
import { unreachable } from '../../domain/fault.ts';
import type { OutcomeKind, ProofResult } from '../../domain/outcome.ts';
import type { Role } from '../../domain/task.ts';
import type { TakenWork } from '../ports.ts';
import type { EngineReport } from '../verdict.ts';
import { allPassed } from './commands.ts';
import type { Stop } from './life.ts';

export interface Evidence {
  readonly report: EngineReport;
  readonly work: TakenWork;
  /** The branch already held work when this attempt began. */
  readonly continued: boolean;
  readonly proof: readonly ProofResult[];
  /** Whether the clock ran out, wherever the attempt was. */
  readonly out_of_time: boolean;
  readonly stopped: Stop | null;
  readonly role: Role;
}

export interface Judgement {
  readonly outcome: OutcomeKind;
  /** One line for people. */
  readonly detail: string;
}

/** Pure and total. What we did to it comes first, then what it says, then what git shows, then what the proof says. */
export function decideOutcome(evidence: Evidence): Judgement {
  const { report, stopped, role } = evidence;
  if (stopped !== null) return { outcome: 'cancelled', detail: STOPPED[stopped] };
  if (role === 'audit' && (report.claim === 'success' || report.claim === 'no_change')) return judgeAudit(evidence);
  switch (report.claim) {
    case 'success':
      return judgeSuccess(evidence);
    case 'no_change':
      return judgeNoChange(evidence);
    default:
      return { outcome: report.claim, detail: report.detail };
  }
}

const STOPPED: Readonly<Record<Stop, string>> = {
  cancelled: 'the job was cancelled; the work so far is kept',
  lost: 'the task was taken away from this attempt; the work so far is kept',
};

function judgeSuccess({ report, work, continued, proof, out_of_time }: Evidence): Judgement {
  switch (work.kind) {
    case 'too_large':
    case 'unusable':
      return { outcome: 'refused', detail: work.detail };
    case 'taken':
      break;
    default:
      return unreachable(work);
  }
  if (!work.changed && !continued) {
    if (report.denials.length > 0)
      return {
        outcome: 'permission_denied',
        detail: `nothing changed, and it was refused: ${report.denials.join(', ')}`,
      };
    if (report.by_exit) return { outcome: 'no_change', detail: 'the command ran, and no file has changed' };
    return { outcome: 'no_evidence', detail: 'it said it was done, and no file has changed' };
  }
  if (allPassed(proof)) return { outcome: 'delivered', detail: '' };
  if (out_of_time) return { outcome: 'timeout', detail: 'the time limit was reached before the proof passed' };
  const failed = proof.find(({ exit_code }) => exit_code !== 0);
  return {
    outcome: 'proof_failed',
    detail: `\`${failed?.command.join(' ') ?? ''}\` exited with ${failed?.exit_code ?? 'an error'}`,
  };
}

/** Its work is what it says. Whether it calls that a success or no change is all the same. */
function judgeAudit({ report, work }: Evidence): Judgement {
  if (work.kind !== 'taken' || work.changed)
    return { outcome: 'no_evidence', detail: 'an audit changes no file, and files have changed' };
  const said = report.evidence.trim() === '' ? report.summary : report.evidence;
  return said.trim() === ''
    ? { outcome: 'no_evidence', detail: 'the audit reported nothing' }
    : { outcome: 'no_change', detail: said };
}

/** The claim that nothing needs to change must come with a reason, and with nothing changed. */
function judgeNoChange({ report, work }: Evidence): Judgement {
  const changed = work.kind !== 'taken' || work.changed;
  if (changed)
    return { outcome: 'no_evidence', detail: 'it said that nothing needs to change, and files have changed' };
  if (report.evidence.trim() === '')
    return { outcome: 'no_evidence', detail: 'it said that nothing needs to change, and not why' };
  return { outcome: 'no_change', detail: report.evidence };
}
