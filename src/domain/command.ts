// Owns what a person may ask for, through whichever door: a comment, a dispatch, a label.
import { z } from 'zod';
import type { CommentId, Instant, IssueNumber, Login, ModelName, NodeId, RunId } from './ids.ts';
import type { EngineId, Role } from './task.ts';

export const Verb = z.enum(['retry', 'skip', 'cancel', 'why', 'help']);
export type Verb = z.infer<typeof Verb>;

/** Why a command was not obeyed; each has its sentence in wire/notices.ts. */
export const Refusal = z.enum([
  'not_permitted', // the speaker's role is too weak
  'unknown_verb', // not in the grammar
  'unknown_engine',
  'not_a_task', // the issue is not in the queue
  'nothing_to_cancel',
  'already_running',
  'already_done',
  'label_forbids', // a label a person set (or took away) says no
]);
export type Refusal = z.infer<typeof Refusal>;

/** What the grammar understood; `unknown` keeps the word for the answer. */
export type Command =
  | { readonly verb: 'retry'; readonly engine: EngineId | null; readonly model: ModelName | null }
  | { readonly verb: 'skip' }
  | { readonly verb: 'cancel' }
  | { readonly verb: 'why' }
  | { readonly verb: 'help' };

export type ParsedCommand =
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'unknown'; readonly word: string; readonly refusal: 'unknown_verb' | 'unknown_engine' };

/** A command as spoken in a comment; only created comments count, edits do not speak. */
export interface SpokenCommand {
  readonly comment: CommentId;
  readonly comment_node: NodeId;
  /** The issue or pull request the comment stands under. */
  readonly issue: IssueNumber;
  readonly by: Login;
  readonly by_bot: boolean;
  readonly at: Instant;
  readonly parsed: ParsedCommand;
}

/** What a `workflow_dispatch` or `repository_dispatch` asked, kept in `refs/orch/inbox/<run>` until obeyed. */
export interface InboxEntry {
  readonly run: RunId;
  readonly by: Login;
  readonly at: Instant;
  readonly ask:
    | { readonly kind: 'command'; readonly issue: IssueNumber; readonly command: Command }
    | {
        readonly kind: 'prompt';
        readonly title: string;
        readonly prompt: string;
        readonly engine: EngineId | null;
        readonly model: ModelName | null;
        readonly role: Role;
      };
}
