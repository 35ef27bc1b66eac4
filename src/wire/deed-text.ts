// Owns the short phrases for what a tick did: to a task, to the world, and what the whole repository should know.
import type { Effect } from '../domain/effect.ts';
import { unreachable } from '../domain/fault.ts';
import type { Alarm, Deed } from '../domain/notice.ts';
import { renderInstant, renderCount, renderList } from './amount-text.ts';
import { cutChars } from './cut.ts';
import { escapeLine, inlineCode } from './escape.ts';
import { renderTask } from './link.ts';
import { outcomePredicate } from './outcome-text.ts';
import { noticeText } from './notices.ts';
import { renderPolicyOrigin } from './policy-text.ts';
import { renderWait } from './wait-text.ts';

const WHY_CHARS_MAX = 300;

export function renderDeed(deed: Deed): string {
  switch (deed.kind) {
    case 'rebuilt':
      return `journal rebuilt after ${renderCount(deed.attempts_before, 'attempt')}`;
    case 'admitted':
      return `let in by ${escapeLine(deed.by)}`;
    case 'asked':
      return `asked for by ${escapeLine(deed.by)}`;
    case 'scheduled':
      return `the job ${deed.job} is due (${renderInstant(deed.slot)})`;
    case 'obeyed':
      return `${escapeLine(deed.by)} said ${deed.verb}`;
    case 'refused':
      return `refused ${escapeLine(deed.by)} (${deed.refusal.kind.replaceAll('_', ' ')})`;
    case 'reopened':
      return `reopened by ${escapeLine(deed.by)}`;
    case 'settled':
      return `attempt ${deed.attempt} ${outcomePredicate(deed.outcome)}`;
    case 'found_pull':
      return `found #${deed.pr}`;
    case 'opens_pull':
      return `opens a pull request for ${inlineCode(deed.branch)}`;
    case 'closes_issue':
      return deed.reason === 'COMPLETED' ? 'closes the issue as completed' : 'closes the issue as not planned';
    case 'publishes':
      return 'makes an issue of it';
    case 'files':
      return deed.findings === 0 ? 'nothing stands out' : `files ${renderCount(deed.findings, 'finding')}`;
    case 'imports':
      return `makes ${renderCount(deed.tasks, 'issue')} of ${inlineCode(deed.path)}${deed.left === 0 ? '' : `; ${deed.left} are left for the next ticks`}`;
    case 'tells_import':
      return `tells what came of ${inlineCode(deed.path)}`;
    case 'drops_import':
      return `${inlineCode(deed.path)} is not imported any more`;
    case 'drops_change':
      return `what ${escapeLine(deed.by)} wanted of the configuration is not asked for any longer: it makes no difference by now, or GitHub did not take it within a day`;
    case 'deletes_branch':
      return `deletes ${inlineCode(deed.branch)}`;
    case 'finished':
      return deed.state === 'done' ? 'done' : 'archived';
    case 'unblocked':
      return 'no longer blocked';
    case 'routed':
      return `routed to ${deed.engine} by ${deed.source.replaceAll('_', ' ')}`;
    case 'starts':
      return `starts attempt ${deed.attempt} with ${deed.engine}`;
    case 'sweeps':
      return 'looked at again';
    default:
      return unreachable(deed);
  }
}

export function renderAlarm(alarm: Alarm): string {
  switch (alarm.kind) {
    case 'policy':
      return renderPolicyOrigin(alarm.origin);
    case 'router_fallback':
      return `The router answered too rarely: ${alarm.fallbacks} of the last ${alarm.routes} routes were left to the round robin, more than ${Math.round(alarm.share_max * 100)} %. Check its key and model under \`router:\`.`;
    case 'brake':
      return `New attempts are held back. ${renderWait(alarm.wait)}`;
    case 'unpriced':
      return `A budget in dollars is set, and ${renderCount(alarm.attempts, 'attempt')} of this ${alarm.period} did not tell what ${alarm.attempts === 1 ? 'it' : 'they'} cost: they count as nothing. A limit in \`tokens\` holds them too.`;
    case 'deadlock':
      return deadlockText(alarm);
    case 'job_off':
      return `The job ${inlineCode(alarm.job)} is switched off: its last ${renderCount(alarm.failures, 'run')} failed in the very same way. \`/orch job enable ${alarm.job}\` switches it on again.`;
    case 'no_engine_ready':
      return `No engine can run: ${renderList(alarm.configured, 'and') || 'none'} configured, and no key for any of them. Add a key to the repository's secrets and name it in the caller file.`;
    case 'unread':
      return `${renderTask(alarm.task)} could not be read and waits for the next tick: ${why(alarm.why)}`;
    case 'withheld':
      return `${renderTask(alarm.task)} is left alone, since what was decided for it breaks a rule of Orch's own: ${why(alarm.why)}. Please report this as a bug, with the link of this run.`;
    case 'lost':
      return `${renderTask(alarm.task)} was moved by somebody else meanwhile and waits for the next tick: ${why(alarm.why)}`;
    case 'dispatch_refused':
      return `What ${escapeLine(alarm.by)} dispatched in run ${alarm.run} was refused: it names no task, or ${escapeLine(alarm.by)} may not ask for it.`;
    case 'told':
      return `To what ${escapeLine(alarm.by)} asked in run ${alarm.run}:\n${noticeText(alarm.notice)}`;
    case 'effect_failed':
      return `${alarm.task === null ? '' : `${renderTask(alarm.task)}: `}${alarm.what.replaceAll('_', ' ')} failed: ${why(alarm.why)}`;
    case 'bounded':
      return `${BOUNDED[alarm.what]}: ${alarm.left} left for the next tick (at most ${alarm.limit} at a time).`;
    default:
      return unreachable(alarm);
  }
}

function deadlockText({ blocked, on }: Alarm & { readonly kind: 'deadlock' }): string {
  const waits = `${renderCount(blocked, 'task')} ${blocked === 1 ? 'waits' : 'wait'} for other issues, and nothing is under way that could end that`;
  const named = renderList(
    on.map((issue) => `#${issue}`),
    'and',
  );
  return on.length === 0 ? `${waits}.` : `${waits}. Look at ${named} first.`;
}

const BOUNDED: Readonly<Record<(Alarm & { readonly kind: 'bounded' })['what'], string>> = {
  commands: 'Many commands',
  shown: 'Many tasks to show',
  starts: 'Many attempts to start',
  routes: 'Many tasks to route',
};

/** For the dry run: what would be done, one line each. */
export function renderEffect(effect: Effect): string {
  switch (effect.kind) {
    case 'append_journal':
      return `journal of ${renderTask(effect.task)}: ${effect.records.map(({ kind }) => kind).join(', ')}`;
    case 'append_room':
      return `room: ${effect.records.map(({ kind }) => kind).join(', ')}`;
    case 'append_history':
      return `history: ${effect.line.kind}`;
    case 'start_attempt':
      return `start attempt ${effect.brief.attempt} of ${renderTask(effect.task)} with ${effect.brief.engine.id} on ${effect.runs_on}`;
    case 'write_state_comment':
      return `${effect.comment === null ? 'post' : 'edit'} the state comment of #${effect.issue}`;
    case 'set_labels':
      return `labels of #${effect.issue}: ${[...effect.add.map((name) => `+${name}`), ...effect.remove.map((name) => `-${name}`)].join(' ')}`;
    case 'react':
      return `react with ${effect.reaction.toLowerCase()} to a comment on ${renderTask(effect.task)}`;
    case 'post_comment':
      return `answer on #${effect.issue}`;
    case 'close_issue':
      return `close #${effect.issue} as ${effect.reason === 'COMPLETED' ? 'completed' : 'not planned'}`;
    case 'open_pull_request':
      return `open a pull request from ${effect.branch} into ${effect.base}`;
    case 'propose_change':
    case 'propose_asked':
      return `propose ${effect.proposal.branch} for ${effect.proposal.base}: ${effect.proposal.title}`;
    case 'delete_branch':
      return `delete the branch ${effect.branch}`;
    case 'clear_inbox':
      return `clear what run ${effect.run} asked`;
    case 'ensure_labels':
      return `create labels: ${effect.labels.map(({ name }) => name).join(', ')}`;
    case 'keep_export':
      return `keep the queue as a file of this run: ${effect.text.length} characters`;
    case 'create_epic':
      return `make an issue for a file: ${effect.title}`;
    case 'import_tasks':
      return `make ${renderCount(effect.issues.length, 'issue')} below ${renderTask(effect.task)}`;
    case 'tell_import':
      return `tell on ${renderTask(effect.task)} what came of a file`;
    case 'create_issue':
      return `make an issue of ${renderTask(effect.task)}`;
    case 'file_finding':
      return `file an issue: ${effect.title}`;
    case 'send_hook':
      return `send ${escapeLine(effect.event_type)} for ${renderTask(effect.task)}`;
    case 'mirror_project':
      return `write ${renderTask(effect.task)} onto the project board`;
    default:
      return unreachable(effect);
  }
}

function why(text: string): string {
  return escapeLine(cutChars(text, WHY_CHARS_MAX));
}
