// Owns writing a commit as git itself stores it: a file, and no process. Its id is known before anything is pushed.
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import { CommitSha } from '../domain/ids.ts';
import type { Instant } from '../domain/ids.ts';
import { epochMs } from '../domain/instant.ts';
import { IDENTITY } from './fast-import.ts';
import type { Git } from './git.ts';

/** Every git knows it without having it; a task's journal holds messages and no files. */
export const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

export interface WrittenCommit {
  readonly tree: string;
  readonly parent: CommitSha;
  readonly at: Instant;
  readonly message: string;
}

/** For one or two commits whose trees exist; `importCommits` makes many, and files. */
export async function writeCommit(git: Git, commit: WrittenCommit): Promise<CommitSha> {
  const body = Buffer.from(renderCommit(commit));
  const bytes = Buffer.concat([Buffer.from(`commit ${body.length}\0`), body]);
  const oid = createHash('sha1').update(bytes).digest('hex');
  const folder = path.join(git.dir, 'objects', oid.slice(0, 2));
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, oid.slice(2)), deflateSync(bytes));
  return CommitSha.parse(oid);
}

function renderCommit({ tree, parent, at, message }: WrittenCommit): string {
  const who = `${IDENTITY} ${Math.floor(epochMs(at) / 1000)} +0000`;
  return `tree ${tree}\nparent ${parent}\nauthor ${who}\ncommitter ${who}\n\n${message}`;
}
