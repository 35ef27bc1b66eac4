// Owns proposing a change of one file: a commit on a branch of its own and a pull request, made once.
import { z } from 'zod';
import type { Patch } from '../domain/effect.ts';
import { Fault } from '../domain/fault.ts';
import { CommitSha } from '../domain/ids.ts';
import type { Client } from './client.ts';
import { readAs } from './faults.ts';
import { findPull, openPull } from './pulls.ts';
import type { PullAnswer } from './pulls.ts';

const Named = z.object({ sha: CommitSha });
const Commit = z.object({ tree: z.object({ sha: CommitSha }) });

/**
 * Rare, so that a look beforehand costs nothing worth saving. A branch without a pull request is what a tick left that
 * died in between, or what somebody closed: its name says what it holds, so it is made anew on top of today's files.
 */
export async function proposeChange(client: Client, patch: Patch): Promise<PullAnswer> {
  const found = await findPull(client, patch.branch);
  if (found !== null) return found;
  await pointBranch(client, patch, await commitOf(client, patch));
  const { branch, base, title, body } = patch;
  return openPull(client, { branch, base, title, body, draft: false, reviewers: [] });
}

async function commitOf(client: Client, { base_sha, path, text, title }: Patch): Promise<CommitSha> {
  const { data: base } = await client.get('GET /repos/{owner}/{repo}/git/commits/{commit_sha}', {
    commit_sha: base_sha,
  });
  const { data: tree } = await client.send('POST /repos/{owner}/{repo}/git/trees', {
    base_tree: readAs(Commit, base, { what: 'GET commits' }).tree.sha,
    tree: [{ path, mode: '100644', type: 'blob', content: text }],
  });
  const { data: commit } = await client.send('POST /repos/{owner}/{repo}/git/commits', {
    message: `${title}\n`,
    tree: readAs(Named, tree, { what: 'POST trees' }).sha,
    parents: [base_sha],
  });
  return readAs(Named, commit, { what: 'POST commits' }).sha;
}

async function pointBranch(client: Client, { branch }: Patch, sha: CommitSha): Promise<void> {
  try {
    await client.send('POST /repos/{owner}/{repo}/git/refs', { ref: `refs/heads/${branch}`, sha });
  } catch (error) {
    if (!(error instanceof Fault) || !/already exists/i.test(error.reason)) throw error;
    await client.send('PATCH /repos/{owner}/{repo}/git/refs/{ref}', { ref: `heads/${branch}`, sha, force: true });
  }
}
