// Owns Apply: every effect done once, in the plan's order; one task's failure is never another's.
import { z } from 'zod';
import { Fault, unreachable } from '../domain/fault.ts';
import type { BranchName, CommitSha } from '../domain/ids.ts';
import { NodeId } from '../domain/ids.ts';
import type { Apply, EffectResult, Log, VisibleEffect } from '../reconcile/ports.ts';
import type { Client } from './client.ts';
import type { Known } from './known.ts';
import { mutationsOf, renderBatch } from './mutations.ts';
import type { BatchedEffect, Mutation } from './mutations.ts';
import { openPull } from './pulls.ts';

export interface ApplyOptions {
  /** Labels, comments and reactions: always GITHUB_TOKEN, so that switching an App on disowns nothing. */
  readonly client: Client;
  /** Pull requests: the App's token where there is one, so that their CI starts by itself. */
  readonly pulls: Client;
  readonly known: Known;
  readonly log: Log;
  /** Deletes a branch while it points at `expected`; by git, which is the only compare-and-swap there is. */
  readonly deleteBranch: (branch: BranchName, expected: CommitSha) => Promise<'moved' | 'lost' | 'transient' | 'refused'>;
  readonly mirror: (effect: Extract<VisibleEffect, { readonly kind: 'mirror_project' }>) => Promise<void>;
}

/** Larger documents time out more often, and a timeout leaves some of it done. */
const ALIASES_MAX = 20;

export function createApply(options: ApplyOptions): Apply {
  return {
    apply: async (effects) => {
      const results: EffectResult[] = [];
      for (const group of grouped(effects)) {
        results.push(
          ...(group.kind === 'batch'
            ? await applyBatch(options, group.effects)
            : [await applyOne(options, group.effect)]),
        );
      }
      return results;
    },
  };
}

type SingleEffect = Exclude<VisibleEffect, BatchedEffect>;
type Group =
  | { readonly kind: 'batch'; readonly effects: readonly BatchedEffect[] }
  | { readonly kind: 'single'; readonly effect: SingleEffect };

/** Labels are created before anything that uses them; the rest keeps the plan's order. */
function grouped(effects: readonly VisibleEffect[]): readonly Group[] {
  const labels = effects.filter((effect) => effect.kind === 'ensure_labels');
  const others = effects.filter(
    (effect): effect is Exclude<BatchedEffect, { readonly kind: 'ensure_labels' }> =>
      isBatched(effect) && effect.kind !== 'ensure_labels',
  );
  const singles = effects.filter((effect): effect is SingleEffect => !isBatched(effect));
  return [
    ...labels.map((effect): Group => ({ kind: 'batch', effects: [effect] })),
    ...chunks(others, ALIASES_MAX).map((chunk): Group => ({ kind: 'batch', effects: chunk })),
    ...singles.map((effect): Group => ({ kind: 'single', effect })),
  ];
}

function isBatched(effect: VisibleEffect): effect is BatchedEffect {
  return effect.kind !== 'open_pull_request' && effect.kind !== 'delete_branch' && effect.kind !== 'mirror_project';
}

function chunks<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
}

const LabelMade = z.object({ label: z.object({ id: NodeId, name: z.string() }) });

async function applyBatch(
  { client, known }: ApplyOptions,
  effects: readonly BatchedEffect[],
): Promise<readonly EffectResult[]> {
  const planned = effects.map((effect) => ({ effect, mutations: mutationsOf(effect, known) }));
  const all = planned.flatMap(({ mutations }) => mutations);
  if (all.length === 0) return effects.map((effect) => ({ effect, result: 'already', why: null }));
  try {
    const { document, variables } = renderBatch(all);
    const { data, errors } = await client.mutate(document, variables);
    for (const value of Object.values(data)) learnLabel(known, value);
    const failed = new Map(errors.map((error) => [String(error.path[0] ?? ''), error.message]));
    return resultsOf(planned, failed);
  } catch (error) {
    const why = error instanceof Fault ? error.message : String(error);
    return effects.map((effect) => ({ effect, result: 'failed', why }));
  }
}

function learnLabel(known: Known, value: unknown): void {
  const made = LabelMade.safeParse(value);
  if (made.success) known.labels.set(made.data.label.name.toLowerCase(), made.data.label.id);
}

interface Planned {
  readonly effect: BatchedEffect;
  readonly mutations: readonly Mutation[];
}

/** A label that somebody created meanwhile is as good as one we created. */
function resultsOf(planned: readonly Planned[], failed: ReadonlyMap<string, string>): readonly EffectResult[] {
  let next = 0;
  return planned.map(({ effect, mutations }): EffectResult => {
    const whys = mutations
      .map(() => failed.get(`m${next++}`))
      .filter((why) => why !== undefined && !/already.*(?:exists|been taken)/i.test(why));
    if (whys.length > 0) return { effect, result: 'failed', why: whys.join('; ') };
    return { effect, result: mutations.length === 0 ? 'already' : 'done', why: null };
  });
}

async function applyOne(options: ApplyOptions, effect: SingleEffect): Promise<EffectResult> {
  try {
    return await doOne(options, effect);
  } catch (error) {
    const why = error instanceof Fault ? error.message : String(error);
    return { effect, result: 'failed', why };
  }
}

async function doOne(options: ApplyOptions, effect: SingleEffect): Promise<EffectResult> {
  switch (effect.kind) {
    case 'open_pull_request': {
      const opened = await openPull(options.pulls, effect);
      if ('number' in opened) return { effect, result: opened.kind === 'already' ? 'already' : 'done', why: null };
      return { effect, result: 'failed', why: opened.detail, forbidden: opened.kind === 'forbidden' };
    }
    case 'delete_branch': {
      const result = await options.deleteBranch(effect.branch, effect.expected);
      return {
        effect,
        result: result === 'moved' ? 'done' : 'failed',
        why: result === 'moved' ? null : `the branch was not deleted (${result})`,
      };
    }
    case 'mirror_project':
      await options.mirror(effect);
      return { effect, result: 'done', why: null };
    default:
      return unreachable(effect);
  }
}
