// Owns the text the routing model is asked: our instructions from the template, the issues as data beside them.
import type { Policy } from '../domain/policy.ts';
import type { TaskFacts } from '../domain/snapshot.ts';
import { bugFault } from '../domain/fault.ts';
import { RunnableRole } from '../domain/task.ts';

const BODY_CHARS_MAX = 4_000;
const TITLE_CHARS_MAX = 300;

export function renderInstructions(template: string, policy: Policy, engines: readonly string[]): string {
  const slots: Readonly<Record<string, string>> = {
    engines: listed(engines),
    roles: listed(RunnableRole.options),
    skills: listed(policy.router.skills),
    tools: listed(policy.router.tools),
    constraints: listed(policy.router.constraints),
  };
  return template.replaceAll(/\{\{(\w+)\}\}/g, (_, slot: string) => slots[slot] ?? unknownSlot(slot));
}

/** JSON keeps others' text inside its quotes: it cannot end its own field. */
export function renderIssues(tasks: readonly TaskFacts[], repair: string | null): string {
  const issues = tasks.map(({ id, issue, journal }) => ({
    task: id,
    title: cut(issue?.title ?? journal.asked?.title ?? '', TITLE_CHARS_MAX),
    labels: issue?.labels ?? [],
    body: cut(issue?.body ?? journal.asked?.prompt ?? '', BODY_CHARS_MAX),
  }));
  const question = JSON.stringify({ issues }, null, 1);
  return repair === null ? question : `${question}\n\n${repair}`;
}

function listed(ids: readonly string[]): string {
  return ids.length === 0 ? '(none)' : ids.map((id) => `\`${id}\``).join(', ');
}

function cut(text: string, chars_max: number): string {
  const chars = Array.from(text);
  return chars.length <= chars_max ? text : `${chars.slice(0, chars_max).join('')} [cut]`;
}

function unknownSlot(slot: string): never {
  throw bugFault({
    title: 'Unknown slot in a prompt',
    cause: `prompts/route.md names {{${slot}}}`,
    remedy: 'Use only the slots that route/question.ts fills.',
  });
}
