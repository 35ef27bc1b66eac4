// Owns the choice of engine and model: labels → command → rules → LLM → weighted round robin; never from the clock.
import { ENGINE_DEFAULTS } from '../domain/default-policy.ts';
import type { Instant, ModelName } from '../domain/ids.ts';
import { isBefore } from '../domain/instant.ts';
import type { HoldReason } from '../domain/plan.ts';
import type { EnginePolicy, Policy, RouteRule } from '../domain/policy.ts';
import type { Profile, Route, RouteAnswer, RouteSource } from '../domain/route.ts';
import { sameLabel } from '../domain/label.ts';
import type { Complexity, EngineId } from '../domain/task.ts';
import { engineKey, modelKey } from './cooldowns.ts';
import type { Draft } from './draft.ts';
import { enginesWith } from './model-vendor.ts';
import { filesHinted } from './overlap.ts';
import { engineLimits, enginesToAvoid } from './retry-policy.ts';
import type { Shares } from './shares.ts';
import { readyEngines, readyIds } from './world.ts';
import type { World } from './world.ts';

/** How often each engine was chosen lately: the counter the round robin turns on. */
export type Rotation = ReadonlyMap<string, number>;

export type Choice =
  /** Somebody, a rule or the last attempt decided. */
  | { readonly kind: 'decided'; readonly engine: EnginePolicy; readonly source: RouteSource }
  /** The LLM may say, else the round robin; never empty. */
  | { readonly kind: 'open'; readonly among: readonly EnginePolicy[] }
  /** Every engine that could do it is over its limit. */
  | { readonly kind: 'later'; readonly until: Instant; readonly cooling: readonly EngineId[] }
  | { readonly kind: 'none'; readonly reason: HoldReason };

/** A choice that can become a route. */
export type OpenChoice = Choice & { readonly kind: 'decided' | 'open' };

const NO_PROFILE: Profile = { skills: [], tools: [], constraints: [] };

/** Which engine, as far as it can be said without asking the LLM. */
export function chooseEngine(draft: Draft, world: World): Choice {
  const command = commandEngine(draft.journal);
  if (command !== null) return { kind: 'decided', engine: command, source: 'rule' };
  const limits = allLimits(draft, world);
  const wanted = wantedEngine(draft);
  if (wanted !== null) return onceAllowed(wantedChoice(wanted, world), limits, world);
  const named = enginesNamed(draft, world.policy);
  const among = preferred(freeEngines(named, world), avoided(draft, world.policy));
  const choice = keptChoice(draft, among, named) ?? ruleChoice(draft, named, world) ?? openChoice(draft, among, world);
  return onceAllowed(choice, limits, world);
}

/** Whoever names a model names its vendor, even one that is kept for labels. */
function freeEngines(named: readonly EnginePolicy[], world: World): readonly EnginePolicy[] {
  return readyEngines(world).filter((engine) => (named.length > 0 ? named.includes(engine) : engine.weight > 0));
}

/** By the model that was named: those that have it, ready or not; none, where any will do. */
function enginesNamed(draft: Draft, policy: Policy): readonly EnginePolicy[] {
  const model = modelAsked(draft, policy);
  return model === null ? [] : enginesWith(model, policy);
}

function modelAsked(draft: Draft, policy: Policy): ModelName | null {
  const rule = matchingRule(draft, policy);
  return draft.asks?.models[0] ?? draft.journal.wish.model ?? (rule?.engine == null ? (rule?.model ?? null) : null);
}

/** A job's command runs where an engine would, whatever engines there are: it needs no key and no model. */
export function commandEngine({ asked }: Draft['journal']): EnginePolicy | null {
  return asked?.command === undefined ? null : { ...ENGINE_DEFAULTS.custom, command: asked.command };
}

/** Leaves out engines whose limit is not over; waits for the first of them when none is left. */
function onceAllowed(choice: Choice, limits: ReadonlyMap<EngineId, Instant>, { snapshot }: World): Choice {
  if (choice.kind === 'none' || choice.kind === 'later') return choice;
  const engines = choice.kind === 'open' ? choice.among : [choice.engine];
  const allowed = engines.filter(({ id }) => !isBefore(snapshot.at, limits.get(id) ?? snapshot.at));
  if (allowed.length > 0) return choice.kind === 'open' ? { kind: 'open', among: allowed } : choice;
  const ends = engines.flatMap(({ id }) => limits.get(id) ?? []);
  const until = ends.reduce((first, end) => (isBefore(end, first) ? end : first));
  return { kind: 'later', until, cooling: engines.map(({ id }) => id) };
}

/** Its own limits, and those that other tasks ran into since a person last told it to go on. */
function allLimits(draft: Draft, world: World): ReadonlyMap<EngineId, Instant> {
  const own = engineLimits(draft.journal, world.policy);
  if (world.cooldowns === undefined || world.cooldowns.size === 0) return own;
  const rests = world.policy.engines.flatMap(({ id }): [EngineId, Instant][] => {
    const model = likelyModel(draft, id, world.policy);
    const cooled = [engineKey(id), modelKey(id, model)].flatMap((key) => world.cooldowns?.get(key) ?? []);
    const binding = cooled.filter(({ task, since }) => task !== draft.facts.id && !spokenSince(draft, since));
    const ends = [...binding.map(({ until }) => until), ...(own.has(id) ? [own.get(id) ?? world.snapshot.at] : [])];
    return ends.length === 0 ? [] : [[id, ends.reduce((last, end) => (isBefore(last, end) ? end : last))]];
  });
  return new Map([...own, ...rests]);
}

function spokenSince({ journal: { epoch } }: Draft, since: Instant): boolean {
  return epoch.since !== null && !isBefore(epoch.since, since);
}

/** Before the router is asked: asking for an engine that rests is money for nothing. */
function likelyModel(draft: Draft, engine: EngineId, policy: Policy): ModelName | null {
  const rule = matchingRule(draft, policy);
  const complexity = draft.asks?.complexities[0] ?? draft.journal.route?.complexity ?? rule?.complexity;
  return modelFor(draft, { engine, complexity: complexity ?? 'medium', rule, policy });
}

/** What the endings speak against, and what a person asked to be moved away from. */
function avoided({ journal }: Draft, policy: Policy): ReadonlySet<EngineId> {
  return new Set([...enginesToAvoid(journal, policy), ...(journal.avoid === null ? [] : [journal.avoid])]);
}

interface Wanted {
  readonly engine: EngineId;
  readonly source: 'label' | 'command';
}

function wantedEngine({ asks, journal }: Draft): Wanted | null {
  const label = asks?.engines[0];
  if (label !== undefined) return { engine: label, source: 'label' };
  return journal.wish.engine === null ? null : { engine: journal.wish.engine, source: 'command' };
}

/** A person's word is not replaced by a guess: when that engine cannot run here, they are asked. */
function wantedChoice({ engine, source }: Wanted, world: World): Choice {
  const found = readyEngines(world).find(({ id }) => id === engine);
  return found === undefined ? noEngine(engine, world) : { kind: 'decided', engine: found, source };
}

function noEngine(wanted: EngineId | null, world: World, model: ModelName | null = null): Choice {
  const configured = world.policy.engines.map(({ id }) => id);
  const named = model === null ? {} : { model };
  return { kind: 'none', reason: { kind: 'no_engine', wanted, ...named, configured, ready: readyIds(world) } };
}

function preferred(engines: readonly EnginePolicy[], avoid: ReadonlySet<EngineId>): readonly EnginePolicy[] {
  const others = engines.filter(({ id }) => !avoid.has(id));
  return others.length === 0 ? engines : others;
}

/**
 * A retry stays with its engine unless the last ending said another one might do better. What a person once named and
 * names no more is chosen afresh.
 */
function keptChoice(
  { journal: { route } }: Draft,
  among: readonly EnginePolicy[],
  named: readonly EnginePolicy[],
): Choice | null {
  const engine = among.find(({ id }) => id === route?.engine);
  if (route === null || engine === undefined || route.source === 'label' || route.source === 'command') return null;
  if (route.source === 'model' && named.length === 0) return null;
  return { kind: 'decided', engine, source: route.source };
}

function ruleChoice(draft: Draft, named: readonly EnginePolicy[], world: World): Choice | null {
  const id = matchingRule(draft, world.policy)?.engine ?? null;
  const avoid = avoided(draft, world.policy);
  const engine = readyEngines(world).find((ready) => ready.id === id && (named.length === 0 || named.includes(ready)));
  return engine === undefined || avoid.has(engine.id) ? null : { kind: 'decided', engine, source: 'rule' };
}

/** A model is not tried where nobody has it: it would be refused there until the attempts are spent. */
function openChoice(draft: Draft, among: readonly EnginePolicy[], world: World): Choice {
  if (among.length > 0) return { kind: 'open', among };
  const model = modelAsked(draft, world.policy);
  const [named] = enginesNamed(draft, world.policy);
  return noEngine(named?.id ?? null, world, named === undefined ? null : model);
}

/** The first rule whose conditions all hold gives whatever it sets; later ones are not looked at. */
export function matchingRule(
  { facts, journal }: Pick<Draft, 'facts' | 'journal'>,
  { rules }: Policy,
): RouteRule | null {
  if (rules.length === 0) return null;
  const title = (facts.issue?.title ?? journal.asked?.title ?? '').toLowerCase();
  const body = (facts.issue?.body ?? journal.asked?.prompt ?? '').toLowerCase();
  const labels = facts.issue?.labels ?? [];
  const holds = ({ when }: RouteRule): boolean =>
    when.labels.every((label) => labels.some((held) => sameLabel(held, label))) &&
    saysOneOf(title, when.title_contains) &&
    saysOneOf(body, when.body_contains);
  return rules.find(holds) ?? null;
}

/** None wanted: anything will do. */
function saysOneOf(text: string, wanted: readonly string[]): boolean {
  return wanted.length === 0 || wanted.some((words) => text.includes(words.toLowerCase()));
}

/** True when the LLM is to be asked before the choice can be made. */
export function wantsAnswer(choice: Choice, { answer }: Draft['facts'], policy: Policy): boolean {
  return choice.kind === 'open' && policy.router.mode === 'llm' && answer === null;
}

interface Picked {
  readonly engine: EnginePolicy;
  readonly source: RouteSource;
  readonly answer: Answered | null;
}

type Answered = RouteAnswer & { readonly kind: 'answered' };

/** The whole route; with the choice open, the LLM's answer counts if it is usable, else the rotation turns. */
export function routeFor(
  draft: Draft,
  choice: OpenChoice,
  turn: { readonly world: World; readonly rotation: Rotation },
): Route {
  const { policy } = turn.world;
  const { engine, source, answer } = pick(draft, choice, turn);
  const rule = matchingRule(draft, policy);
  const before = draft.journal.route;
  const complexity =
    draft.asks?.complexities[0] ??
    draft.journal.complexity ??
    before?.complexity ??
    rule?.complexity ??
    answer?.complexity ??
    'medium';
  return {
    engine: engine.id,
    model: modelFor(draft, { engine: engine.id, complexity, rule, policy }),
    complexity,
    role: draft.journal.asked?.role ?? draft.asks?.roles[0] ?? rule?.role ?? 'code',
    source,
    profile: answer?.profile ?? before?.profile ?? NO_PROFILE,
    confidence: answer?.confidence ?? before?.confidence ?? null,
    likely_files: [
      ...new Set([
        ...(answer?.likely_files ?? before?.likely_files ?? []),
        ...filesHinted(draft.facts.issue?.body ?? draft.journal.asked?.prompt ?? ''),
      ]),
    ],
    reason: answer?.reason ?? before?.reason ?? '',
  };
}

function pick(
  draft: Draft,
  choice: OpenChoice,
  { world, rotation }: { readonly world: World; readonly rotation: Rotation },
): Picked {
  if (choice.kind === 'decided') return { engine: choice.engine, source: choice.source, answer: null };
  const answer = usable(draft.facts.answer, world.policy);
  const [only, ...others] = choice.among;
  if (only !== undefined && others.length === 0 && enginesNamed(draft, world.policy).length > 0)
    return { engine: only, source: 'model', answer };
  const named = choice.among.find(({ id }) => id === answer?.engine);
  if (named !== undefined) return { engine: named, source: 'llm', answer };
  if (only !== undefined && others.length === 0) return { engine: only, source: 'only_choice', answer };
  return { engine: nextInRotation(choice.among, rotation, world.shares), source: 'round_robin', answer };
}

/** An unsure answer is no answer; neither its engine nor its complexity is used. */
export function usable(answer: RouteAnswer | null, { router }: Policy): Answered | null {
  return answer?.kind === 'answered' && answer.confidence >= router.confidence_min ? answer : null;
}

/** The engine furthest behind its share; equal shares go in the policy's order. `engines` is never empty. */
export function nextInRotation(engines: readonly EnginePolicy[], rotation: Rotation, shares?: Shares): EnginePolicy {
  const turn = ({ id, weight }: EnginePolicy): number =>
    ((rotation.get(id) ?? 0) + 1) / (weight * (shares?.get(id) ?? 1));
  return engines.reduce((best, engine) => (turn(engine) < turn(best) ? engine : best));
}

interface Modelled {
  readonly engine: EngineId;
  readonly complexity: Complexity;
  readonly rule: RouteRule | null;
  readonly policy: Policy;
}

/** null: the engine's own default. */
function modelFor({ asks, journal }: Draft, { engine, complexity, rule, policy }: Modelled): ModelName | null {
  return asks?.models[0] ?? journal.wish.model ?? rule?.model ?? policy.model_map[complexity][engine] ?? null;
}
