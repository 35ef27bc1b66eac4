// Owns the proof that nothing people may want to change is hard-coded: a file can move every value of the policy.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DEFAULT_POLICY } from '../../src/domain/default-policy.ts';
import { Verb } from '../../src/domain/command.ts';
import { parsePolicyFile } from '../../src/input/policy-file.ts';
import { resolvePolicy } from '../../src/input/resolve-policy.ts';

const EVERYTHING = `
intake: { label: ready, permission: maintain }
engines: { custom: { command: [my-agent, "\${PROMPT_FILE}"] } }
router:
  mode: round_robin
  provider: openai_compatible
  model: small-1
  base_url: https://models.example.test/v1
  timeout_seconds: 9
  confidence_min: 0.7
  route_attempts_max: 2
  fallback_share_max: 0.4
  skills: [gh]
  tools: [jq]
  constraints: [no-network]
rules: [{ when: { labels: [docs] }, engine: custom }]
model_map: { simple: { custom: small-1 }, medium: { custom: m }, complex: { custom: l }, review: { custom: r } }
parallel_max: 7
parallel_min: 2
instances_max: 2
runners_max: 30
overlap: merged
patience_hours: 12
attempts_max: 5
infra_attempts_max: 4
attempts_per_hour_max: 40
budget: { task: { usd: 1, tokens: 10 }, day: { usd: 2, tokens: 20 }, month: { usd: 3, tokens: 30 } }
stop_on_failure: true
cooldown_minutes: { engine: 5, model: 6 }
circuit: { tasks_max: 9, window_minutes: 10, cooldown_minutes: 11 }
retry: { failed: { follow: person } }
backoff_minutes: [1, 3]
timeout_minutes: { simple: 5, medium: 6, complex: 7 }
timeout_factor: 2
silence_minutes_max: 3
setup: ["npm ci"]
verify: ["npm test"]
verify_rounds_max: 1
required_tools: [docker]
registry_hosts: [registry.example.test]
sandbox: "off"
gate: { files_max: 10, bytes_max: 1000, file_bytes_max: 100, protected_paths: [LICENSE] }
pull_request: { draft: true, reviewers: [ada] }
auto_close: false
delete_branch: false
workflow: staged
assignment: manual
mention: "@helper"
notify: errors
hooks: { on_done: task-done }
project: { owner: acme, number: 3 }
runs_on: { attempt: large }
sweep_hours_max: 3
commands: { ${Verb.options.map((verb) => `${verb}: admin`).join(', ')} }
jobs: [{ name: health, cron: "@daily", kind: command, command: npm run health }]
`;

/** Whole values where the file replaces them whole. */
const WHOLE = new Set(['engines', 'rules', 'retry', 'jobs', 'project', 'backoff_minutes']);

function leaves(value: unknown, at: readonly string[] = []): ReadonlyMap<string, unknown> {
  const name = at.join('.');
  const is_object = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!is_object || WHOLE.has(name) || Object.keys(value).length === 0) return new Map([[name, value]]);
  return new Map(Object.entries(value).flatMap(([key, inner]) => [...leaves(inner, [...at, key])]));
}

/** Refusing what could hide work from a reader is no matter of taste. */
const FIXED = ['gate.submodules'];

type Described = {
  readonly description?: string | undefined;
  readonly properties?: Readonly<Record<string, Described>> | undefined;
};
const Described: z.ZodType<Described> = z.lazy(() =>
  z.object({ description: z.string().optional(), properties: z.record(z.string(), Described).optional() }),
);

describe('configuration [ENG-18]', () => {
  const before = leaves(DEFAULT_POLICY);

  it('one file can change every value there is; none is left at what the code says', () => {
    const parsed = parsePolicyFile(EVERYTHING);
    if (parsed.kind === 'invalid') throw new Error(JSON.stringify(parsed.problems));
    const after = leaves(resolvePolicy([parsed.settings], { label: null }));
    const same = [...before].filter(([name, value]) => JSON.stringify(after.get(name)) === JSON.stringify(value));
    expect(same.map(([name]) => name)).toEqual(FIXED);
  });

  it('every key of the policy is in the published schema, with words for people', () => {
    const file = path.join(import.meta.dirname, '..', '..', 'docs', 'orch.schema.json');
    const schema = Described.parse(JSON.parse(readFileSync(file, 'utf8')));
    for (const key of Object.keys(DEFAULT_POLICY)) {
      const found = schema.properties?.[key];
      const words = [
        found?.description,
        ...Object.values(found?.properties ?? {}).map(({ description }) => description),
      ];
      expect(
        words.some((text) => (text ?? '') !== ''),
        key,
      ).toBe(true);
    }
  });
});
