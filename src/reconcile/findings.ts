// Owns what a run that looked at Orch's own history has filed: one issue a finding, as far as this tick wrote it down.
import type { TaskDecision } from '../domain/decision.ts';
import type { FileFinding } from '../domain/effect.ts';
import { FINDING_QUIET_DAYS, findingKey } from '../domain/finding.ts';
import { plusMinutes } from '../domain/instant.ts';
import { originLabels, SELF_IMPROVEMENT } from '../domain/origin-label.ts';
import { renderFinding } from '../wire/finding-text.ts';
import type { Around } from './state-view.ts';

export function findingEffects({ facts, journal, records }: TaskDecision, { policy }: Around): readonly FileFinding[] {
  const job = journal.asked?.job;
  if (job === undefined) return [];
  return records.flatMap((record) => {
    if (record.kind !== 'filing') return [];
    const quiet_since = plusMinutes(record.at, -FINDING_QUIET_DAYS * 24 * 60);
    return record.findings.map((finding): FileFinding => {
      const text = renderFinding(finding, { job: job.name, at: record.at, policy });
      const labels = [SELF_IMPROVEMENT, ...originLabels(facts.id, journal)];
      return { kind: 'file_finding', task: facts.id, key: findingKey(finding), ...text, labels, quiet_since };
    });
  });
}
