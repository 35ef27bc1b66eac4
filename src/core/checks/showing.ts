// Owns the invariants of what a plan lets people see and what it ends: nothing forged, nothing of theirs touched.
import type {
  CloseIssue,
  DeleteBranch,
  Effect,
  FileFinding,
  OpenPullRequest,
  SetLabels,
  WriteStateComment,
} from '../../domain/effect.ts';
import { findingKey } from '../../domain/finding.ts';
import { withRecords } from '../../domain/fold-journal.ts';
import type { TaskId } from '../../domain/ids.ts';
import type { JournalRecord } from '../../domain/journal.ts';
import { isStatusLabel } from '../../domain/label.ts';
import type { TaskFacts } from '../../domain/snapshot.ts';
import { sha256 } from '../../domain/digest.ts';
import { isMergeOnRecord } from '../../domain/round.ts';
import { effectsOf } from './checked.ts';
import type { Checked, Violation } from './checked.ts';

export function checkShowing(checked: Checked): readonly Violation[] {
  const written = new Map(effectsOf(checked.plan, 'append_journal').map(({ task, records }) => [task, records]));
  return checked.plan.effects.flatMap((effect) => {
    const task = 'task' in effect ? effect.task : null;
    const facts = task === null ? undefined : checked.snapshot.tasks.get(task);
    if (task === null || facts === undefined) return [];
    const about: About = { task, facts, records: written.get(task) ?? [], checked };
    return problemsOf(effect, about).map(([invariant, detail]) => ({ invariant, task, detail }));
  });
}

interface About {
  readonly task: TaskId;
  readonly facts: TaskFacts;
  readonly records: readonly JournalRecord[];
  readonly checked: Checked;
}

type Problem = readonly [invariant: string, detail: string];

function problemsOf(effect: Effect, about: About): readonly Problem[] {
  switch (effect.kind) {
    case 'write_state_comment':
      return checkComment(effect, about);
    case 'set_labels':
      return checkLabels(effect, about);
    case 'close_issue':
      return checkClose(effect, about);
    case 'delete_branch':
      return checkDelete(effect, about);
    case 'open_pull_request':
      return checkPull(effect, about);
    case 'react':
      return checkReceipt(about);
    case 'post_comment':
      return checkComments(about);
    case 'create_issue':
      return checkPublish(about);
    case 'file_finding':
      return checkFinding(effect, about);
    case 'send_hook':
      return checkHook(about);
    case 'create_epic':
    case 'keep_export':
    case 'import_tasks':
    case 'tell_import':
    case 'propose_change':
    case 'propose_asked':
    case 'append_room':
    case 'append_journal':
    case 'append_history':
    case 'clear_inbox':
    case 'start_attempt':
    case 'ensure_labels':
    case 'mirror_project':
      return [];
  }
}

/** Told again by every tick, were it not for what is written down. */
function checkHook({ records }: About): readonly Problem[] {
  return records.length > 0 ? [] : [['a hook tells what was written down', 'nothing in this append']];
}

function checkPublish({ facts, records }: About): readonly Problem[] {
  const journal = withRecords(facts.journal, records);
  return journal.publish !== null && journal.published === null && facts.issue === null
    ? []
    : [['a task gets one issue, when a person asks for it', `published ${journal.published}`]];
}

/** Whoever wrote it down files it: two ticks would make two issues of it. */
function checkFinding({ key }: FileFinding, { records }: About): readonly Problem[] {
  const filing = records.flatMap((record) => (record.kind === 'filing' ? record.findings.map(findingKey) : []));
  return filing.includes(key) ? [] : [['a finding is filed by the tick that writes it down', key]];
}

/** A comment is believed only while the journal names its digest: so that is written down before it is shown. */
function checkComment({ body, comment }: WriteStateComment, { facts, records }: About): readonly Problem[] {
  const shown = records.findLast((record) => record.kind === 'shown') ?? facts.journal.shown;
  return [
    ...(shown?.digest === sha256(body)
      ? []
      : [['what is shown is in the journal first', 'the digest differs'] as const]),
    ...(comment === (facts.comment?.id ?? null)
      ? []
      : [['one state comment, edited in place', `comment ${comment}`] as const]),
  ];
}

/** Labels of people are commands; the machine only ever moves its own. */
function checkLabels({ add, remove }: SetLabels, { facts }: About): readonly Problem[] {
  const foreign = [...add, ...remove].filter((label) => !isStatusLabel(label));
  const kept = (facts.issue?.labels ?? []).filter((label) => !remove.includes(label));
  const after = new Set([...kept, ...add].filter(isStatusLabel).map((label) => label.toLowerCase()));
  return [
    ...(foreign.length === 0 ? [] : [['only status labels are ours to set', foreign.join(', ')] as const]),
    ...(after.size === 1 ? [] : [['exactly one status label', [...after].join(', ')] as const]),
    ...(add.some((label) => remove.includes(label))
      ? [['no label is added and removed', add.join(', ')] as const]
      : []),
  ];
}

function checkClose({ reason }: CloseIssue, { facts, records, checked }: About): readonly Problem[] {
  const completed = withRecords(facts.journal, records).completed !== null;
  const merged = facts.pull === null ? isMergeOnRecord(facts.journal) : facts.pull.state === 'merged';
  return [
    ...(merged || completed
      ? []
      : [
          [
            'an issue is closed only for a merged pull request or by a word',
            facts.pull?.state ?? 'no pull request',
          ] as const,
        ]),
    ...(facts.issue?.open === true ? [] : [['only an open issue is closed', reason] as const]),
    ...(checked.policy.auto_close || completed ? [] : [['auto_close: false keeps issues open', reason] as const]),
  ];
}

function checkDelete({ branch, expected }: DeleteBranch, { facts, checked }: About): readonly Problem[] {
  const claimed = facts.journal.attempts.some(({ claim }) => claim.branch === branch);
  return [
    ...(claimed && branch !== checked.snapshot.repository.default_branch
      ? []
      : [['only branches we claimed are deleted', branch] as const]),
    ...(facts.branch?.head === expected && facts.pull?.state === 'merged' && facts.pull.head === expected
      ? []
      : [['nothing unmerged is deleted', expected] as const]),
  ];
}

function checkPull({ branch }: OpenPullRequest, { task, facts, checked }: About): readonly Problem[] {
  const opens = effectsOf(checked.plan, 'open_pull_request').filter((other) => other.task === task).length;
  const delivered = facts.journal.attempts.some(
    ({ claim, settled }) => claim.branch === branch && settled?.outcome === 'delivered',
  );
  return [
    ...(delivered && facts.branch?.name === branch
      ? []
      : [['a pull request needs a delivered branch', branch] as const]),
    ...(facts.pull?.state === 'open' || opens > 1 ? [['one open pull request per task', branch] as const] : []),
  ];
}

/** Given again where it got lost, so the command may have been written down long ago. */
function checkReceipt(about: About): readonly Problem[] {
  return about.facts.journal.handled_comments.size > 0 ? [] : checkAnswer(about);
}

/** An answer to a word, or a call where what is shown changes and people asked to be told. */
function checkComments(about: About): readonly Problem[] {
  const { facts, records, checked } = about;
  const shown = records.findLast((record) => record.kind === 'shown');
  const is_news = shown !== undefined && shown.state !== facts.journal.shown?.state;
  return is_news && checked.policy.notify !== 'none' ? [] : checkAnswer(about);
}

/** Written down before it is acted on: an answer without its record would be given again. */
function checkAnswer({ records }: About): readonly Problem[] {
  return records.some(({ kind }) => kind === 'commanded')
    ? []
    : [['answers follow a command written down', 'no command in this append']];
}
