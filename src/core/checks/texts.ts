// Owns the sizes GitHub allows: a text over its limit is refused as a whole, so none may leave.
import type { Effect } from '../../domain/effect.ts';
import type { Checked, Violation } from './checked.ts';

const BODY_CHARS_MAX = 65_536;
const TITLE_CHARS_MAX = 256;
/** A commit message holds the records; git has no limit, our own reader has. */
const JOURNAL_CHARS_MAX = 1_000_000;

export function checkTexts({ plan }: Checked): readonly Violation[] {
  return plan.effects.flatMap((effect) => {
    const task = 'task' in effect ? effect.task : null;
    return textsOf(effect)
      .filter(({ length, max }) => length > max)
      .map(({ what, length, max }) => ({
        invariant: "texts fit GitHub's limits",
        task,
        detail: `${what}: ${length} of ${max} characters`,
      }));
  });
}

interface Text {
  readonly what: string;
  readonly length: number;
  readonly max: number;
}

function textsOf(effect: Effect): readonly Text[] {
  switch (effect.kind) {
    case 'write_state_comment':
    case 'post_comment':
    case 'tell_import':
      return [{ what: 'body', length: effect.body.length, max: BODY_CHARS_MAX }];
    case 'create_issue':
    case 'file_finding':
    case 'create_epic':
    case 'open_pull_request':
      return [
        { what: 'body', length: effect.body.length, max: BODY_CHARS_MAX },
        { what: 'title', length: effect.title.length, max: TITLE_CHARS_MAX },
      ];
    case 'propose_change':
    case 'propose_asked':
      return [
        { what: 'body', length: effect.proposal.body.length, max: BODY_CHARS_MAX },
        { what: 'title', length: effect.proposal.title.length, max: TITLE_CHARS_MAX },
      ];
    case 'import_tasks':
      return effect.issues.flatMap(({ title, body, marker }) => [
        // One line more names what it depends on.
        { what: 'body', length: body.length + marker.length, max: BODY_CHARS_MAX - 2_000 },
        { what: 'title', length: title.length, max: TITLE_CHARS_MAX },
      ]);
    case 'append_room':
    case 'append_journal':
      return [{ what: 'records', length: JSON.stringify(effect.records).length, max: JOURNAL_CHARS_MAX }];
    case 'append_history':
    case 'clear_inbox':
    case 'start_attempt':
    case 'ensure_labels':
    case 'keep_export':
    case 'set_labels':
    case 'react':
    case 'close_issue':
    case 'delete_branch':
    case 'send_hook':
    case 'mirror_project':
      return [];
  }
}
