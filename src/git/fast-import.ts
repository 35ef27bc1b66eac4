// Owns making commits with one process: a stream for `git fast-import`, the new object ids back.
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { epochMs } from '../domain/instant.ts';
import { CommitSha } from '../domain/ids.ts';
import type { Instant } from '../domain/ids.ts';
import { bugFault } from '../domain/fault.ts';
import type { Git } from './git.ts';

/** The identity GitHub shows for what Actions does; `41898282` is the id of its bot. */
export const IDENTITY = 'github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com>';

export interface ImportedCommit {
  readonly parent: CommitSha | null;
  readonly at: Instant;
  readonly message: string;
  /** An existing tree, or files to put on top of the parent's tree; neither keeps the parent's tree. */
  readonly tree?: string;
  readonly files?: readonly { readonly path: string; readonly content: string }[];
}

/** In order; commit n of the answer is commit n of the question. */
export async function importCommits(git: Git, commits: readonly ImportedCommit[]): Promise<readonly CommitSha[]> {
  const marks = path.join(git.dir, 'orch-marks');
  const stream = Buffer.concat(commits.map((commit, i) => Buffer.from(renderCommit(commit, i + 1))));
  await git.run(['fast-import', '--quiet', '--force', '--date-format=raw', `--export-marks=${marks}`], {
    input: stream,
  });
  const lines = (await readFile(marks, 'utf8')).split('\n').filter((line) => line !== '');
  await rm(marks, { force: true });
  const by_mark = new Map(lines.map((line) => [line.split(' ')[0], line.split(' ')[1]]));
  return commits.map((_, i) => shaOf(by_mark.get(`:${i + 1}`)));
}

function renderCommit({ parent, at, message, tree, files }: ImportedCommit, mark: number): string {
  const seconds = Math.floor(epochMs(at) / 1000);
  return [
    `commit refs/orch-new/${mark}\n`,
    `mark :${mark}\n`,
    `committer ${IDENTITY} ${seconds} +0000\n`,
    renderData(message),
    ...(parent === null ? [] : [`from ${parent}\n`]),
    ...(tree === undefined ? [] : ['deleteall\n', `M 040000 ${tree} ""\n`]),
    ...(files ?? []).map(({ path: file, content }) => `M 100644 inline ${file}\n${renderData(content)}`),
    '\n',
  ].join('');
}

function renderData(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

function shaOf(text: string | undefined): CommitSha {
  const parsed = CommitSha.safeParse(text);
  if (parsed.success) return parsed.data;
  throw bugFault({
    title: 'git fast-import lost a commit',
    cause: `no object id for a commit that was written (${text ?? 'nothing'})`,
    remedy: 'Please report this with the run link.',
  });
}
