// Owns the branded identifiers every other file speaks in, and the constructors that check them.
import { z } from 'zod';

export const IssueNumber = z.number().int().positive().brand<'IssueNumber'>();
export type IssueNumber = z.infer<typeof IssueNumber>;

export const PrNumber = z.number().int().positive().brand<'PrNumber'>();
export type PrNumber = z.infer<typeof PrNumber>;

/** A task is an issue number (`"12"`) or an internal task named after the run that asked for it (`"i9876"`). */
export const TaskId = z
  .string()
  .regex(/^(?:[1-9]\d{0,15}|i[1-9]\d{0,15})$/)
  .brand<'TaskId'>();
export type TaskId = z.infer<typeof TaskId>;

/** Numbered 1, 2, 3 … at the claim and never renumbered. */
export const AttemptNumber = z.number().int().positive().brand<'AttemptNumber'>();
export type AttemptNumber = z.infer<typeof AttemptNumber>;

export const CommitSha = z
  .string()
  .regex(/^[0-9a-f]{40}$/)
  .brand<'CommitSha'>();
export type CommitSha = z.infer<typeof CommitSha>;

export const RunId = z.number().int().positive().brand<'RunId'>();
export type RunId = z.infer<typeof RunId>;

export const ArtifactId = z.number().int().positive().brand<'ArtifactId'>();
export type ArtifactId = z.infer<typeof ArtifactId>;

/** A GitHub login, lower-cased by whoever reads it, since GitHub compares logins without case. */
export const Login = z.string().min(1).max(100).brand<'Login'>();
export type Login = z.infer<typeof Login>;

/** A GraphQL node id; opaque. */
export const NodeId = z.string().min(1).max(200).brand<'NodeId'>();
export type NodeId = z.infer<typeof NodeId>;

/** REST's numeric id of a comment. */
export const CommentId = z.number().int().positive().brand<'CommentId'>();
export type CommentId = z.infer<typeof CommentId>;

export const LabelName = z.string().min(1).max(50).brand<'LabelName'>();
export type LabelName = z.infer<typeof LabelName>;

/** A branch without `refs/heads/`; what git itself would refuse is refused here too. */
export const BranchName = z
  .string()
  .min(1)
  .max(200)
  .regex(/^(?!-)(?!.*(?:\.\.|@\{|\/\/|\.lock$|[\s~^:?*[\\\u0000-\u001f\u007f]))[^/].*[^/.]$|^[A-Za-z0-9]$/)
  .brand<'BranchName'>();
export type BranchName = z.infer<typeof BranchName>;

/** SHA-256 in lower-case hexadecimal. */
export const Digest = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand<'Digest'>();
export type Digest = z.infer<typeof Digest>;

/** UTC, ISO 8601 with seconds or milliseconds and a final `Z`: instants compare as strings only after `epochMs`. */
export const Instant = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/)
  .brand<'Instant'>();
export type Instant = z.infer<typeof Instant>;

export const MODEL_CHARS_MAX = 200;
export const ModelName = z.string().min(1).max(MODEL_CHARS_MAX).brand<'ModelName'>();
export type ModelName = z.infer<typeof ModelName>;
