// Owns doing many small effects in few requests: each mutation under its own alias, with an outcome of its own.
import { Fault } from '../domain/fault.ts';
import type { LabelName } from '../domain/ids.ts';
import type { EffectResult, Log } from '../reconcile/ports.ts';
import type { Client } from './client.ts';
import { learn } from './known.ts';
import type { Known } from './known.ts';
import { labelsQuery, saidOn } from './look-back.ts';
import { mutationsOf, renderBatch, writesContent } from './mutations.ts';
import type { BatchedEffect, Mutation } from './mutations.ts';

export interface BatchOptions {
  readonly client: Client;
  readonly known: Known;
  readonly log: Log;
}

/** Larger documents time out more often, and a timeout leaves some of it done. */
const ALIASES_MAX = 20;

/** Labels are created before anything that uses them; the rest keeps the plan's order. */
export async function applyBatched(
  options: BatchOptions,
  effects: readonly BatchedEffect[],
): Promise<readonly EffectResult[]> {
  const creating = effects.filter(({ kind }) => kind === 'ensure_labels');
  const using = effects.filter(({ kind }) => kind !== 'ensure_labels');
  const made = await applyPhase(options, creating);
  await learnLabels(
    options,
    using.flatMap((effect) => (effect.kind === 'set_labels' ? effect.add : [])),
  );
  return [...made, ...(await applyPhase(options, using))];
}

/** A label that exists already, or that somebody made a moment ago, was not created by us: its id is asked for. */
export async function learnLabels(
  { client, known }: Pick<BatchOptions, 'client' | 'known'>,
  names: readonly LabelName[],
): Promise<void> {
  const unknown = [...new Set(names)].filter((name) => !known.labels.has(name.toLowerCase()));
  if (unknown.length === 0) return;
  try {
    const { document, values } = labelsQuery(unknown);
    const { data } = await client.query(document, { owner: client.owner, name: client.repo, ...values });
    learn(known, data['repository']);
  } catch (error) {
    // The effects that need them then say so; all others go on.
    if (!(error instanceof Fault)) throw error;
  }
}

interface Step {
  readonly effect: BatchedEffect;
  readonly mutation: Mutation;
}

async function applyPhase(options: BatchOptions, effects: readonly BatchedEffect[]): Promise<readonly EffectResult[]> {
  const planned = effects.map((effect) => ({ effect, plan: mutationsOf(effect, options.known) }));
  const steps = planned.flatMap(({ effect, plan }) => plan.mutations.map((mutation): Step => ({ effect, mutation })));
  const whys = new Map<BatchedEffect, string>();
  for (let at = 0; at < steps.length; at += ALIASES_MAX) {
    for (const [{ effect }, why] of await send(options, steps.slice(at, at + ALIASES_MAX))) whys.set(effect, why);
  }
  return planned.map(({ effect, plan }): EffectResult => {
    const why = whys.get(effect) ?? plan.impossible;
    if (why !== null) return { effect, result: 'failed', why };
    return { effect, result: plan.mutations.length === 0 ? 'already' : 'done', why: null };
  });
}

type Failures = ReadonlyMap<Step, string>;

/** One request. What an unclear ending left open is read, and only what is not there is sent once more. */
async function send(options: BatchOptions, steps: readonly Step[]): Promise<Failures> {
  try {
    return await sendOnce(options, steps);
  } catch (error) {
    if (!(error instanceof Fault) || !error.ambiguous) return allFailed(steps, error);
    options.log.info(`${error.reason}; looking what it did`);
    return sendRest(options, steps);
  }
}

async function sendRest(options: BatchOptions, steps: readonly Step[]): Promise<Failures> {
  try {
    const open = await notYetThere(options.client, steps);
    return open.length === 0 ? new Map() : await sendOnce(options, open);
  } catch (error) {
    return allFailed(steps, error);
  }
}

function allFailed(steps: readonly Step[], error: unknown): Failures {
  const why = error instanceof Fault ? error.message : String(error);
  return new Map(steps.map((step) => [step, why]));
}

async function sendOnce({ client, known }: BatchOptions, steps: readonly Step[]): Promise<Failures> {
  const mutations = steps.map(({ mutation }) => mutation);
  const { document, variables } = renderBatch(mutations);
  const { data, errors } = await client.mutate(document, variables, mutations.filter(writesContent).length);
  for (const value of Object.values(data)) learn(known, value);
  const told = new Map(errors.map(({ path, message }) => [String(path[0] ?? ''), message]));
  return new Map(
    steps.flatMap((step, i): [Step, string][] => {
      const alias = `m${i}`;
      const why = told.get(alias) ?? (data[alias] == null ? (told.get('') ?? 'GitHub did not say why') : null);
      return why === null || isAlreadySo(why) ? [] : [[step, why]];
    }),
  );
}

/** A label that somebody created meanwhile is as good as one we created. */
function isAlreadySo(message: string): boolean {
  return /already.*(?:exists|been taken)/i.test(message);
}

/** Everything but a new comment may be done twice without harm. */
async function notYetThere(client: Client, steps: readonly Step[]): Promise<readonly Step[]> {
  const subjects = new Set(steps.flatMap(({ mutation }) => mutation.comments_on ?? []));
  if (subjects.size === 0) return steps;
  const { said } = await saidOn(client, [...subjects]);
  return steps.filter(({ mutation: { comments_on, input } }) => {
    const { body } = input;
    if (comments_on === null || typeof body !== 'string') return true;
    return said.get(comments_on)?.some((other) => keyOf(other) === keyOf(body)) !== true;
  });
}

/** Our marker says which comment it is; the text around it may come back with other line ends. */
function keyOf(body: string): string {
  return /<!-- orch:\w+ v1 .* -->/.exec(body)?.[0] ?? body.replaceAll('\r\n', '\n').trim();
}
