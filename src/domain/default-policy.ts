// Owns the policy of a repository that has no configuration file.
import { LabelName, ModelName } from './ids.ts';
import type { EnginePolicy, Policy } from './policy.ts';
import { RETRY_TABLE } from './retry-rule.ts';
import type { EngineId } from './task.ts';

/** Pinned CLI versions; moved only when the contract tests hold against the new one. */
export const ENGINE_VERSIONS = { claude: '2.1.329', codex: '0.169.0' } as const;

const ENGINE_BASE = {
  weight: 1,
  command: null,
  env: {},
  hosts: [],
  base_url: null,
  parallel_max: null,
  turns_max: null,
  cost_usd_max: null,
} as const;

/** What an engine is before anybody sets anything. */
export const ENGINE_DEFAULTS: Readonly<Record<EngineId, EnginePolicy>> = {
  claude: { ...ENGINE_BASE, id: 'claude', version: ENGINE_VERSIONS.claude },
  codex: { ...ENGINE_BASE, id: 'codex', version: ENGINE_VERSIONS.codex },
  custom: { ...ENGINE_BASE, id: 'custom', version: null },
};

/** Paths that run code at install, at build or in CI, that instruct agents, or that own code. */
const PROTECTED_PATHS: readonly string[] = [
  '.github/workflows/**',
  '.github/actions/**',
  '.github/orch.yml',
  '.github/CODEOWNERS',
  'CODEOWNERS',
  'docs/CODEOWNERS',
  '.gitmodules',
  '.gitattributes',
  '.claude/**',
  '.codex/**',
  '.mcp.json',
  'CLAUDE.md',
  'AGENTS.md',
];

export const DEFAULT_POLICY: Policy = {
  intake: { label: LabelName.parse('agent-todo'), permission: 'write' },
  engines: [ENGINE_DEFAULTS.claude, ENGINE_DEFAULTS.codex],
  rules: [],
  router: {
    mode: 'llm',
    provider: 'anthropic',
    model: ModelName.parse('claude-haiku-4-5'),
    base_url: null,
    timeout_seconds: 20,
    confidence_min: 0.5,
    route_attempts_max: 3,
    fallback_share_max: 0.2,
    skills: [],
    tools: [],
    constraints: [],
  },
  model_map: { simple: {}, medium: {}, complex: {}, review: {} },
  parallel_max: 3,
  parallel_min: null,
  runners_max: 20,
  overlap: 'running',
  patience_hours: 24,
  attempts_max: 3,
  infra_attempts_max: 3,
  attempts_per_hour_max: null,
  budget: {
    task: { usd: null, tokens: null },
    day: { usd: null, tokens: null },
    month: { usd: null, tokens: null },
  },
  stop_on_failure: false,
  cooldown_minutes: { engine: 30, model: 60 },
  circuit: { tasks_max: 5, window_minutes: 60, cooldown_minutes: 30 },
  retry: RETRY_TABLE,
  backoff_minutes: [0, 2, 10, 60],
  timeout_minutes: { simple: 20, medium: 40, complex: 90 },
  timeout_factor: 1.5,
  silence_minutes_max: 10,
  setup: [],
  verify: [],
  verify_rounds_max: 2,
  required_tools: [],
  registry_hosts: [
    'registry.npmjs.org',
    'pypi.org',
    'files.pythonhosted.org',
    'proxy.golang.org',
    'sum.golang.org',
    'index.crates.io',
    'static.crates.io',
  ],
  sandbox: 'on',
  gate: {
    files_max: 300,
    bytes_max: 5_000_000,
    file_bytes_max: 2_000_000,
    protected_paths: PROTECTED_PATHS,
    submodules: 'refuse',
  },
  pull_request: { draft: false, reviewers: [] },
  auto_close: true,
  delete_branch: true,
  workflow: 'single',
  assignment: 'auto',
  mention: '@orchestrator',
  project: null,
  runs_on: { attempt: '' },
  sweep_hours_max: 6,
  commands: {
    start: 'write',
    assign: 'write',
    route: 'write',
    retry: 'write',
    reroute: 'write',
    skip: 'triage',
    unskip: 'triage',
    cancel: 'triage',
    hold: 'triage',
    block: 'triage',
    unblock: 'triage',
    priority: 'triage',
    say: 'write',
    complete: 'triage',
    refresh: 'triage',
    pause: 'maintain',
    resume: 'maintain',
    job: 'write',
    why: 'read',
    status: 'read',
    queue: 'read',
    help: 'read',
  },
  jobs: [],
};
