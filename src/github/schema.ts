// Owns the shapes of GitHub's answers, as far as they are read.
import { z } from 'zod';
import { sha256 } from '../domain/digest.ts';
import {
  BranchName,
  CommentId,
  CommitSha,
  Instant,
  IssueNumber,
  LabelName,
  Login,
  NodeId,
  PrNumber,
} from '../domain/ids.ts';
import { remembering } from '../domain/remembering.ts';
import { parseMarker } from '../wire/marker.ts';
import { Label } from './known.ts';

/** Logins compare without case. */
const LoginText = z.string().toLowerCase().pipe(Login);
const Actor = z.object({ __typename: z.string().optional(), login: LoginText }).nullable();

const nodesOf = <Schema extends z.ZodType>(schema: Schema) => z.object({ nodes: z.array(schema.nullable()) });

export const Pull = z.object({
  id: NodeId,
  number: PrNumber,
  state: z.enum(['OPEN', 'CLOSED', 'MERGED']),
  isDraft: z.boolean(),
  /** From a fork, whose branches may have any name, ours included. */
  isCrossRepository: z.boolean(),
  headRefName: z.string(),
  headRefOid: CommitSha,
  baseRefName: BranchName,
  changedFiles: z.number(),
  closedAt: Instant.nullable(),
  reviewDecision: z.enum(['APPROVED', 'CHANGES_REQUESTED', 'REVIEW_REQUIRED']).nullable(),
  mergedBy: Actor,
});
export type Pull = z.infer<typeof Pull>;

const TimelineItem = z.discriminatedUnion('__typename', [
  z.object({
    __typename: z.literal('LabeledEvent'),
    createdAt: Instant,
    actor: Actor,
    label: z.object({ name: LabelName }),
  }),
  z.object({ __typename: z.literal('ReopenedEvent'), createdAt: Instant, actor: Actor }),
]);

const Remembered = z.object({
  task: z.string(),
  attempts: z.number().int().nonnegative(),
  pr: PrNumber.nullable(),
});

const REMEMBERED_CHARS_MAX = 1_000_000;
const memoryIn = remembering(
  (body: string) => Remembered.safeParse(parseMarker('state', body)).data ?? null,
  REMEMBERED_CHARS_MAX,
);

/** The text is let go as it is read: twenty a task, ten thousand tasks. What it remembers is only ours to say. */
export const StateComment = z
  .object({ id: NodeId, viewerDidAuthor: z.boolean(), body: z.string(), author: Actor, editor: Actor })
  .transform(({ body, ...comment }) => ({
    ...comment,
    digest: sha256(body),
    memory: comment.viewerDidAuthor ? memoryIn(body) : null,
  }));
export type StateComment = z.infer<typeof StateComment>;

/** It is shown to people as GitHub writes it. */
const Home = z.object({ nameWithOwner: z.string().regex(/^[\w.-]+\/[\w.-]+$/) });

const Related = z.object({
  number: IssueNumber,
  title: z.string(),
  state: z.enum(['OPEN', 'CLOSED']),
  repository: Home.optional(),
});
export type Related = z.infer<typeof Related>;

export const Task = z.object({
  id: NodeId,
  number: IssueNumber,
  title: z.string(),
  body: z.string(),
  state: z.enum(['OPEN', 'CLOSED']),
  stateReason: z.string().nullable(),
  createdAt: Instant,
  updatedAt: Instant,
  author: Actor,
  labels: nodesOf(Label).nullable(),
  milestone: z.object({ title: z.string(), state: z.enum(['OPEN', 'CLOSED']), dueOn: Instant.nullable() }).nullable(),
  timelineItems: nodesOf(TimelineItem),
  comments: nodesOf(StateComment).extend({ totalCount: z.number() }),
  closedByPullRequestsReferences: nodesOf(Pull).nullable(),
  blockedBy: nodesOf(Related).nullish(),
  subIssues: nodesOf(Related).nullish(),
  parent: z.object({ number: IssueNumber, repository: Home.optional() }).nullish(),
  repository: Home.optional(),
  thread: z
    .object({
      totalCount: z.number(),
      nodes: z.array(
        z.object({ body: z.string(), createdAt: Instant, authorAssociation: z.string(), author: Actor }).nullable(),
      ),
    })
    .optional(),
});
export type Task = z.infer<typeof Task>;

/** What stands where a task is looked for; whether it is one is said by its own shape, one by one. */
export const Subject = z.object({ __typename: z.string(), number: z.number().optional() });

/** A pull request; the branch of one of this repository may name a task. */
export const NamedPull = z.object({
  __typename: z.literal('PullRequest'),
  id: NodeId,
  headRefName: z.string(),
  isCrossRepository: z.boolean(),
});

export const Page = z.object({
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  nodes: z.array(z.unknown()),
});
export type Page = z.infer<typeof Page>;

export const Repository = z
  .object({
    id: NodeId,
    url: z.string(),
    defaultBranchRef: z.object({ name: BranchName, target: z.object({ oid: CommitSha }) }).nullable(),
    policy: z.looseObject({ text: z.string().nullish() }).nullable(),
    named: z.unknown().optional(),
    issues: Page,
  })
  .loose();

export const Observed = z.object({
  rateLimit: z.object({ cost: z.number(), remaining: z.number(), limit: z.number() }).nullish(),
  repository: Repository,
  nodes: z.array(z.unknown()).optional(),
});
export type Observed = z.infer<typeof Observed>;

export const Heads = z.object({ nodes: z.array(Pull.nullable()) });

/** Counts of the kinds Orch gives; who gave them would cost a request each. */
const Receipts = z.object({ '+1': z.number(), confused: z.number(), rocket: z.number(), eyes: z.number() });

export const Comments = z.array(
  z.object({
    id: CommentId,
    node_id: NodeId,
    body: z.string().nullish(),
    created_at: Instant,
    updated_at: Instant,
    issue_url: z.string(),
    reactions: Receipts.nullish(),
    user: z.object({ login: LoginText, type: z.string() }).nullish(),
  }),
);

export const Permission = z.object({ permission: z.string(), role_name: z.string().optional() });

export const Jobs = z.object({
  jobs: z.array(z.object({ name: z.string(), status: z.string(), conclusion: z.string().nullable() })),
});

export const Run = z.object({ status: z.string().nullable() });

const PolicyFile = z.looseObject({ text: z.string().nullish() }).nullish();

export const PolicyHistory = z.object({
  repository: z.object({
    defaultBranchRef: z
      .object({
        target: z.object({
          history: z.object({
            nodes: z.array(z.object({ oid: CommitSha, file: z.object({ object: PolicyFile }).nullish() }).nullable()),
          }),
        }),
      })
      .nullable(),
  }),
});

export const PolicyOf = z.object({ repository: z.object({ policy: PolicyFile }).nullable() });
