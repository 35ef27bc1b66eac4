// Owns which settings a word may change: how much, how often, how long. What lowers a guard is changed by hand.
import type { PolicyProblem } from '../domain/policy.ts';
import { PolicyFile } from './policy-schema.ts';

/** `*`: any key. A setting that is added later cannot be set before it stands here. */
const SETTABLE: readonly string[] = [
  'assignment',
  'parallel_max',
  'parallel_min',
  'instances_max',
  'runners_max',
  'overlap',
  'patience_hours',
  'attempts_max',
  'infra_attempts_max',
  'attempts_per_hour_max',
  'budget.*.*',
  'stop_on_failure',
  'cooldown_minutes.*',
  'circuit.*',
  'backoff_minutes',
  'timeout_minutes',
  'timeout_minutes.*',
  'timeout_factor',
  'silence_minutes_max',
  'verify_rounds_max',
  'sweep_hours_max',
  'notify',
  'auto_close',
  'delete_branch',
  'pull_request.draft',
  'model_map.*.*',
  'engines.*.weight',
  'engines.*.parallel_max',
  'engines.*.turns_max',
  'engines.*.cost_usd_max',
  'router.mode',
  'router.model',
  'router.timeout_seconds',
  'router.confidence_min',
  'router.route_attempts_max',
  'router.fallback_share_max',
];

/** null: a word may set it; whether its value is one the schema says. */
export function settingProblem(path: readonly string[]): PolicyProblem | null {
  const key = path.join('.');
  if (SETTABLE.some((pattern) => fits(pattern.split('.'), path))) return null;
  const [top = ''] = path;
  if (!Object.hasOwn(PolicyFile.shape, top)) {
    return {
      line: null,
      key,
      problem: 'is not a key of the configuration',
      remedy: 'See docs/configuration.md for the keys there are.',
    };
  }
  const below = SETTABLE.filter((pattern) => pattern.startsWith(`${top}.`)).map((pattern) => `\`${pattern}\``);
  return below.length === 0
    ? {
        line: null,
        key,
        problem: 'is not set by a word: it decides what runs, or what may be reached or touched',
        remedy: 'Change it by hand in .github/orch.yml, where a review sees it.',
      }
    : {
        line: null,
        key,
        problem: 'is not set by a word',
        remedy: `Words set ${below.join(', ')}; the rest is changed by hand in .github/orch.yml, where a review sees it.`,
      };
}

function fits(pattern: readonly string[], path: readonly string[]): boolean {
  return pattern.length === path.length && pattern.every((part, index) => part === '*' || part === path[index]);
}
