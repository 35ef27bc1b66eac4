// Owns how a broken configuration file is told: line, key, problem, remedy, and what is in force meanwhile.
import { unreachable } from '../domain/fault.ts';
import type { PolicyOrigin, PolicyProblem } from '../domain/policy.ts';
import { cutChars } from './cut.ts';
import { escapeLine, inlineCode } from './escape.ts';

const PROBLEMS_MAX = 5;

export function renderPolicyOrigin(origin: PolicyOrigin): string {
  switch (origin.kind) {
    case 'defaults':
      return 'There is no `.github/orch.yml`; every setting has its default.';
    case 'newest':
      return 'The newest `.github/orch.yml` is in force.';
    case 'last_good':
      return `\`.github/orch.yml\` cannot be used, so the version of ${inlineCode(origin.commit.slice(0, 7))} stays in force:\n\n${problemsOf(origin.problems)}`;
    case 'defaults_after_error':
      return `\`.github/orch.yml\` cannot be used and no earlier version can, so the defaults are in force:\n\n${problemsOf(origin.problems)}`;
    default:
      return unreachable(origin);
  }
}

function problemsOf(problems: readonly PolicyProblem[]): string {
  const rows = problems.slice(0, PROBLEMS_MAX).map(problemOf);
  const more = problems.length - rows.length;
  return [...rows, ...(more > 0 ? [`- and ${more} more`] : [])].join('\n');
}

function problemOf({ line, key, problem, remedy }: PolicyProblem): string {
  const place = [...(line === null ? [] : [`line ${line}`]), ...(key === '' ? [] : [inlineCode(key)])].join(', ');
  const text = `${escapeLine(cutChars(problem, 200)).replace(/\.$/, '')}. ${escapeLine(cutChars(remedy, 200))}`;
  return `- ${place === '' ? '' : `${place}: `}${text.trim()}`;
}
