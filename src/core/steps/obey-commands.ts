// Owns obeying people: the label that lets a task in, and what was said in comments and dispatches. Each word counts once.
import { promptTitle } from '../../domain/command.ts';
import type { Command, InboxEntry, ParsedCommand, Refusal, Verb } from '../../domain/command.ts';
import type { Answer } from '../../domain/decision.ts';
import type { Instant, Login, RunId } from '../../domain/ids.ts';
import { isBefore, plusMinutes } from '../../domain/instant.ts';
import { toldKey } from '../../domain/fold-journal.ts';
import type { Commanded } from '../../domain/journal.ts';
import type { AnswerTo, RefusalNotice } from '../../domain/notice.ts';
import { spokenWords } from '../../domain/spoken.ts';
import { atLeast } from '../../domain/task.ts';
import type { RoleName } from '../../domain/task.ts';
import { reaches } from '../../domain/word-to-all.ts';
import { isTask, record } from '../draft.ts';
import type { Draft } from '../draft.ts';
import type { Addressed } from '../addressees.ts';
import { roomRecordOf, sayOf } from '../command-effects.ts';
import type { JobBeginning } from '../jobs.ts';
import { judge, STARTS } from '../judge-command.ts';
import { dispatchRole, intakeEvent, mayAdmit, OUTSIDE_ROLE } from '../permissions.ts';
import { untrustedLabel } from '../stop-signs.ts';
import { files } from './file-findings.ts';
import { roleOf } from '../world.ts';
import type { World } from '../world.ts';

/** One command, through whichever door it came. */
export interface Utterance {
  readonly by: Login;
  readonly at: Instant;
  readonly from: Commanded['from'];
  readonly to: AnswerTo | null;
  readonly answered: boolean;
  readonly parsed: ParsedCommand;
  /** Behind it in the same comment. */
  readonly more?: readonly ParsedCommand[] | undefined;
  readonly unheeded?: number | undefined;
  readonly edited?: true | undefined;
  /** Said to all tasks, and not to this one. */
  readonly elsewhere?: true | undefined;
  readonly role: RoleName;
  readonly heard_at: Instant;
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

/** What its configuration asks, under the name that the room has given it. */
export function askedByJob(draft: Draft, [asked, ...found]: JobBeginning): Draft {
  if (draft.journal.asked !== null || asked.job === undefined) return draft;
  const begun = record(draft, [asked], { kind: 'scheduled', job: asked.job.name, slot: asked.job.slot });
  return found.reduce(files, begun);
}

export function hearComment(world: World, spoken: Addressed['spoken']): Utterance {
  const { by, at, comment, comment_node, issue, parsed, more, answered, unheeded, edited } = spoken;
  const to = { comment, comment_node, issue };
  const heard = { role: roleOf(world, by), heard_at: world.snapshot.at };
  if (edited === true) return { by, at, from: { comment }, to, parsed, answered, edited, ...heard };
  return { by, at, from: { comment }, to, parsed, more, answered, unheeded, ...heard };
}

export function hearDispatch(
  world: World,
  { by, at, run }: Pick<InboxEntry, 'by' | 'at' | 'run'>,
  command: Command,
): Utterance {
  return {
    by,
    at,
    from: { run },
    to: null,
    answered: true,
    parsed: { kind: 'command', command },
    role: dispatchRole(world, by),
    heard_at: at,
  };
}

/** A later word is judged in the light of the earlier ones. */
export function obey(draft: Draft, utterances: readonly Utterance[], world: World): Draft {
  return utterances.reduce((so_far, utterance) => obeyOne(so_far, utterance, world), draft);
}

/** What is said to all tasks concerns those it reaches by now. */
export function concerns(utterance: Utterance, { journal }: Draft): boolean {
  return utterance.elsewhere !== true || reaches(utterance, journal);
}

/** What the journal does not know of yet. */
export function unheard(draft: Draft, utterances: readonly Utterance[]): readonly Utterance[] {
  return utterances.filter((utterance) => !isHandled(draft, utterance));
}

function isHandled({ journal }: Draft, { from }: Utterance): boolean {
  if ('comment' in from) return journal.handled_comments.has(from.comment);
  return 'run' in from && journal.handled_runs.has(from.run);
}

/**
 * A tick that died after it wrote a command down never showed it: the receipt is given again, which changes nothing
 * where it stands. The words are not: a list that is behind would have them said twice.
 */
export function receipts(draft: Draft, utterances: readonly Utterance[]): Draft {
  const owed = utterances.filter((utterance) => !utterance.answered && isHandled(draft, utterance));
  return owed.flatMap(eachWord).reduce((so_far, utterance) => {
    const { from, parsed, edited } = utterance;
    const refusal = 'comment' in from ? draft.journal.handled_comments.get(from.comment) : null;
    // What was obeyed is not what stands there now: the tick that obeyed it may still thank for it in its own way.
    if (refusal == null && edited === true) return so_far;
    const reaction = refusal == null && parsed.kind === 'command' ? receiptOf(parsed.command) : 'CONFUSED';
    return answered(so_far, utterance, { reaction, say: null });
  }, draft);
}

function receiptOf({ verb }: Command): Answer['reaction'] {
  return STARTS.has(verb) || verb === 'ask' ? 'ROCKET' : 'THUMBS_UP';
}

function obeyOne(draft: Draft, utterance: Utterance, world: World): Draft {
  if (isHandled(draft, utterance) || !concerns(utterance, draft)) return draft;
  if (!isTask(draft) && !mayBeOutside(utterance)) return draft;
  return eachWord(utterance).reduce((so_far, word) => obeyWord(so_far, word, world), draft);
}

/** The commands of one comment, one after the other. */
function eachWord(utterance: Utterance): readonly Utterance[] {
  const { more = [], unheeded, ...said } = utterance;
  if (more.length === 0) return [utterance];
  const words = [utterance.parsed, ...more];
  return words.map((parsed, at) => ({ ...said, parsed, unheeded: at === more.length ? unheeded : undefined }));
}

function obeyWord(draft: Draft, utterance: Utterance, world: World): Draft {
  const refusal = judgeWord(draft, utterance, world);
  return refusal === null ? accepted(draft, utterance, world) : refused(draft, utterance, refusal);
}

const EDITED: RefusalNotice = { kind: 'edited' };
const OF_ITS_OWN: RefusalNotice = { kind: 'unknown_words', verb: 'ask' };

function judgeWord(draft: Draft, utterance: Utterance, world: World): RefusalNotice | null {
  const judged = judge(draft, utterance, world);
  if (judged?.kind === 'not_permitted') return judged; // whoever wrote it
  if (utterance.edited === true) return EDITED;
  // A dispatch that asks is a prompt, with a task of its own; said to a task it would take that one's place.
  const is_dispatched_ask = verbOf(utterance) === 'ask' && 'run' in utterance.from;
  return is_dispatched_ask ? OF_ITS_OWN : judged;
}

/** What was not understood counts as the question what would be. */
function verbOf({ parsed }: Pick<Utterance, 'parsed'>): Verb {
  return parsed.kind === 'command' ? parsed.command.verb : 'help';
}

/** An epic is often no task itself, and a dispatch may name it. */
function mayBeOutside({ to, role, parsed }: Utterance): boolean {
  const is_import = parsed.kind === 'command' && parsed.command.verb === 'import';
  return (to !== null || is_import) && atLeast(role, OUTSIDE_ROLE);
}

function accepted(draft: Draft, utterance: Utterance, world: World): Draft {
  const { parsed, by } = utterance;
  if (parsed.kind === 'unknown') return draft;
  const { command } = parsed;
  const let_in = STARTS.has(command.verb) ? admitByWord(draft, utterance, world) : draft;
  const noted = record(let_in, [commanded(utterance, null)], { kind: 'obeyed', verb: command.verb, by });
  const obeyed = command.verb === 'ask' ? askedInWords(noted, utterance, { text: command.text, world }) : noted;
  return answered({ ...obeyed, room: [...obeyed.room, ...roomRecordOf(utterance, command)] }, utterance, {
    reaction: receiptOf(command),
    say: sayOf(command, world),
    ...unheededBehind(utterance),
  });
}

/** Whoever mentions us where no task is, or says `ask`, has a task of its own made of it. */
function askedInWords(
  draft: Draft,
  { by, at }: Utterance,
  { text, world }: { readonly text: string; readonly world: World },
): Draft {
  const { run } = world.snapshot.run;
  const asked = {
    kind: 'asked',
    at,
    by,
    run,
    title: promptTitle(text),
    prompt: text,
    engine: null,
    model: null,
  } as const;
  return record(draft, [{ ...asked, role: 'code' }], { kind: 'asked', by, run });
}

/** A trusted person's `retry` lets in what a stranger labelled. */
function admitByWord(draft: Draft, { by, at, role }: Utterance, world: World): Draft {
  const { issue } = draft.facts;
  if (issue === null || !mayAdmit(world, role) || untrustedLabel(draft, world) === null) return draft;
  return record(draft, [{ kind: 'admitted', at, by, issue_id: issue.id }], { kind: 'admitted', by });
}

function refused(draft: Draft, utterance: Utterance, refusal: RefusalNotice): Draft {
  const { by } = utterance;
  const refused_record = commanded(utterance, refusal.kind);
  const told = refusal.kind === 'not_permitted' && draft.journal.told.has(toldKey(refused_record));
  const noted = record(draft, [refused_record], { kind: 'refused', by, refusal });
  const say = told ? null : ({ kind: 'refused', refusal } as const);
  return answered(noted, utterance, { reaction: 'CONFUSED', say, ...unheededBehind(utterance) });
}

function unheededBehind({ unheeded }: Utterance): Pick<Answer, 'unheeded'> {
  return unheeded === undefined ? {} : { unheeded };
}

/** A dispatch is answered in the summary of the tick, where refusals stand anyway. */
function answered(
  draft: Draft,
  { to, by, at, from, elsewhere }: Utterance,
  answer: Omit<Answer, 'to' | 'by' | 'at'>,
): Draft {
  if (to !== null) return { ...draft, answers: [...draft.answers, { ...answer, to, by, at }] };
  const { say } = answer;
  if (!('run' in from) || elsewhere === true || say === null || say.kind === 'refused') return draft;
  return { ...draft, told: [...draft.told, { run: from.run, by, say }] };
}

const LATE_MINUTES = 60;

function commanded({ at, by, from, parsed, role, heard_at }: Utterance, refusal: Refusal | null): Commanded {
  const is_late = isBefore(plusMinutes(at, LATE_MINUTES), heard_at);
  const late = is_late ? { heard_at } : {};
  const held = refusal === 'not_permitted' ? { held: role } : {};
  const base = { kind: 'commanded', at, by, from, refused: refusal, ...late, ...held } as const;
  if (parsed.kind === 'unknown') return { ...base, verb: verbOf({ parsed }), engine: null, model: null };
  return { ...base, ...spokenWords(parsed.command), command: parsed.command };
}
