// Owns workflow runs, their jobs and tokens, and dispatches.
import { Refused } from './state.ts';
import type { Actor, Job, Run } from './state.ts';
import { BOT } from './world.ts';
import type { World } from './world.ts';

/** An installation's token lives for an hour. */
const APP_TOKEN_MS = 60 * 60 * 1000;
/** GitHub Actions is an App too. */
const ACTIONS_APP_ID = 15_368;
const SIGNATURE_BYTES = 256;

/** `ghs_<app id>_<JWT>`, some 470 characters with dots in them: whoever looks for 36 letters and digits misses it. */
function installationToken(world: World, app: number): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = part({ alg: 'RS256', typ: 'JWT' });
  const claims = part({ iss: 'github', jti: world.options.random_hex(16) });
  const signature = Buffer.from(world.options.random_hex(SIGNATURE_BYTES), 'hex').toString('base64url');
  return `ghs_${app}_${head}.${claims}.${signature}`;
}

export function openRun(
  world: World,
  ask: { readonly event: string; readonly actor: string; readonly title: string },
): Run {
  const at = world.now();
  const run: Run = {
    id: world.id() * 1000,
    event: ask.event,
    actor: world.person(ask.actor),
    title: ask.title,
    status: 'in_progress',
    conclusion: null,
    created_at: at,
    updated_at: at,
  };
  world.runs.set(run.id, run);
  return run;
}

export function closeRun(world: World, id: number, conclusion: string): void {
  const run = world.runs.get(id);
  if (run === undefined) return;
  run.status = 'completed';
  run.conclusion = conclusion;
  run.updated_at = world.now();
}

export function deleteRun(world: World, id: number): void {
  world.runs.delete(id);
  for (const job of world.jobs.values()) if (job.run === id) world.jobs.delete(job.id);
}

export function openJob(world: World, ask: { readonly run: number; readonly name: string }): Job {
  const job: Job = {
    id: world.id(),
    run: ask.run,
    name: ask.name,
    status: 'queued',
    conclusion: null,
    created_at: world.now(),
    started_at: null,
    completed_at: null,
  };
  world.jobs.set(job.id, job);
  return job;
}

export function startJob(world: World, id: number): void {
  const job = world.jobs.get(id);
  if (job === undefined) return;
  job.status = 'in_progress';
  job.started_at = world.now();
}

export function closeJob(world: World, id: number, conclusion: string): void {
  const job = world.jobs.get(id);
  if (job === undefined) return;
  job.status = 'completed';
  job.conclusion = conclusion;
  job.completed_at = world.now();
  for (const [token, { actor }] of world.tokens) if (actor.job?.job === id) world.tokens.delete(token);
}

/** A `GITHUB_TOKEN`: acts as the bot, reaches exactly what the job was given, dies with it. */
export function issueJobToken(
  world: World,
  job: { readonly run: number; readonly job: number; readonly permissions: Readonly<Record<string, string>> },
): string {
  const token = installationToken(world, ACTIONS_APP_ID);
  const permissions = Object.fromEntries(Object.entries({ metadata: 'read', ...job.permissions }));
  const actor: Actor = { person: BOT, job: { run: job.run, job: job.job }, kind: 'job', permissions };
  return world.addToken(token, { actor, expires_at_ms: null });
}

export function issueUserToken(world: World, login: string): string {
  const token = `ghp_${world.options.random_hex(18)}`;
  return world.addToken(token, { actor: world.as(login), expires_at_ms: null });
}

export function issueAppToken(world: World, permissions: Readonly<Record<string, string>>): string {
  if (world.app === null) throw new Refused(404, 'Not Found');
  const token = installationToken(world, world.app.id);
  const person = world.person(world.app.login);
  return world.addToken(token, {
    actor: { person, job: null, kind: 'app', permissions },
    expires_at_ms: world.options.now_ms() + APP_TOKEN_MS,
  });
}

export interface Dispatch {
  readonly workflow: string;
  readonly ref: string;
  readonly inputs: Readonly<Record<string, string>>;
}

const PAYLOAD_CHARS_MAX = 65_535;

/** Always raises an event, whoever asks: the one thing a job's own token may start. */
export function dispatchWorkflow(world: World, actor: Actor, { workflow, ref, inputs }: Dispatch): void {
  const branch = ref.replace(/^refs\/heads\//, '');
  if (world.git.resolve(`refs/heads/${branch}`) === null) throw new Refused(422, `No ref found for: ${ref}`);
  if (JSON.stringify(inputs).length > PAYLOAD_CHARS_MAX) throw new Refused(422, 'inputs are too large.');
  checkInputs(world, workflow, inputs);
  world.emit('workflow_dispatch', actor, { inputs, workflow, ref: `refs/heads/${branch}` });
}

/** A world that was told of no workflow takes every dispatch. */
function checkInputs(world: World, workflow: string, inputs: Readonly<Record<string, string>>): void {
  if (world.workflows.size === 0) return;
  const known = world.workflows.get(workflow.replace(/^.*\//, ''));
  if (known === undefined) throw new Refused(404, 'Not Found');
  const unexpected = Object.keys(inputs).filter((name) => !known.has(name));
  if (unexpected.length > 0) throw new Refused(422, `Unexpected inputs provided: ${JSON.stringify(unexpected)}`);
  for (const [name, { required, options }] of known) {
    const value = inputs[name];
    if (required && value === undefined) throw new Refused(422, `Required input '${name}' not provided`);
    if (options === null || value === undefined || options.includes(value)) continue;
    throw new Refused(422, `Provided value '${value}' for input '${name}' not in the list of allowed values`);
  }
}

const EVENT_TYPE_CHARS_MAX = 100;
const PAYLOAD_KEYS_MAX = 10;

export function dispatchRepository(
  world: World,
  actor: Actor,
  event_type: string,
  client_payload: Readonly<Record<string, unknown>>,
): void {
  const keys = Object.keys(client_payload).length;
  if (event_type === '' || event_type.length > EVENT_TYPE_CHARS_MAX)
    throw new Refused(422, 'Invalid request.\n\nevent_type is too long or empty.');
  if (keys > PAYLOAD_KEYS_MAX)
    throw new Refused(
      422,
      `Invalid request.\n\nNo more than ${PAYLOAD_KEYS_MAX} properties are allowed; ${keys} were supplied.`,
    );
  if (JSON.stringify(client_payload).length > PAYLOAD_CHARS_MAX) throw new Refused(422, 'client_payload is too large.');
  world.emit('repository_dispatch', actor, { action: event_type, client_payload });
}
