// Owns the call to the routing model: one batch, one time limit for all of it, one repair; it never throws.
import { generateText, NoObjectGeneratedError, Output } from 'ai';
import type { LanguageModel } from 'ai';
import type { TaskId } from '../domain/ids.ts';
import type { Policy } from '../domain/policy.ts';
import type { RouteAnswer } from '../domain/route.ts';
import type { TaskFacts } from '../domain/snapshot.ts';
import type { Log, Router } from '../reconcile/ports.ts';
import { readAnswer, RoutingAnswer } from './answer.ts';
import { openModel } from './model.ts';
import { renderInstructions, renderIssues } from './question.ts';

/** One call carries at most this many issues; the others wait for the next tick. */
export const BATCH_TASKS_MAX = 10;

/** Ten answers of some 150 tokens, with room. */
const OUTPUT_TOKENS_MAX = 4_000;

export interface LlmRouterOptions {
  readonly api_key: string | null;
  /** Text of prompts/route.md. */
  readonly template: string;
  readonly engines: readonly string[];
  readonly signal: AbortSignal;
  readonly log: Log;
}

export function createLlmRouter(options: LlmRouterOptions): Router {
  return {
    route: async (tasks, policy) => {
      const { api_key } = options;
      if (policy.router.mode === 'round_robin') return allUnanswered(tasks, 'off', 'router.mode is round_robin');
      if (api_key === null) return allUnanswered(tasks, 'no_key', 'no key was given for the routing model');
      const batch = tasks.slice(0, BATCH_TASKS_MAX);
      const model = await openModel(policy.router, api_key);
      return ask({ model, batch, policy, options });
    },
  };
}

interface Question {
  readonly model: LanguageModel;
  readonly batch: readonly TaskFacts[];
  readonly policy: Policy;
  readonly options: LlmRouterOptions;
}

type Try =
  | { readonly kind: 'answer'; readonly answer: RoutingAnswer }
  | { readonly kind: 'failed'; readonly why: 'timeout' | 'invalid' | 'error'; readonly detail: string };

/** Up to `route_attempts_max` tries inside one time limit; half of it at most for any one, so that a hang leaves room. */
async function ask(question: Question): Promise<ReadonlyMap<TaskId, RouteAnswer>> {
  const { policy, options, batch } = question;
  const all = AbortSignal.any([options.signal, AbortSignal.timeout(policy.router.timeout_seconds * 1000)]);
  let last: Try = { kind: 'failed', why: 'error', detail: 'not asked' };
  for (let attempt = 1; attempt <= policy.router.route_attempts_max; attempt += 1) {
    last = await askOnce(question, all, last);
    if (last.kind === 'answer') return readAll(batch, last.answer, policy);
    options.log.warning(`Routing, try ${attempt}: ${last.why} (${last.detail})`);
    if (all.aborted) break;
  }
  return last.kind === 'failed' ? allUnanswered(batch, last.why, last.detail) : new Map();
}

async function askOnce(question: Question, all: AbortSignal, before: Try): Promise<Try> {
  const { model, policy, options, batch } = question;
  const once = AbortSignal.any([all, AbortSignal.timeout(policy.router.timeout_seconds * 500)]);
  try {
    const { output } = await generateText({
      model,
      output: Output.object({ schema: RoutingAnswer }),
      instructions: renderInstructions(options.template, policy, options.engines),
      prompt: renderIssues(batch, repairNote(before)),
      abortSignal: once,
      maxRetries: 0,
      maxOutputTokens: OUTPUT_TOKENS_MAX,
    });
    return { kind: 'answer', answer: output };
  } catch (error) {
    return failure(error, once);
  }
}

function repairNote(before: Try): string | null {
  if (before.kind !== 'failed' || before.why !== 'invalid') return null;
  return `Your last answer could not be used (${before.detail}). Answer again, with JSON of the asked form only.`;
}

function failure(error: unknown, once: AbortSignal): Try {
  if (once.aborted) return { kind: 'failed', why: 'timeout', detail: 'no answer in time' };
  if (NoObjectGeneratedError.isInstance(error)) {
    return { kind: 'failed', why: 'invalid', detail: firstLine(error.message) };
  }
  return { kind: 'failed', why: 'error', detail: firstLine(error instanceof Error ? error.message : String(error)) };
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 200);
}

function readAll(batch: readonly TaskFacts[], answer: RoutingAnswer, policy: Policy): ReadonlyMap<TaskId, RouteAnswer> {
  const by_task = new Map(answer.routes.map((route) => [route.task, route]));
  return new Map(
    batch.map(({ id }): [TaskId, RouteAnswer] => {
      const route = by_task.get(id);
      return [
        id,
        route === undefined
          ? { kind: 'unanswered', why: 'invalid', detail: 'the model left it out' }
          : readAnswer(route, policy),
      ];
    }),
  );
}

function allUnanswered(
  tasks: readonly TaskFacts[],
  why: 'timeout' | 'invalid' | 'error' | 'no_key' | 'off',
  detail: string,
): ReadonlyMap<TaskId, RouteAnswer> {
  return new Map(tasks.map(({ id }): [TaskId, RouteAnswer] => [id, { kind: 'unanswered', why, detail }]));
}
