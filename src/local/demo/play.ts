// Owns the play: seeds the repository, lets people act, runs until every task has settled, and reads what came of it.
import { foldJournal } from '../../domain/fold-journal.ts';
import type { TaskJournal } from '../../domain/journal.ts';
import { parseJournalMessage } from '../../wire/journal-record.ts';
import { TASK_PREFIX } from '../../wire/refs.ts';
import { addDependency, addLabel, openIssue } from '../model/issues.ts';
import { mergePull } from '../model/pulls.ts';
import type { Issue } from '../model/state.ts';
import { scriptedAgent } from './stage.ts';
import type { Stage } from './stage.ts';
import { seedFiles, SEED_ISSUES } from './seed.ts';
import type { SeedConfig } from './seed.ts';

export interface DemoTask {
  readonly number: number;
  readonly title: string;
  readonly status: string;
  readonly engine: string | null;
  readonly model: string | null;
  readonly complexity: string | null;
  readonly attempts: readonly { readonly number: number; readonly outcome: string; readonly seconds: number }[];
  readonly branch: string | null;
  readonly pr: { readonly number: number; readonly state: string; readonly files: number } | null;
}

export interface DemoResult {
  readonly tasks: readonly DemoTask[];
  readonly requests: { readonly rest: number; readonly graphql: number; readonly git: number; readonly writes: number };
  readonly seconds: number;
}

export const OWNER = 'acme';
export const PEOPLE = { maintainer: 'alice', stranger: 'mallory' } as const;

/** Cron comes when nothing else does; a settled world needs none, a stuck one stops the demo after this many. */
const CRON_TICKS_MAX = 6;
const SETTLED = new Set(['done', 'needs_review', 'archived', 'skipped']);
const REVIEW_MS = 400;

export async function play(stage: Stage, config: SeedConfig, now_ms: () => number): Promise<DemoResult> {
  const { world, repository } = stage.github;
  const started_ms = now_ms();
  world.grant(OWNER, 'admin');
  world.grant(PEOPLE.maintainer, 'write');
  world.grant(PEOPLE.stranger, 'triage');
  repository.commitFiles('main', seedFiles(config, scriptedAgent()), 'Start the shop');
  const reviews = reviewWhatOpens(stage);
  const issues = openSeedIssues(stage);
  // at most CRON_TICKS_MAX rounds
  for (let cron = 0; ; cron += 1) {
    await restOf(stage, reviews);
    if (cron >= CRON_TICKS_MAX || issues.every((issue) => SETTLED.has(statusOf(issue)))) break;
    world.emit('schedule', world.as('github'), {});
  }
  return resultOf(stage, issues, (now_ms() - started_ms) / 1_000);
}

function openSeedIssues({ github: { world } }: Stage): readonly Issue[] {
  const maintainer = world.as(PEOPLE.maintainer);
  const opened = SEED_ISSUES.map(({ title, body, labels }) => openIssue(world, maintainer, { title, body, labels }));
  for (const [at, { depends_on }] of SEED_ISSUES.entries()) {
    const [issue, blocker] = [opened[at], opened[depends_on ?? -1]];
    if (issue !== undefined && blocker !== undefined) addDependency(world, issue, blocker);
  }
  for (const [at, { labelled_by }] of SEED_ISSUES.entries()) {
    const issue = opened[at];
    if (issue !== undefined)
      addLabel(world, labelled_by === 'stranger' ? world.as(PEOPLE.stranger) : maintainer, issue, 'agent-todo');
  }
  return opened;
}

/** A maintainer who reads fast: whatever opens is merged a moment later. */
function reviewWhatOpens({ github: { world } }: Stage): Set<Promise<void>> {
  const reviews = new Set<Promise<void>>();
  world.onEvent(({ name, payload }) => {
    if (name !== 'pull_request' || payload['action'] !== 'opened') return;
    const number = Number(payload['number']);
    const review = new Promise<void>((resolve) => {
      setTimeout(() => {
        mergePull(world, world.as(PEOPLE.maintainer), world.issue(number), { method: 'merge' });
        resolve();
      }, REVIEW_MS);
    }).finally(() => reviews.delete(review));
    reviews.add(review);
  });
  return reviews;
}

const ROUNDS_MAX = 1_000;

async function restOf({ runner }: Stage, reviews: ReadonlySet<Promise<void>>): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    await runner.idle();
    if (reviews.size === 0) return;
    await Promise.all(reviews);
  }
}

export function statusOf(issue: Issue): string {
  return issue.labels.find((label) => label.startsWith('status:'))?.slice('status:'.length) ?? 'unseen';
}

function resultOf(stage: Stage, issues: readonly Issue[], seconds: number): DemoResult {
  const { rest, graphql, git, mutating } = stage.github.door.count();
  return {
    tasks: issues.map((issue) => taskOf(stage, issue)),
    requests: { rest, graphql, git, writes: mutating },
    seconds: Math.round(seconds * 10) / 10,
  };
}

function taskOf(stage: Stage, issue: Issue): DemoTask {
  const { world, repository } = stage.github;
  const journal = readJournal(stage, issue.number);
  const branch = journal?.attempts.at(-1)?.claim.branch ?? null;
  const pull =
    [...world.issues.values()].findLast((other) => branch !== null && other.pull?.head_ref === branch) ?? null;
  return {
    number: issue.number,
    title: issue.title,
    status: statusOf(issue),
    engine: journal?.route?.engine ?? null,
    model: journal?.route?.model ?? null,
    complexity: journal?.route?.complexity ?? null,
    attempts: (journal?.attempts ?? []).map(({ number, settled }) => ({
      number,
      outcome: settled?.outcome ?? 'running',
      seconds: settled?.seconds ?? 0,
    })),
    branch,
    pr:
      pull?.pull == null
        ? null
        : {
            number: pull.number,
            state: pull.pull.merged_at === null ? pull.state : 'merged',
            files: repository.changedFiles(pull.pull.base_sha, pull.pull.head_sha),
          },
  };
}

/** Read from the bare repository, as anybody could: the journal is the truth, not what the demo saw happen. */
export function readJournal(
  { github: { repository } }: Pick<Stage, 'github'>,
  task: number | string,
): TaskJournal | null {
  const ref = `${TASK_PREFIX}${task}`;
  if (repository.resolve(ref) === null) return null;
  const messages = repository.git('log', '--reverse', '--format=%B%x00', ref).split('\0');
  return foldJournal(messages.flatMap((message) => parseJournalMessage(message.trimStart())));
}
