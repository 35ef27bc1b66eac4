// Owns whether a command is obeyed: who may say it first, then the words, then what the task's state and labels allow.
import { Verb } from '../domain/command.ts';
import type { Command, ParsedCommand, Refusal } from '../domain/command.ts';
import { holdAt, isInLine, liveAttempt, liveAttempts } from '../domain/fold-journal.ts';
import { unblocks } from '../domain/fold-draft.ts';
import { LabelName } from '../domain/ids.ts';
import type { Instant, IssueNumber } from '../domain/ids.ts';
import { isBefore } from '../domain/instant.ts';
import { LABEL_FAMILIES } from '../domain/label.ts';
import type { RefusalNotice } from '../domain/notice.ts';
import { isOver } from '../domain/task.ts';
import type { EngineId, RoleName, TaskState } from '../domain/task.ts';
import { isTask } from './draft.ts';
import type { Draft } from './draft.ts';
import { judgeImport } from './imports.ts';
import { judgeJob } from './judge-job.ts';
import { mayAdmit, mayCommand } from './permissions.ts';
import { judgeChange, judgeKey } from './proposals.ts';
import { untrustedLabel } from './stop-signs.ts';
import { standingOf, taskState } from './task-state.ts';
import { openChildren, openDependencies } from './ties.ts';
import { move } from './transitions.ts';
import type { Cause } from './transitions.ts';
import { leaseOf, readyIds } from './world.ts';
import type { World } from './world.ts';

/** Verbs that open a new budget. */
export const STARTS: ReadonlySet<Verb> = new Set(['start', 'retry', 'reroute']);

export interface Said {
  readonly parsed: ParsedCommand;
  readonly role: RoleName;
  readonly at: Instant;
}

/** null: obeyed. Who speaks comes first, so that nobody learns of a task's inside by asking. */
export function judge(draft: Draft, { parsed, role, at }: Said, world: World): RefusalNotice | null {
  const verb = parsed.kind === 'command' ? parsed.command.verb : 'help';
  if (!mayCommand(world, verb, role))
    return { kind: 'not_permitted', verb, held: role, needed: world.policy.commands[verb] };
  return parsed.kind === 'unknown'
    ? unknownWord(parsed, world)
    : judgeCommand(draft, { role, at, command: parsed.command }, world);
}

interface Order {
  readonly role: RoleName;
  readonly at: Instant;
  readonly command: Command;
}

function judgeCommand(draft: Draft, { role, at, command }: Order, world: World): RefusalNotice | null {
  switch (command.verb) {
    case 'help':
    case 'export':
    case 'queue':
    case 'pause':
    case 'resume':
      return null;
    case 'job':
      return judgeJob(command, at, world);
    case 'settings':
      return judgeKey(command.key, world);
    case 'set':
      return judgeChange({ kind: 'set', key: command.key, value: command.value }, world);
    case 'why':
    case 'status':
    case 'refresh':
      return outsider(draft, world);
    case 'start':
      // Said to all tasks, it is right wherever it is said, and begins nothing anew.
      if (command.all === true && !(isTask(draft) && isInLine(draft.journal, at))) return null;
      return (
        outsider(draft, world) ??
        judgeMove(draft, 'retry', world) ??
        judgeStart(draft, { verb: 'start', role, engine: null }, world)
      );
    case 'retry':
    case 'reroute':
      return (
        outsider(draft, world) ??
        judgeMove(draft, 'retry', world) ??
        judgeStart(draft, { verb: command.verb, role, engine: command.engine }, world)
      );
    case 'assign':
      return outsider(draft, world) ?? over(draft, world) ?? judgeEngine(draft, command.engine, world);
    case 'route':
    case 'block':
    case 'priority':
    case 'say':
      return outsider(draft, world) ?? over(draft, world);
    case 'skip':
    case 'hold':
      return outsider(draft, world) ?? judgeDay(command.until, at) ?? judgeMove(draft, command.verb, world);
    case 'cancel':
    case 'complete':
      return outsider(draft, world) ?? judgeMove(draft, command.verb, world);
    case 'ask':
      return mayAdmit(world, role)
        ? null
        : { kind: 'not_permitted', verb: 'ask', held: role, needed: world.policy.intake.permission };
    case 'import':
      return judgeImport(command.path, draft.facts, world);
    case 'publish':
      return outsider(draft, world) ?? judgePublish(draft) ?? over(draft, world);
    case 'unskip':
      return outsider(draft, world) ?? over(draft, world) ?? judgeUnskip(draft, world);
    case 'unblock':
      // Said to all tasks, it is right wherever it is said.
      return command.all ? null : (outsider(draft, world) ?? over(draft, world) ?? judgeUnblock(draft, command.of));
  }
}

/** Against when it was said: a day that came before the word was heard did come. */
function judgeDay(until: Instant | null, said_at: Instant): RefusalNotice | null {
  return until === null || isBefore(said_at, until) ? null : { kind: 'past_day', until };
}

function outsider(draft: Draft, { policy }: World): RefusalNotice | null {
  if (isTask(draft)) return null;
  return { kind: 'not_a_task', intake_label: draft.facts.issue_read === 'pull' ? null : policy.intake.label };
}

function over(draft: Draft, world: World): RefusalNotice | null {
  const state = taskState(standingOf(draft, world), draft);
  return isOver(state) ? { kind: 'already_done', state } : null;
}

/** What a label took out of the queue, the label has to let in again. */
function judgeUnskip({ asks, journal }: Draft, { snapshot, policy }: World): RefusalNotice | null {
  const hold = holdAt(journal, snapshot.at);
  if (hold !== null && hold.verb !== 'cancel') return null;
  if (asks !== null && asks.stop !== null) return { kind: 'label_forbids', label: asks.stop, remedy: 'remove' };
  if (asks !== null && !asks.intake) return { kind: 'label_forbids', label: policy.intake.label, remedy: 'add' };
  return { kind: 'not_skipped' };
}

function judgeUnblock({ journal, facts: { issue } }: Draft, of: readonly IssueNumber[]): RefusalNotice | null {
  const { blocked } = journal;
  if (unblocks(blocked, of)) return null;
  if (blocked !== null) return { kind: 'not_blocked', open: [], by_word: blocked };
  return { kind: 'not_blocked', open: issue === null ? [] : [...openDependencies(issue), ...openChildren(issue)] };
}

/** What runs ends first: its work would belong to neither. */
function judgePublish({ facts, journal }: Draft): RefusalNotice | null {
  if (facts.issue !== null || facts.issue_read !== 'internal') return { kind: 'has_issue' };
  const live = liveAttempt(journal);
  return live === null ? null : { kind: 'already_running', attempt: live.number };
}

function unknownWord(parsed: ParsedCommand & { readonly kind: 'unknown' }, world: World): RefusalNotice {
  const { word } = parsed;
  switch (parsed.refusal) {
    case 'too_long':
      return { kind: 'too_long', verb: parsed.word, chars: parsed.chars };
    case 'unknown_engine':
      return { kind: 'unknown_engine', word, ready: readyIds(world) };
    case 'unknown_verb':
      return { kind: 'unknown_verb', word };
    case 'unknown_words':
      return { kind: 'unknown_words', verb: Verb.options.find((verb) => verb === word) ?? 'help' };
  }
}

/** The table of moves says whether the state allows it. A lease that is already dead stands in nobody's way. */
function judgeMove(draft: Draft, cause: Cause, world: World): RefusalNotice | null {
  const state = taskState(standingOf(draft, world), draft);
  if (cause === 'retry' && state === 'in_progress' && isDead(draft)) return null;
  const result = move(state, cause);
  return result.kind === 'to' ? null : stateRefusal(draft, state, result.why);
}

function isDead({ facts, journal }: Draft): boolean {
  return liveAttempts(journal).every((attempt) => leaseOf(facts, attempt).kind === 'dead');
}

function stateRefusal(draft: Draft, state: TaskState, why: Refusal | 'impossible'): RefusalNotice {
  const live = liveAttempt(draft.journal);
  if (why === 'already_running' && live !== null) return { kind: 'already_running', attempt: live.number };
  if (isOver(state)) return { kind: 'already_done', state };
  return { kind: 'nothing_to_cancel', state };
}

interface Start {
  readonly verb: Verb;
  readonly role: RoleName;
  readonly engine: EngineId | null;
}

/** Labels win while they stand; a retry that they would make pointless says which one to change. */
function judgeStart(draft: Draft, { verb, role, engine }: Start, world: World): RefusalNotice | null {
  const { asks } = draft;
  const { label } = world.policy.intake;
  if (asks !== null && asks.stop !== null) return { kind: 'label_forbids', label: asks.stop, remedy: 'remove' };
  if (asks !== null && !asks.intake) return { kind: 'label_forbids', label, remedy: 'add' };
  if (untrustedLabel(draft, world) !== null && !mayAdmit(world, role)) {
    return { kind: 'not_permitted', verb, held: role, needed: world.policy.intake.permission };
  }
  return engine === null ? null : judgeEngine(draft, engine, world);
}

function judgeEngine({ asks }: Draft, engine: EngineId, world: World): RefusalNotice | null {
  if (!readyIds(world).includes(engine)) return { kind: 'unknown_engine', word: engine, ready: readyIds(world) };
  const pinned = asks?.engines[0];
  if (pinned === undefined || pinned === engine) return null;
  return { kind: 'label_forbids', label: LabelName.parse(`${LABEL_FAMILIES.engine}${pinned}`), remedy: 'remove' };
}
