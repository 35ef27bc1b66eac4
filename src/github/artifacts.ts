// Owns artifacts of the run: the only importer of `@actions/artifact`, which reconcile loads only when it starts a leg.
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { retryFault } from '../domain/fault.ts';
import { sha256 } from '../domain/digest.ts';
import type { ArtifactId, Digest } from '../domain/ids.ts';
import type { Brief } from '../domain/brief.ts';
import { renderAttemptId } from '../wire/attempt-id.ts';
import { renderBrief } from '../wire/brief.ts';
import { EXPORT_NAME } from '../wire/import-text.ts';
import type { Briefs } from '../reconcile/ports.ts';

export const BRIEF_FILE = 'brief.json';
const BRIEF_BYTES_MAX = 4 * 1024 * 1024;

export interface UploadedArtifact {
  readonly artifact_id: number;
  /** SHA-256 of the artifact as GitHub stored it. */
  readonly sha256: string;
}

/** Files below `root`, as one immutable artifact of this run. */
export async function uploadFolder(ask: {
  readonly name: string;
  readonly root: string;
  readonly files: readonly string[];
  readonly retention_days?: number;
}): Promise<UploadedArtifact> {
  const { DefaultArtifactClient } = await import('@actions/artifact');
  const options = ask.retention_days === undefined ? {} : { retentionDays: ask.retention_days };
  const { id, digest } = await new DefaultArtifactClient().uploadArtifact(ask.name, [...ask.files], ask.root, options);
  if (id === undefined || digest === undefined) throw incomplete(ask.name);
  return { artifact_id: id, sha256: digest.replace(/^sha256:/, '') };
}

/** Into an empty folder; `digest_matches` is false when the bytes are not the ones that were named. */
export async function downloadInto(ask: {
  readonly artifact: ArtifactId;
  readonly sha256: Digest | null;
  readonly folder: string;
}): Promise<{ readonly digest_matches: boolean }> {
  const { DefaultArtifactClient } = await import('@actions/artifact');
  await mkdir(ask.folder, { recursive: true });
  const expected = ask.sha256 === null ? {} : { expectedHash: `sha256:${ask.sha256}` };
  const { digestMismatch } = await new DefaultArtifactClient().downloadArtifact(ask.artifact, {
    path: ask.folder,
    ...expected,
  });
  return { digest_matches: digestMismatch !== true };
}

export function createBriefs(temp: string): Briefs {
  return {
    freeze: async (brief: Brief) => {
      const root = await mkdtemp(path.join(temp, 'brief-'));
      try {
        const text = renderBrief(brief);
        await writeFile(path.join(root, BRIEF_FILE), text);
        const name = `orch-brief-${renderAttemptId(brief)}`;
        const { artifact_id } = await uploadFolder({ name, root, files: [path.join(root, BRIEF_FILE)] });
        return { artifact_id, sha256: sha256(text) };
      } finally {
        await rm(root, { recursive: true, force: true });
      }
    },
  };
}

const EXPORT_DAYS = 30;

/** The queue as a file of this run. */
export function createKeep(temp: string): (text: string) => Promise<void> {
  return async (text) => {
    const root = await mkdtemp(path.join(temp, 'export-'));
    try {
      const file = path.join(root, `${EXPORT_NAME}.jsonl`);
      await writeFile(file, text);
      await uploadFolder({ name: EXPORT_NAME, root, files: [file], retention_days: EXPORT_DAYS });
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  };
}

/** Text of the brief; its digest is checked by whoever holds the claim. */
export async function readBriefText(artifact: ArtifactId, temp: string): Promise<string> {
  const folder = await mkdtemp(path.join(temp, 'brief-'));
  try {
    await downloadInto({ artifact, sha256: null, folder }).catch(asFault);
    const file = path.join(folder, BRIEF_FILE);
    const { size } = await stat(file);
    if (size > BRIEF_BYTES_MAX) throw incomplete(BRIEF_FILE);
    return await readFile(file, 'utf8');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** GitHub's toolkit says no more than a status, and its stack tells nobody what to do. */
function asFault(error: unknown): never {
  throw retryFault({
    title: 'The brief of this attempt cannot be read',
    cause: `its artifact is gone or cannot be reached: ${error instanceof Error ? error.message : String(error)}`,
    remedy: 'Nothing to do: the next tick settles this attempt without charging it and starts another one.',
  });
}

function incomplete(name: string) {
  return retryFault({
    title: 'An artifact could not be stored or read',
    cause: `${name}: GitHub's answer was incomplete`,
    remedy: 'The next attempt tries again.',
  });
}
