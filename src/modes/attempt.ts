// Owns mode attempt: wires the attempt to git, sandbox, engines and artifacts. Holds a token that can only read.
import { mkdir, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { saveState } from '@actions/core';
import { runAttempt } from '../agent/attempt/attempt.ts';
import type { AttemptEnd } from '../agent/attempt/attempt.ts';
import { agentEnv } from '../agent/environment.ts';
import { diskFiles } from '../agent/files.ts';
import { findProgram, installEngine } from '../agent/install.ts';
import { LIMITS } from '../agent/ports.ts';
import type { AttemptFolders, AttemptLeg, AttemptPorts, HandInFile } from '../agent/ports.ts';
import { cpuSeconds, endChildren, processMark } from '../agent/process-tree.ts';
import type { Brief } from '../domain/brief.ts';
import { sha256 } from '../domain/digest.ts';
import { bugFault } from '../domain/fault.ts';
import type { Role } from '../domain/task.ts';
import { openGit } from '../git/git.ts';
import { fetchStart, openWorkspace } from '../git/workspace.ts';
import { readBriefText, uploadFolder } from '../github/artifacts.ts';
import { parseLegInputs } from '../input/action-inputs.ts';
import type { LegInputs } from '../input/action-inputs.ts';
import { renderAttemptId } from '../wire/attempt-id.ts';
import type { AttemptId } from '../wire/attempt-id.ts';
import { parseBrief } from '../wire/brief.ts';
import { renderFeedback, renderPrompt, rolePrompt } from '../wire/prompt.ts';
import { redactorFor } from '../wire/redact.ts';
import { leaseWatch } from './attempt-lease.ts';
import { openRoom, prepareRooms } from './attempt-rooms.ts';
import { renderLeft } from './clean-up.ts';
import { connectGit } from './connect.ts';
import type { ModeContext, RunMode } from './context.ts';
import { readTemplate } from './prompts.ts';

/** After a cancel nothing may keep this process alive: the runner counts its seconds. */
const EXIT_AFTER_CANCEL_MS = 300;

export const run: RunMode = async (context) => {
  const inputs = parseLegInputs(context.env);
  if (inputs.engine_key !== null) context.setSecret(inputs.engine_key);
  const places = placesOf(context, inputs);
  await rm(places.folder, { recursive: true, force: true });
  await mkdir(places.folder, { recursive: true });
  saveState('attempt', renderLeft({ folder: places.folder, engine: null }));
  context.log.info(`Task ${inputs.task} · attempt ${inputs.attempt}`);
  const leg: AttemptLeg = { ...inputs, folders: places };
  try {
    await announce(context, await runAttempt(await portsOf(context, inputs, places), leg));
  } finally {
    if (context.signal.aborted) leaveSoon();
  }
};

async function announce(context: ModeContext, end: AttemptEnd): Promise<void> {
  switch (end.kind) {
    case 'not_ours':
      context.setOutput('outcome', 'none');
      context.log.warning(
        'This job does not hold the task any more: nothing was done. A later run has taken over, or a person has.',
      );
      return;
    case 'handed_in':
      context.setOutput('outcome', end.outcome);
      context.setOutput('hand-in-artifact', String(end.artifact));
      context.setOutput('hand-in-sha256', end.sha256);
      context.log.info(`✓ handed in: ${end.outcome}`);
      if (end.outcome !== 'delivered' && end.outcome !== 'no_change')
        context.log.warning(`The attempt ended as ${end.outcome}: ${end.detail}`);
      return context.writeSummary(end.report);
  }
}

/** A fetch or an install that hangs would keep the process; nothing of theirs is wanted any more. */
function leaveSoon(): void {
  endChildren(process.pid);
  setTimeout(() => process.exit(), EXIT_AFTER_CANCEL_MS).unref();
}

interface Places extends AttemptFolders {
  readonly folder: string;
  readonly work: string;
  readonly index: string;
  readonly git: string;
  /** Kept between attempts where the runner keeps files. */
  readonly engines: string;
}

function placesOf({ facts }: ModeContext, { task, attempt }: LegInputs): Places {
  const folder = path.join(facts.temp, 'orch', `${task}-${attempt}`);
  return {
    folder,
    work: path.join(folder, 'work'),
    home: path.join(folder, 'home'),
    out: path.join(folder, 'out'),
    index: path.join(folder, 'index'),
    git: path.join(folder, 'git'),
    engines: path.join(facts.temp, 'orch-engines'),
  };
}

async function portsOf(context: ModeContext, inputs: LegInputs, places: Places): Promise<AttemptPorts> {
  const { facts, clock, log, signal, env } = context;
  const template = (name: string) => readTemplate(context.prompts_dir, name);
  const redactor = redactorFor([facts.token, ...(inputs.engine_key === null ? [] : [inputs.engine_key])]);
  let role: Role = 'code';
  return {
    clock,
    log,
    files: diskFiles,
    signal,
    pause: (ms, until) => delay(ms, undefined, { signal: until }).catch(() => undefined),
    stillOurs: leaseWatch(await connectGit(context), inputs, facts),
    readBrief: async () => {
      const brief = await readBrief(context, inputs);
      role = brief.role;
      return brief;
    },
    openWorkspace: (brief) => layOutFiles(context, places, brief),
    installEngine: (engine, { version }) =>
      installEngine({ engine, version, folder: places.engines, env, platform: process.platform, arch: process.arch }),
    prepareRooms: (brief) => prepareRooms(roomPlaces(context, places), brief),
    openRoom: (brief, rules) => openRoom(roomPlaces(context, places), brief, rules),
    renderPrompt: (brief) =>
      renderPrompt({ rules: template('rules.md'), role: template(rolePrompt(brief.role)) }, brief).text,
    renderFeedback: (failed) => renderFeedback(template('feedback.md'), failed),
    redact: redactor.redact,
    upload: (files) => upload({ ...inputs, role }, places, files),
    engineStarted: (pid) => {
      context.setOutput('started', 'true');
      saveState('attempt', renderLeft({ folder: places.folder, engine: processMark(pid) }));
    },
    hasTool: (name) => findProgram(name, env['PATH'] ?? '') !== null,
    freeBytes: async () => {
      const { bavail, bsize } = await statfs(facts.temp);
      return bavail * bsize;
    },
    cpuSeconds,
    agentEnv: ({ task, attempt, branch }) => agentEnv(env, { task, attempt, branch }),
    limits: limitsOf(context),
  };
}

/** Tests and demos cannot wait half a minute to see a cancel. */
function limitsOf({ env }: ModeContext): AttemptPorts['limits'] {
  return {
    ...LIMITS,
    lease_poll_ms: millisecondsOf(env['ORCH_LEASE_POLL_SECONDS']) ?? LIMITS.lease_poll_ms,
    progress_ms: millisecondsOf(env['ORCH_PROGRESS_SECONDS']) ?? LIMITS.progress_ms,
  };
}

function millisecondsOf(seconds: string | undefined): number | null {
  const value = Number(seconds ?? '');
  return value > 0 ? value * 1000 : null;
}

async function readBrief({ facts }: ModeContext, inputs: LegInputs): Promise<Brief> {
  const text = await readBriefText(inputs.brief_artifact, facts.temp);
  if (sha256(text) === inputs.brief_sha256) return parseBrief(text);
  throw bugFault({
    title: 'The brief is not the one that was claimed',
    cause: 'the SHA-256 of the artifact differs from the one in the claim',
    remedy: 'Somebody replaced an artifact of this run; look at who may.',
  });
}

/** Fetched by its own explicit URL into a repository of its own: the journals stay out of the agent's sight. */
async function layOutFiles(
  { facts }: ModeContext,
  places: Places,
  brief: Brief,
): ReturnType<AttemptPorts['openWorkspace']> {
  const git = await openGit(places.git, {
    url: `${facts.server_url}/${facts.owner}/${facts.repo}.git`,
    token: facts.token,
  });
  const start = brief.continues ?? brief.base;
  await fetchStart(git, start);
  return openWorkspace({ git, folder: places.work, index: places.index, start, branch: brief.branch });
}

function roomPlaces({ env, log, bundle_dir, facts }: ModeContext, places: Places): Parameters<typeof openRoom>[0] {
  return {
    env,
    log,
    bundle_dir,
    temp: facts.temp,
    write_paths: [places.work, places.home],
    read_paths: [path.join(places.git, 'objects')],
  };
}

async function upload(id: AttemptId, places: Places, files: readonly HandInFile[]): ReturnType<AttemptPorts['upload']> {
  const name = `orch-hand-in-${renderAttemptId(id)}`;
  const { artifact_id, sha256: digest } = await uploadFolder({
    name,
    root: places.out,
    files: files.map((file) => file.path),
  });
  return { artifact: artifact_id, sha256: digest };
}
