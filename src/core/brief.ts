// Owns the brief's content: what an attempt is told, with who said it and how far they are trusted.
import type { Brief, Passage, PastAttempt } from '../domain/brief.ts';
import type { StartOrder } from '../domain/decision.ts';
import type { BranchName, Instant, Login } from '../domain/ids.ts';
import type { TaskJournal } from '../domain/journal.ts';
import type { IssueFacts, TaskFacts } from '../domain/snapshot.ts';
import { atLeast } from '../domain/task.ts';
import { isGuidanceAlone } from './guidance.ts';
import { roleOf } from './world.ts';
import type { World } from './world.ts';

/** Earlier attempts an engine is told of; older ones say nothing new. */
const PAST_MAX = 5;
/** Shown where GitHub no longer knows who wrote something. */
const GHOST = 'ghost';
const KNOWN_ASSOCIATIONS: ReadonlySet<string> = new Set(['MEMBER', 'COLLABORATOR', 'CONTRIBUTOR']);

export interface BriefAbout {
  readonly facts: TaskFacts;
  readonly journal: TaskJournal;
  readonly order: StartOrder;
  readonly branch: BranchName;
}

export function buildBrief({ facts, journal, order, branch }: BriefAbout, world: World): Brief {
  const { snapshot, policy } = world;
  const { owner, name, url, default_branch } = snapshot.repository;
  return {
    version: 1,
    task: facts.id,
    attempt: order.attempt,
    run: snapshot.run.run,
    role: order.role,
    engine: order.engine,
    plain: journal.asked?.command !== undefined,
    model: order.model,
    complexity: order.route.complexity,
    profile: order.route.profile,
    repository: { owner, name, url, default_branch },
    base: order.base,
    branch,
    continues: order.continues,
    issue: facts.issue === null ? null : aboutIssue(facts.issue, journal, world),
    asked: askedPassage(facts, journal, world),
    thread: [...threadOf(facts, journal, world), ...notesOf(journal, world)],
    thread_cut: facts.details?.thread_cut ?? false,
    relations: (facts.issue?.dependencies ?? []).map(({ issue, title, open }) => ({
      issue,
      title,
      open,
      relation: 'depends_on',
    })),
    past: pastOf(journal),
    timeout_minutes: order.timeout_minutes,
    silence_minutes_max: policy.silence_minutes_max,
    setup: policy.setup,
    verify: policy.verify,
    verify_rounds_max: policy.verify_rounds_max,
    required_tools: policy.required_tools,
    registry_hosts: policy.registry_hosts,
    sandbox: policy.sandbox,
    gate: policy.gate,
    pull_request: policy.pull_request,
    auto_close: policy.auto_close,
  };
}

function aboutIssue(issue: IssueFacts, { admitted }: TaskJournal, world: World): NonNullable<Brief['issue']> {
  const { number, title, author, created_at, body } = issue;
  // Whoever let the task in had the intake permission; their own text is as trusted as their label.
  const let_in = author !== null && admitted?.by === author && atLeast(world.policy.intake.permission, 'write');
  const trust = let_in ? 'trusted' : trustOf(author, '', world);
  const passage: Passage = { by: author ?? GHOST, trust, at: created_at, text: body };
  return { number, title, url: `${world.snapshot.repository.url}/issues/${number}`, body: passage };
}

/**
 * GitHub starts a dispatch only for somebody with write access, and a job stands in the configuration. A comment, after
 * which its task is named, is judged as `/orch say` is.
 */
function askedPassage({ id }: TaskFacts, { asked }: TaskJournal, world: World): Passage | null {
  if (asked === null) return null;
  const { by, at, title, prompt, run, job } = asked;
  const judged = job !== undefined || id === `i${run}` || atLeast(world.policy.commands.ask, 'write');
  return { by, trust: judged ? 'trusted' : trustOf(by, '', world), at, text: `${title}\n\n${prompt}` };
}

/** What people said with `/orch say`, whatever else was cut from the thread; newest last, where it is read best. */
function notesOf({ notes }: TaskJournal, world: World): readonly Passage[] {
  // Whoever may say it was judged when they said it; a policy that lets readers speak makes nobody trusted.
  const judged = atLeast(world.policy.commands.say, 'write');
  return notes.map(({ by, at, text }) => ({ by, trust: judged ? 'trusted' : trustOf(by, '', world), at, text }));
}

/** A comment that was guidance alone stands there as guidance, once; whatever else it says stays in the thread. */
function threadOf({ details }: TaskFacts, { notes }: TaskJournal, world: World): readonly Passage[] {
  const thread = (details?.thread ?? []).filter(({ by, at, body }) => {
    const texts = notes.filter((note) => note.by === by && note.at === at).map(({ text }) => text);
    return texts.length === 0 || !isGuidanceAlone(body, { texts, mention: world.policy.mention });
  });
  return thread.map(({ by, association, at, body }): Passage => passageOf({ by, association, at, text: body }, world));
}

interface Words {
  readonly by: Login | null;
  readonly association: string;
  readonly at: Instant;
  readonly text: string;
}

function passageOf({ by, association, at, text }: Words, world: World): Passage {
  return { by: by ?? GHOST, trust: trustOf(by, association, world), at, text };
}

/** The permission decides. Of the associations only `OWNER` implies write access; the others tell who is known. */
function trustOf(by: Login | null, association: string, world: World): Passage['trust'] {
  if (atLeast(roleOf(world, by), 'write') || association.toUpperCase() === 'OWNER') return 'trusted';
  return KNOWN_ASSOCIATIONS.has(association.toUpperCase()) ? 'known' : 'stranger';
}

function pastOf({ attempts }: TaskJournal): readonly PastAttempt[] {
  const settled = attempts.flatMap(({ number, claim, settled: ending }): PastAttempt[] =>
    ending === null
      ? []
      : [{ number, engine: claim.engine, outcome: ending.outcome, detail: ending.detail, summary: ending.summary }],
  );
  return settled.slice(-PAST_MAX);
}
