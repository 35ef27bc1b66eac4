// Owns a repository with many tasks at rest: one is brought to rest by the bundle, the others are made in its image.
import { execFileSync } from 'node:child_process';
import { sha256 } from '../../src/domain/digest.ts';
import type { Stage } from '../../src/local/demo/stage.ts';
import type { Comment, Issue } from '../../src/local/model/state.ts';
import { ALICE } from './place.ts';

/** Long ago: nothing of the crowd counts as changed. */
const BORN = '2026-01-05T08:00:00Z';

export interface Crowd {
  /** Tasks there are now, the pattern included. */
  size(): number;
  growTo(size: number): void;
}

interface Pattern {
  readonly issue: Issue;
  readonly comment: Comment;
  readonly message: string;
}

/** All wait for one open issue, which is the costliest rest: each is read again and again until that is closed. */
export async function gatherCrowd(stage: Stage): Promise<Crowd> {
  const { world, repository } = stage.github;
  const awaited = world.openIssue(ALICE, 'What all wait for');
  const issue = world.openIssue(ALICE, 'Wait with the others');
  world.block(issue.number, awaited.number);
  world.label(ALICE, issue.number, 'agent-todo');
  await stage.runner.idle();
  const comment = [...world.comments.values()].find((each) => each.issue === issue.number);
  if (comment === undefined) throw new Error('the first task was not shown');
  const message = repository.git('log', '-1', '--format=%B', `refs/orch/task/${issue.number}`);
  const pattern: Pattern = { issue, comment, message };
  let size = 1;
  return {
    size: () => size,
    growTo: (wanted) => {
      const born = Array.from({ length: wanted - size }, () => bear(stage, pattern));
      writeJournals(repository.directory, born);
      size = wanted;
    },
  };
}

interface Born {
  readonly number: number;
  readonly message: string;
}

function bear({ github: { world } }: Stage, { issue, comment, message }: Pattern): Born {
  const number = world.nextNumber();
  const id = world.id();
  const old = (event: Issue['events'][number]) => ({ ...event, at: BORN });
  world.issues.set(number, {
    ...issue,
    id,
    number,
    created_at: BORN,
    updated_at: BORN,
    labels: [...issue.labels],
    events: issue.events.map(old),
    blocked_by: [...issue.blocked_by],
    sub_issues: [],
  });
  const body = comment.body
    .replaceAll(`#${issue.number} `, `#${number} `)
    .replaceAll(`"task":"${issue.number}"`, `"task":"${number}"`);
  const own: Comment = {
    ...comment,
    id: world.id(),
    issue: number,
    body,
    created_at: BORN,
    updated_at: BORN,
    reactions: new Map(),
  };
  world.comments.set(own.id, own);
  world.comments_by_issue.set(number, new Set([own]));
  const lines = message
    .replaceAll(`"I_${issue.number}"`, `"I_${number}"`)
    .replace(sha256(comment.body), sha256(body))
    .replaceAll(/"at":"[^"]+"/g, `"at":"${BORN}"`);
  return { number, message: `${lines.trimEnd()}\n` };
}

function writeJournals(git_dir: string, born: readonly Born[]): void {
  const at = Math.floor(Date.parse(BORN) / 1000);
  const commits = born.map(({ number, message }) => {
    const bytes = Buffer.byteLength(message);
    return `commit refs/orch/task/${number}\ncommitter Orch <orch@users.noreply.github.com> ${at} +0000\ndata ${bytes}\n${message}\n`;
  });
  execFileSync('git', ['fast-import', '--quiet'], { cwd: git_dir, input: commits.join('') });
  execFileSync('git', ['pack-refs', '--all'], { cwd: git_dir });
}
