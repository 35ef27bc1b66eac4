// Owns obeying people: the label that lets a task in, and what was said in comments and dispatches. Each word counts once.
import type { Command, InboxEntry, ParsedCommand, Refusal, SpokenCommand, Verb } from '../../domain/command.ts';
import type { Answer } from '../../domain/decision.ts';
import { liveAttempt } from '../../domain/fold-journal.ts';
import { LabelName } from '../../domain/ids.ts';
import type { Instant, Login, RunId } from '../../domain/ids.ts';
import { isBefore } from '../../domain/instant.ts';
import type { Commanded } from '../../domain/journal.ts';
import { LABEL_FAMILIES } from '../../domain/label.ts';
import type { AnswerTo, RefusalNotice } from '../../domain/notice.ts';
import { atLeast } from '../../domain/task.ts';
import type { RoleName, TaskState } from '../../domain/task.ts';
import { isTask, record } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { dispatchRole, intakeEvent, mayAdmit, mayCommand } from '../permissions.ts';
import { untrustedLabel } from '../stop-signs.ts';
import { standingOf, taskState } from '../task-state.ts';
import { move } from '../transitions.ts';
import { readyIds, roleOf } from '../world.ts';
import type { World } from '../world.ts';

/** A stranger who speaks on an issue outside the queue talks to nobody: answering would let anybody write refs. */
const OUTSIDE_ROLE: RoleName = 'triage';

/** One command, through whichever door it came. */
export interface Utterance {
  readonly by: Login;
  readonly at: Instant;
  readonly from: Commanded['from'];
  readonly to: AnswerTo | null;
  readonly parsed: ParsedCommand;
  readonly role: RoleName;
}

/** The intake label is a command too; its permission is read once and written down. */
export function admit(draft: Draft, world: World): Draft {
  const { issue } = draft.facts;
  if (issue === null || !issue.open || draft.asks?.intake !== true) return draft;
  const event = intakeEvent(world, issue);
  if (event === null || event.by === null || !mayAdmit(world, roleOf(world, event.by))) return draft;
  const { admitted } = draft.journal;
  if (admitted !== null && !isBefore(admitted.at, event.at)) return draft;
  return record(draft, [{ kind: 'admitted', at: event.at, by: event.by, issue_id: issue.id }], {
    kind: 'admitted',
    by: event.by,
  });
}

/** What a dispatch asked for in its own words. */
export interface Prompt {
  readonly run: RunId;
  readonly by: Login;
  readonly at: Instant;
  readonly asked: InboxEntry['ask'] & { readonly kind: 'prompt' };
}

/** A prompt becomes a task without an issue, named after the run that brought it. */
export function ask(draft: Draft, { run, by, at, asked }: Prompt): Draft {
  if (draft.journal.handled_runs.has(run)) return draft;
  const { title, prompt, engine, model, role } = asked;
  return record(draft, [{ kind: 'asked', at, by, run, title, prompt, engine, model, role }], {
    kind: 'asked',
    by,
    run,
  });
}

export function hearComment(world: World, spoken: SpokenCommand): Utterance {
  const { by, at, comment, comment_node, issue, parsed } = spoken;
  return { by, at, from: { comment }, to: { comment, comment_node, issue }, parsed, role: roleOf(world, by) };
}

export function hearDispatch(
  world: World,
  { by, at, run }: Pick<InboxEntry, 'by' | 'at' | 'run'>,
  command: Command,
): Utterance {
  return { by, at, from: { run }, to: null, parsed: { kind: 'command', command }, role: dispatchRole(world, by) };
}

/** A later word is judged in the light of the earlier ones. */
export function obey(draft: Draft, utterances: readonly Utterance[], world: World): Draft {
  return utterances.reduce((so_far, utterance) => obeyOne(so_far, utterance, world), draft);
}

/** What the journal does not know of yet. */
export function unheard(draft: Draft, utterances: readonly Utterance[]): readonly Utterance[] {
  return utterances.filter((utterance) => !isHandled(draft, utterance));
}

function isHandled({ journal }: Draft, { from }: Utterance): boolean {
  if ('comment' in from) return journal.handled_comments.has(from.comment);
  return 'run' in from && journal.handled_runs.has(from.run);
}

function obeyOne(draft: Draft, utterance: Utterance, world: World): Draft {
  if (isHandled(draft, utterance)) return draft;
  if (!isTask(draft) && (utterance.to === null || !atLeast(utterance.role, OUTSIDE_ROLE))) return draft;
  const refusal = judge(draft, utterance, world);
  return refusal === null ? accepted(draft, utterance, world) : refused(draft, utterance, refusal);
}

function accepted(draft: Draft, utterance: Utterance, world: World): Draft {
  const { parsed, by } = utterance;
  if (parsed.kind === 'unknown') return draft;
  const { command } = parsed;
  const let_in = command.verb === 'retry' ? admitByWord(draft, utterance, world) : draft;
  const obeyed = record(let_in, [commanded(utterance, command.verb, null)], { kind: 'obeyed', verb: command.verb, by });
  return answered(obeyed, utterance, {
    reaction: command.verb === 'retry' ? 'ROCKET' : 'THUMBS_UP',
    say: sayOf(command),
  });
}

/** A trusted person's `retry` lets in what a stranger labelled. */
function admitByWord(draft: Draft, { by, at, role }: Utterance, world: World): Draft {
  const { issue } = draft.facts;
  if (issue === null || !mayAdmit(world, role) || untrustedLabel(draft, world) === null) return draft;
  return record(draft, [{ kind: 'admitted', at, by, issue_id: issue.id }], { kind: 'admitted', by });
}

function refused(draft: Draft, utterance: Utterance, refusal: RefusalNotice): Draft {
  const { parsed, by } = utterance;
  const verb = parsed.kind === 'command' ? parsed.command.verb : 'help';
  const told = refusal.kind === 'not_permitted' && draft.journal.told.has(by);
  const noted = record(draft, [commanded(utterance, verb, refusal.kind)], { kind: 'refused', by, refusal });
  return answered(noted, utterance, { reaction: 'CONFUSED', say: told ? null : { kind: 'refused', refusal } });
}

function answered(draft: Draft, { to, by }: Utterance, answer: Omit<Answer, 'to' | 'by'>): Draft {
  return to === null ? draft : { ...draft, answers: [...draft.answers, { ...answer, to, by }] };
}

function commanded({ at, by, from, parsed }: Utterance, verb: Verb, refusal: Refusal | null): Commanded {
  const retry = parsed.kind === 'command' && parsed.command.verb === 'retry' ? parsed.command : null;
  return {
    kind: 'commanded',
    at,
    by,
    from,
    verb,
    engine: retry?.engine ?? null,
    model: retry?.model ?? null,
    refused: refusal,
  };
}

function sayOf({ verb }: Command): Answer['say'] {
  return verb === 'why' || verb === 'help' ? { kind: verb } : null;
}

/** null: obeyed. Who speaks comes first, so that nobody learns of a task's inside by asking. */
function judge(draft: Draft, { parsed, role }: Utterance, world: World): RefusalNotice | null {
  const verb = parsed.kind === 'command' ? parsed.command.verb : 'help';
  if (!mayCommand(world, verb, role))
    return { kind: 'not_permitted', verb, held: role, needed: world.policy.commands[verb] };
  if (parsed.kind === 'unknown') return unknownWord(parsed, world);
  const { command } = parsed;
  if (command.verb === 'help') return null;
  if (!isTask(draft)) return { kind: 'not_a_task', intake_label: world.policy.intake.label };
  if (command.verb === 'why') return null;
  return (
    judgeMove(draft, command, world) ?? (command.verb === 'retry' ? judgeRetry(draft, { role, command }, world) : null)
  );
}

function unknownWord({ refusal, word }: ParsedCommand & { readonly kind: 'unknown' }, world: World): RefusalNotice {
  return refusal === 'unknown_engine'
    ? { kind: 'unknown_engine', word, ready: readyIds(world) }
    : { kind: 'unknown_verb', word };
}

/** The table of moves says whether the state allows it. A lease that is already dead stands in nobody's way. */
function judgeMove(
  draft: Draft,
  { verb }: Command & { readonly verb: 'retry' | 'skip' | 'cancel' },
  world: World,
): RefusalNotice | null {
  const state = taskState(standingOf(draft, world), draft);
  if (verb === 'retry' && state === 'in_progress' && draft.facts.lease.kind === 'dead') return null;
  const result = move(state, verb);
  return result.kind === 'to' ? null : stateRefusal(draft, state, result.why);
}

function stateRefusal(draft: Draft, state: TaskState, why: Refusal | 'impossible'): RefusalNotice {
  const live = liveAttempt(draft.journal);
  if (why === 'already_running' && live !== null) return { kind: 'already_running', attempt: live.number };
  if (state === 'done' || state === 'archived') return { kind: 'already_done', state };
  return { kind: 'nothing_to_cancel', state };
}

interface Retry {
  readonly role: RoleName;
  readonly command: Command & { readonly verb: 'retry' };
}

/** Labels win while they stand; a retry that they would make pointless says which one to change. */
function judgeRetry(draft: Draft, { role, command: { engine } }: Retry, world: World): RefusalNotice | null {
  const { asks } = draft;
  const { label } = world.policy.intake;
  if (asks !== null && asks.stop !== null) return { kind: 'label_forbids', label: asks.stop, remedy: 'remove' };
  if (asks !== null && !asks.intake) return { kind: 'label_forbids', label, remedy: 'add' };
  if (untrustedLabel(draft, world) !== null && !mayAdmit(world, role)) {
    return { kind: 'not_permitted', verb: 'retry', held: role, needed: world.policy.intake.permission };
  }
  if (engine === null) return null;
  if (!readyIds(world).includes(engine)) return { kind: 'unknown_engine', word: engine, ready: readyIds(world) };
  const pinned = asks?.engines[0];
  if (pinned === undefined || pinned === engine) return null;
  return { kind: 'label_forbids', label: LabelName.parse(`${LABEL_FAMILIES.engine}${pinned}`), remedy: 'remove' };
}
