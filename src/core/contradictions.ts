// Owns what people typed that says otherwise than the facts: a status label set by hand that could not have its way.
import type { HandLabel, JournalRecord, TaskJournal } from '../domain/journal.ts';
import { isStatusLabel, sameLabel, statusLabel } from '../domain/label.ts';
import type { IssueFacts, LabelEvent } from '../domain/snapshot.ts';
import type { TaskState } from '../domain/task.ts';

export interface Standpoint {
  readonly issue: IssueFacts | null;
  readonly state: TaskState;
  readonly journal: Pick<TaskJournal, 'shown' | 'handled_labels'>;
  /** Of this tick. */
  readonly records: readonly JournalRecord[];
}

/** Said once: while the label is there, and then for as long as the task stands where it stood. */
export function handLabels(standpoint: Standpoint): readonly HandLabel[] {
  const now = typedNow(standpoint);
  const { state, journal } = standpoint;
  if (now.length > 0) return now;
  return journal.shown?.state === state ? (journal.shown.by_hand ?? []) : [];
}

/**
 * A label of an earlier state that a killed tick left behind is nobody's word: we put it there ourselves. One that was
 * obeyed as a command had its way.
 */
export function typedNow({ issue, state, journal, records }: Standpoint): readonly HandLabel[] {
  if (issue === null) return [];
  const ours = [statusLabel(state), ...(journal.shown === null ? [] : [statusLabel(journal.shown.state)])];
  return issue.label_events.flatMap((event): HandLabel[] => {
    const { label, by } = event;
    if (!isStatusLabel(label)) return [];
    const is_there = issue.labels.some((name) => sameLabel(name, label));
    const is_ours = event.by_bot || ours.some((own) => sameLabel(own, label));
    return is_ours || !is_there || isObeyed(event, { journal, records }) ? [] : [{ label, by }];
  });
}

function isObeyed({ label, at }: LabelEvent, { journal, records }: Pick<Standpoint, 'journal' | 'records'>): boolean {
  const answer = records.find(
    (record) => record.kind === 'commanded' && 'label' in record.from && record.from.label === label,
  );
  if (answer?.kind === 'commanded') return answer.refused === null;
  return journal.handled_labels.has(`${label} ${at}`);
}
