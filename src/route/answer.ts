// Owns what a routing model may answer, and how that becomes a RouteAnswer: ids it was not offered are dropped.
import { z } from 'zod';
import type { Policy } from '../domain/policy.ts';
import type { RouteAnswer } from '../domain/route.ts';
import { Complexity, EngineId, RunnableRole } from '../domain/task.ts';

const REASON_CHARS_MAX = 200;
const FILES_MAX = 10;
const PATH_CHARS_MAX = 200;

/** Loose on purpose: vendors differ in which JSON Schema keywords they take, so bounds are checked after. */
export const RoutingAnswer = z.object({
  routes: z.array(
    z.object({
      task: z.string(),
      engine: z.string(),
      complexity: z.string(),
      role: z.string(),
      skills: z.array(z.string()),
      tools: z.array(z.string()),
      constraints: z.array(z.string()),
      likely_files: z.array(z.string()),
      confidence: z.number(),
      reason: z.string(),
    }),
  ),
});
export type RoutingAnswer = z.infer<typeof RoutingAnswer>;

export function readAnswer(answer: RoutingAnswer['routes'][number], policy: Policy): RouteAnswer {
  const engine = EngineId.safeParse(answer.engine);
  const complexity = Complexity.safeParse(answer.complexity);
  const role = RunnableRole.safeParse(answer.role);
  if (!engine.success || !complexity.success || !role.success) return invalid(answer);
  return {
    kind: 'answered',
    engine: engine.data,
    complexity: complexity.data,
    role: role.data,
    profile: {
      skills: offered(answer.skills, policy.router.skills),
      tools: offered(answer.tools, policy.router.tools),
      constraints: offered(answer.constraints, policy.router.constraints),
    },
    confidence: Math.min(1, Math.max(0, answer.confidence)),
    likely_files: answer.likely_files.filter((path) => path.length <= PATH_CHARS_MAX).slice(0, FILES_MAX),
    reason: Array.from(answer.reason).slice(0, REASON_CHARS_MAX).join(''),
  };
}

function offered(named: readonly string[], ids: readonly string[]): readonly string[] {
  return ids.filter((id) => named.includes(id));
}

function invalid(answer: RoutingAnswer['routes'][number]): RouteAnswer {
  const named = `${answer.engine}/${answer.complexity}/${answer.role}`.slice(0, REASON_CHARS_MAX);
  return { kind: 'unanswered', why: 'invalid', detail: `the model named ${named}` };
}
