// Owns what a person may ask for, through whichever door: a comment, a dispatch, a label.
import { z } from 'zod';
import { Instant, IssueNumber, ModelName } from './ids.ts';
import type { CommentId, Login, NodeId, RunId, TaskId } from './ids.ts';
import { JobName } from './job.ts';
import type { PRIORITIES } from './label.ts';
import { Complexity, EngineId, TASK_STATES } from './task.ts';
import type { Role } from './task.ts';

/** In the order people are shown them. */
export const VERBS = [
  'start',
  'assign',
  'route',
  'retry',
  'reroute',
  'skip',
  'unskip',
  'cancel',
  'hold',
  'block',
  'unblock',
  'priority',
  'say',
  'complete',
  'publish',
  'import',
  'export',
  'ask',
  'refresh',
  'pause',
  'resume',
  'job',
  'set',
  'why',
  'status',
  'queue',
  'settings',
  'help',
] as const;
export const Verb = z.enum(VERBS);
export type Verb = z.infer<typeof Verb>;

/** Why a command was not obeyed; each has its sentence in wire/notices.ts. */
export const Refusal = z.enum([
  'not_permitted', // the speaker's role is too weak
  'unknown_verb', // not in the grammar
  'unknown_engine',
  'unknown_words', // a known verb whose words are missing or make no sense
  'edited', // nobody knows whose words a comment holds that was written anew
  'too_long', // more words than the verb can carry
  'past_day', // `until` a day that has begun
  'not_a_task', // the issue is not in the queue
  'nothing_to_cancel',
  'already_running',
  'already_done',
  'label_forbids', // a label a person set (or took away) says no
  'not_skipped', // neither skipped nor held by a word
  'not_blocked', // nobody blocked it by a word
  'has_issue', // only a task without an issue can be given one
  'unknown_job', // not in the configuration
  'job_running', // its last run is not over
  'job_off', // the configuration itself switches it off
  'wrong_schedule', // no cron expression, or no time zone
  'wrong_setting', // the configuration would not be one
  'already_set', // the configuration says so already
  'given_up', // no pull request came of it within a day
  'not_imported', // the file, or where its tasks would go
]);
export type Refusal = z.infer<typeof Refusal>;

/** Longest guidance, most issues and longest prompt one command can carry. */
export const SAY_CHARS_MAX = 900;
export const ISSUES_MAX = 10;
export const ASK_CHARS_MAX = 4_000;
export const TEXT_CHARS_MAX = { say: SAY_CHARS_MAX, ask: ASK_CHARS_MAX, job: SAY_CHARS_MAX } as const;
export type TextVerb = keyof typeof TEXT_CHARS_MAX;

export const PRIORITY_NAMES = [
  'critical',
  'high',
  'medium',
  'low',
] as const satisfies readonly (keyof typeof PRIORITIES)[];
const PriorityName = z.enum(PRIORITY_NAMES);

const Issues = z.array(IssueNumber).max(ISSUES_MAX).readonly();
const until = Instant.nullable().default(null);
const engine = EngineId.nullable();
const model = ModelName.nullable();
const bare = <Name extends Verb>(verb: Name) => z.object({ verb: z.literal(verb) });

/** Tasks of one state, or those that issues, jobs of the configuration, or prompts brought. */
export const QueuePart = z.enum([...TASK_STATES, 'issues', 'jobs', 'prompts']);
export type QueuePart = z.infer<typeof QueuePart>;

/** With dots between its levels. */
const SettingKey = z
  .string()
  .max(100)
  .regex(/^[a-z][\w-]*(?:\.[a-z][\w-]*){0,3}$/i);

/** Of a file of the repository: an epic document, or lines of JSON. */
export const ImportPath = z
  .string()
  .max(200)
  .regex(/^(?!.*(?:^|\/)(?:\.\.?)?\/)[^\s"'`“”\\:*?<>|#]+\.(?:md|jsonl)$/i);

/** As it was said; whether it is a schedule is for the answer to tell. */
const schedule = {
  cron: z
    .string()
    .max(200)
    .regex(/^[^\s"'`“”]+(?: [^\s"'`“”]+)*$/),
  timezone: z
    .string()
    .max(100)
    .regex(/^[^\s"'`“”]+$/),
};
const ofJob = <Action extends string>(action: Action) =>
  z.object({ verb: z.literal('job'), action: z.literal(action), name: JobName });

/** Of the scheduled jobs. */
const JobCommand = z.discriminatedUnion('action', [
  z.object({ verb: z.literal('job'), action: z.literal('list'), name: z.null() }),
  ofJob('enable'),
  ofJob('disable'),
  ofJob('run'),
  ofJob('remove'),
  z.object({
    verb: z.literal('job'),
    action: z.literal('add'),
    name: JobName,
    ...schedule,
    role: z.enum(['task', 'audit']),
    prompt: z.string().min(1).max(SAY_CHARS_MAX),
  }),
  /** Changes nothing: when would it run? */
  z.object({ verb: z.literal('job'), action: z.literal('check'), ...schedule }),
]);

/** What the grammar understood, whole: this is what a journal keeps. */
export const Command = z.discriminatedUnion('verb', [
  /** `all`: every task that is in line. */
  z.object({ verb: z.literal('start'), all: z.literal(true).optional() }),
  z.object({ verb: z.literal('assign'), engine: EngineId, model }),
  /** Chooses anew before the next attempt, without a fresh budget. */
  z.object({ verb: z.literal('route'), complexity: Complexity.nullable() }),
  z.object({ verb: z.literal('retry'), engine, model }),
  /** A retry that does not stay with its engine. */
  z.object({ verb: z.literal('reroute'), engine, model }),
  z.object({ verb: z.literal('skip'), until }),
  bare('unskip'),
  bare('cancel'),
  z.object({ verb: z.literal('hold'), until }),
  /** `on`: what it waits for, in the person's eyes; a note, since only a word ends it. */
  z.object({ verb: z.literal('block'), on: Issues }),
  /** `of`: these issues alone; empty: all of this task's. `all`: every task that a word blocks. */
  z.object({ verb: z.literal('unblock'), of: Issues, all: z.boolean() }),
  /** null: what labels say counts again. */
  z.object({ verb: z.literal('priority'), level: PriorityName.nullable() }),
  z.object({ verb: z.literal('say'), text: z.string().min(1).max(SAY_CHARS_MAX) }),
  bare('complete'),
  /** Makes an issue of a task that has none. */
  bare('publish'),
  bare('export'),
  /** Makes issues of the tasks that a file of the repository tells of. */
  z.object({ verb: z.literal('import'), path: ImportPath }),
  /** A task of its own, without an issue. */
  z.object({ verb: z.literal('ask'), text: z.string().min(1).max(ASK_CHARS_MAX) }),
  bare('refresh'),
  bare('pause'),
  bare('resume'),
  JobCommand,
  /** A proposal: the configuration is a file. */
  z.object({
    verb: z.literal('set'),
    key: SettingKey,
    value: z.string().min(1).max(300),
  }),
  bare('why'),
  bare('status'),
  /** null: all that is open. */
  z.object({ verb: z.literal('queue'), of: QueuePart.nullable().default(null) }),
  /** null: those of the queue. */
  z.object({ verb: z.literal('settings'), key: SettingKey.nullable().default(null) }),
  bare('help'),
]);
export type Command = z.infer<typeof Command>;

/** Words that reach every task they concern, wherever they are said; null: this one is to one task. */
export function saidToAllTasks(command: Command): 'start' | 'unblock' | null {
  return (command.verb === 'start' || command.verb === 'unblock') && command.all === true ? command.verb : null;
}

export type ParsedCommand =
  | { readonly kind: 'command'; readonly command: Command }
  /** `word`: the one not understood; with `unknown_words` the verb whose words they are. */
  | {
      readonly kind: 'unknown';
      readonly word: string;
      readonly refusal: 'unknown_verb' | 'unknown_engine' | 'unknown_words';
    }
  | TooLong;

export interface TooLong {
  readonly kind: 'unknown';
  readonly word: TextVerb;
  readonly refusal: 'too_long';
  readonly chars: number;
}

/** A part of what was said is not what was said: it is refused whole. null: it fits. */
export function tooLong(verb: TextVerb, { length }: string): TooLong | null {
  return length > TEXT_CHARS_MAX[verb] ? { kind: 'unknown', word: verb, refusal: 'too_long', chars: length } : null;
}

/** What the mention was followed by: words that are no verb. Guidance where a task is, a task of its own elsewhere. */
export interface FreeWords {
  readonly kind: 'free';
  readonly text: string;
}

/** A command as it stands in a comment; only created comments count, edits do not speak. */
export interface SpokenCommand {
  readonly comment: CommentId;
  readonly comment_node: NodeId;
  /** A receipt stands under it; true as well where GitHub does not say. */
  readonly answered: boolean;
  /** The issue or pull request the comment stands under. */
  readonly issue: IssueNumber;
  readonly by: Login;
  readonly by_bot: boolean;
  readonly at: Instant;
  /** Its text is another one since, and anybody who may write may have changed it: nothing it says is obeyed. */
  readonly edited?: true;
  readonly parsed: ParsedCommand | FreeWords;
  /** Commands to the same task behind it in the comment, in order: they are heard together or not at all. */
  readonly more?: readonly ParsedCommand[];
  /** Commands of the comment that are not heeded; absent: none. */
  readonly unheeded?: number;
}

/** What a `workflow_dispatch` or `repository_dispatch` asked, kept in `refs/orch/inbox/<run>` until obeyed. */
export interface InboxEntry {
  readonly run: RunId;
  readonly by: Login;
  readonly at: Instant;
  readonly ask:
    /** `at_home`: nobody named the issue; the file was imported there before. */
    | { readonly kind: 'command'; readonly issue: IssueNumber; readonly command: Command; readonly at_home?: true }
    /** To an internal task; null: to the whole repository. */
    | { readonly kind: 'word'; readonly task: TaskId | null; readonly command: Command }
    | {
        readonly kind: 'prompt';
        readonly title: string;
        readonly prompt: string;
        readonly engine: EngineId | null;
        readonly model: ModelName | null;
        readonly role: Role;
      };
}

const TITLE_CHARS_MAX = 100;

/** Of a task that was asked for in plain words: their first line. */
export function promptTitle(prompt: string): string {
  const line = prompt.trim().split('\n')[0] ?? '';
  return Array.from(line).slice(0, TITLE_CHARS_MAX).join('') || 'Untitled';
}
