// Owns Apply: every effect done once, in the plan's order; one task's failure is never another's.
import type { KeepExport } from '../domain/effect.ts';
import { Fault, unreachable } from '../domain/fault.ts';
import type { Apply, Clock, EffectResult, Log, VisibleEffect } from '../reconcile/ports.ts';
import { applyBatched } from './batch.ts';
import type { Client } from './client.ts';
import { importTasks, tellImport } from './imports.ts';
import { createIssue, fileFinding } from './issues.ts';
import { sendHook } from './dispatch.ts';
import type { Known } from './known.ts';
import type { BatchedEffect } from './mutations.ts';
import { proposeChange } from './propose.ts';
import { openPull } from './pulls.ts';

export interface ApplyOptions {
  /** Labels, comments and reactions: always GITHUB_TOKEN, so that switching an App on disowns nothing. */
  readonly client: Client;
  /** Pull requests: the App's token where there is one, so that their CI starts by itself. */
  readonly pulls: Client;
  readonly known: Known;
  readonly clock: Clock;
  readonly log: Log;
  /** The queue as a file of this run. */
  readonly keep: (text: string) => Promise<void>;
  readonly mirror: (effect: Extract<VisibleEffect, { readonly kind: 'mirror_project' }>) => Promise<void>;
}

/** Comments and labels first, in one request where they fit; then what needs a request of its own. */
export function createApply(options: ApplyOptions): Apply {
  return {
    apply: async (effects) => {
      const kept = await keepExports(options, effects);
      const batched = effects.filter(isBatched).map((effect) => withoutExport(effect, kept));
      const results: EffectResult[] = [...kept, ...(await applyBatched(options, batched))];
      for (const effect of effects.filter(isSingle)) results.push(await applyOne(options, effect));
      return results;
    },
  };
}

/** First, since answers lead there. */
async function keepExports(
  { keep }: ApplyOptions,
  effects: readonly VisibleEffect[],
): Promise<readonly EffectResult[]> {
  const results: EffectResult[] = [];
  for (const effect of effects.filter((each) => each.kind === 'keep_export')) {
    try {
      await keep(effect.text);
      results.push({ effect, result: 'done', why: null });
    } catch (error) {
      results.push({ effect, result: 'failed', why: messageOf(error) });
    }
  }
  return results;
}

function withoutExport(effect: BatchedEffect, kept: readonly EffectResult[]): BatchedEffect {
  const is_lost = kept.some(({ result }) => result === 'failed');
  if (!is_lost || effect.kind !== 'post_comment' || effect.without_export === undefined) return effect;
  return { ...effect, body: effect.without_export };
}

type SingleEffect = Exclude<VisibleEffect, BatchedEffect | KeepExport>;

const SINGLE: ReadonlySet<VisibleEffect['kind']> = new Set<SingleEffect['kind']>([
  'open_pull_request',
  'create_issue',
  'file_finding',
  'create_epic',
  'import_tasks',
  'tell_import',
  'send_hook',
  'propose_change',
  'propose_asked',
  'mirror_project',
]);

function isSingle(effect: VisibleEffect): effect is SingleEffect {
  return SINGLE.has(effect.kind);
}

function isBatched(effect: VisibleEffect): effect is BatchedEffect {
  return effect.kind !== 'keep_export' && !isSingle(effect);
}

async function applyOne(options: ApplyOptions, effect: SingleEffect): Promise<EffectResult> {
  try {
    return await doOne(options, effect);
  } catch (error) {
    return { effect, result: 'failed', why: messageOf(error) };
  }
}

async function doOne(options: ApplyOptions, effect: SingleEffect): Promise<EffectResult> {
  switch (effect.kind) {
    case 'open_pull_request': {
      const opened = await openPull(options.pulls, effect);
      if ('number' in opened) return { effect, result: opened.kind === 'already' ? 'already' : 'done', why: null };
      return { effect, result: 'failed', why: opened.detail, forbidden: opened.kind === 'forbidden' };
    }
    case 'create_issue':
    case 'create_epic': {
      const { number, is_new } = await createIssue(options.client, effect);
      return { effect, result: is_new ? 'done' : 'already', why: null, issue: number };
    }
    case 'send_hook':
      await sendHook(options.client, effect);
      return { effect, result: 'done', why: null };
    case 'file_finding': {
      const { number, is_new } = await fileFinding(options.client, effect);
      return { effect, result: is_new ? 'done' : 'already', why: null, issue: number };
    }
    case 'import_tasks':
      return importTasks(options, effect);
    case 'tell_import':
      return tellImport(options.client, effect);
    case 'propose_change':
    case 'propose_asked': {
      const opened = await proposeChange(options.pulls, effect.proposal);
      if ('number' in opened)
        return { effect, result: opened.kind === 'already' ? 'already' : 'done', why: null, pull: opened.number };
      return { effect, result: 'failed', why: opened.detail, forbidden: opened.kind === 'forbidden' };
    }
    case 'mirror_project':
      await options.mirror(effect);
      return { effect, result: 'done', why: null };
    default:
      return unreachable(effect);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Fault ? error.message : String(error);
}
