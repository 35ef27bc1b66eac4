// Owns the rows about getting to work: from a job's start to a running engine, and one more folder on the same runner.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { BranchName, CommitSha } from '../../src/domain/ids.ts';
import { openGit } from '../../src/git/git.ts';
import type { Git } from '../../src/git/git.ts';
import { fetchStart, openWorkspace } from '../../src/git/workspace.ts';
import type { Stage } from '../../src/local/demo/stage.ts';
import { ALICE, openPlace } from './place.ts';
import { median, ms, times } from './row.ts';
import type { Row } from './row.ts';

const FILE_BYTES = 4_500;
const FILES_PER_FOLDER = 50;
const FILES_PER_COMMIT = 500;
/** 1.7 s for a repository that plain git takes 1.16 s for, and 0.6 s for a work tree that it takes 0.48 s for. */
const START_MAX_RATIO = 1.47;
const WORKTREE_MAX_RATIO = 1.25;
const WORKTREES_AT_ONCE = 16;
/** A disk under load makes new files ten times slower from one second to the next; sandboxed jobs must stay on it, though. */
const MEMORY = '/dev/shm';

const exec = promisify(execFile);

export interface CheckoutAsk {
  readonly files: number;
  readonly samples: number;
}

export async function measureCheckout({ files, samples }: CheckoutAsk): Promise<readonly Row[]> {
  const jobs = new Map<string, number>();
  const stage = await openPlace({ onJob: ({ job, state }) => void (state === 'started' && jobs.set(job, Date.now())) });
  const folder = mkdtempSync(path.join(tmpdir(), 'orch-checkout-'));
  const memory = mkdtempSync(path.join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'orch-worktrees-'));
  try {
    fill(stage, files);
    const token = stage.github.world.issueToken({ kind: 'pat', login: ALICE });
    const plain: number[] = [];
    const ours: number[] = [];
    for (let i = 0; i < samples; i += 1) {
      plain.push(await plainGit(stage, token, path.join(folder, `plain-${i}`)));
      ours.push(await untilEngineRuns(stage, jobs, `Tell the time ${i}`));
    }
    return [
      startRow({ files, plain_ms: median(plain), ours_ms: median(ours) }),
      await worktreeRow(stage, token, memory),
    ];
  } finally {
    await stage.close();
    for (const made of [folder, memory]) rmSync(made, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Text that hardly compresses, as the sum of a real repository's files hardly does. */
function fill({ github: { repository } }: Stage, files: number): void {
  repository.commitFiles(
    'main',
    { 'tools/agent.mjs': readFileSync(path.join(import.meta.dirname, 'clock-agent.mjs'), 'utf8') },
    'Tell the time',
  );
  for (let from = 0; from < files; from += FILES_PER_COMMIT) {
    const some = Array.from({ length: Math.min(FILES_PER_COMMIT, files - from) }, (_, i): [string, string] => {
      const at = from + i;
      return [
        `src/part-${Math.floor(at / FILES_PER_FOLDER)}/file-${at}.txt`,
        randomBytes(FILE_BYTES).toString('base64'),
      ];
    });
    repository.commitFiles('main', Object.fromEntries(some), 'More');
  }
  repository.git('repack', '-adq');
}

function gitEnvironment({ github }: Stage, token: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `http.${github.server_url}/.extraheader`,
    GIT_CONFIG_VALUE_0: `AUTHORIZATION: basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`,
  };
}

/** What anybody would type: `git init`, `git fetch --depth=1`, `git checkout`. Milliseconds. */
async function plainGit(stage: Stage, token: string, folder: string): Promise<number> {
  const env = gitEnvironment(stage, token);
  const url = `${stage.github.server_url}/${stage.github.world.full_name}.git`;
  const started_ms = performance.now();
  await exec('git', ['init', '--quiet', folder], { env });
  await exec('git', ['fetch', '--quiet', '--no-tags', '--depth=1', url, 'main'], { cwd: folder, env });
  await exec('git', ['checkout', '--quiet', '--detach', 'FETCH_HEAD'], { cwd: folder, env });
  return performance.now() - started_ms;
}

/** Milliseconds from the attempt job's start to the first line of the engine, Node's own start in between. */
async function untilEngineRuns(
  { github: { world, repository }, runner }: Stage,
  jobs: Map<string, number>,
  title: string,
): Promise<number> {
  jobs.clear();
  const issue = world.openIssue(ALICE, title);
  world.label(ALICE, issue.number, 'agent-todo');
  await runner.idle();
  const job = [...jobs].find(([name]) => name.endsWith('/ attempt'));
  const pull = [...world.issues.values()].findLast((each) => each.pull !== null)?.pull;
  const told = pull == null ? null : repository.readFile(`refs/heads/${pull.head_ref}`, 'started-at.txt');
  if (job === undefined || told === null) throw new Error(`the engine never told the time for #${issue.number}`);
  return Number(told) - job[1];
}

function startRow({
  files,
  plain_ms,
  ours_ms,
}: {
  readonly files: number;
  readonly plain_ms: number;
  readonly ours_ms: number;
}): Row {
  return {
    what: `job start → engine running (${files.toLocaleString('en-US')} files, depth 1)`,
    budget: '≤ 1.7 s where plain git takes 1.16 s: ≤ 1.5 ×',
    measured: `${ms(ours_ms)} = ${times(ours_ms, plain_ms)} plain git (${ms(plain_ms)})`,
    met: ours_ms / plain_ms <= START_MAX_RATIO,
    figures: { ours_ms, plain_git_ms: plain_ms },
  };
}

async function worktreeRow(stage: Stage, token: string, folder: string): Promise<Row> {
  const start = CommitSha.parse(stage.github.repository.resolve('refs/heads/main'));
  const git = await openGit(path.join(folder, 'ours.git'), {
    url: `${stage.github.server_url}/${stage.github.world.full_name}.git`,
    token,
  });
  await fetchStart(git, start);
  const place = { git, start, folder };
  const one_ms = median([
    await timed(() => lay(place, 'a')),
    await timed(() => lay(place, 'b')),
    await timed(() => lay(place, 'c')),
  ]);
  const plain_ms = median([
    await plainWorktree(place, 'p'),
    await plainWorktree(place, 'q'),
    await plainWorktree(place, 'r'),
  ]);
  let made = 0;
  const all_ms = await timed(async () => {
    const laid = await Promise.allSettled(Array.from({ length: WORKTREES_AT_ONCE }, (_, i) => lay(place, `many-${i}`)));
    made = laid.filter(
      ({ status }, i) => status === 'fulfilled' && existsSync(path.join(folder, `many-${i}`, 'README.md')),
    ).length;
  });
  return {
    what: 'one more worktree on the same runner',
    budget: '≤ 0.6 s where `git worktree add` takes 0.48 s: ≤ 1.3 ×; 16 in parallel, 0 failures',
    measured: `${ms(one_ms)} = ${times(one_ms, plain_ms)} \`git worktree add\` (${ms(plain_ms)}); ${made} of ${WORKTREES_AT_ONCE} in parallel in ${ms(all_ms)}`,
    met: one_ms / plain_ms <= WORKTREE_MAX_RATIO && made === WORKTREES_AT_ONCE,
    figures: { one_ms, plain_git_ms: plain_ms, failures: WORKTREES_AT_ONCE - made, sixteen_ms: all_ms },
  };
}

interface Laid {
  readonly git: Git;
  readonly start: CommitSha;
  readonly folder: string;
}

async function lay({ git, start, folder }: Laid, name: string): Promise<void> {
  await openWorkspace({
    git,
    folder: path.join(folder, name),
    index: path.join(folder, `${name}.index`),
    start,
    branch: BranchName.parse(`orch/1-${name}`),
  });
}

async function plainWorktree({ git, start, folder }: Laid, name: string): Promise<number> {
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent' };
  return timed(async () => {
    await exec(
      'git',
      [`--git-dir=${git.dir}`, 'worktree', 'add', '--quiet', '--no-track', '-b', name, path.join(folder, name), start],
      { env },
    );
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started_ms = performance.now();
  await work();
  return performance.now() - started_ms;
}
