// Owns the words of the loop's tests: a local GitHub with the bundle behind it, and verbs for what people do there.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { z } from 'zod';
import { bundleInUse, ROOT } from '../../src/cli/bundle.ts';
import type { TaskJournal } from '../../src/domain/journal.ts';
import { createContract } from '../../src/local/contract/contract.ts';
import { readJournal, statusOf } from '../../src/local/demo/play.ts';
import { startRouterModel } from '../../src/local/demo/router-model.ts';
import { openStage } from '../../src/local/demo/stage.ts';
import type { Stage } from '../../src/local/demo/stage.ts';
import { dispatchRepository } from '../../src/local/model/actions.ts';
import type { Issue } from '../../src/local/model/state.ts';

export const OWNER = 'acme';
export const ALICE = 'alice';
export const MALLORY = 'mallory';

const Started = z.object({ label: z.object({ name: z.literal('status:in_progress') }) });

type Outputs = Readonly<Record<string, string>>;

export interface World {
  readonly stage: Stage;
  /** Opens an issue and, unless told otherwise, labels it `agent-todo`, both as Alice. Gives back its number. */
  task(
    title: string,
    options?: {
      readonly body?: string;
      readonly labels?: readonly string[];
      readonly by?: string;
      readonly queue?: boolean;
    },
  ): number;
  label(number: number, label: string, by?: string): void;
  say(number: number, body: string, by?: string): void;
  /** `act` so long after a task is shown at work, each time one is. */
  afterStart(wait_ms: number, act: () => void): void;
  /** Until no run is under way. */
  settle(): Promise<void>;
  /** Cron, then settle. */
  cron(): Promise<void>;
  /** A dispatch from the Actions tab. */
  dispatch(inputs: Readonly<Record<string, string>>): Promise<void>;
  /** From another system, through the API. */
  hears(event_type: string, client_payload: Readonly<Record<string, unknown>>): Promise<void>;
  state(number: number): string;
  issue(number: number): Issue;
  journal(task: number | string): TaskJournal;
  outcomes(task: number | string): readonly string[];
  /** The open or merged pull request of a task. */
  pull(task: number | string): Issue | null;
  merge(task: number | string): Promise<void>;
  /** Bodies of what Orch wrote under an issue, oldest first. */
  comments(number: number): readonly string[];
  stateComment(number: number): string;
  /** A file on a branch. */
  file(branch: string, name: string): string | null;
  /** Lines the jobs printed. */
  readonly log: string[];
  readonly summaries: {
    readonly job: string;
    readonly state: string;
    readonly summary: string;
    readonly outputs: Outputs;
  }[];
}

export interface OrchOptions {
  /** Keys of `.github/orch.yml` under the tests' own. */
  readonly config?: string;
  readonly vars?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** Environment of the jobs over the tests' own. */
  readonly env?: Readonly<Record<string, string>>;
  /** The `engines:` of the configuration, as YAML under that key; without it, the tests' scripted agent. */
  readonly engines?: string;
  /** What the scripted router answers. */
  readonly engine?: string;
}

const SCRIPTED_AGENT = `  custom:
    command: ["node", "tools/agent.mjs", "\${TITLE}", "\${ATTEMPT}", "\${PROMPT_FILE}"]
`;
const CONFIG = `backoff_minutes: [0]
verify_rounds_max: 0
`;

/** Everything is taken down when the test ends; every exchange with the API was checked against GitHub's description. */
export async function startOrch(options: OrchOptions = {}): Promise<World> {
  const {
    config = '',
    vars = {},
    files = {},
    secrets = {},
    env = {},
    engines = SCRIPTED_AGENT,
    engine = 'custom',
  } = options;
  const contract = createContract();
  const router = await startRouterModel(engine);
  const log: string[] = [];
  const summaries: {
    readonly job: string;
    readonly state: string;
    readonly summary: string;
    readonly outputs: Outputs;
  }[] = [];
  const stage = await openStage({
    root: ROOT,
    bundle: bundleInUse(process.env).file,
    owner: OWNER,
    name: 'shop',
    env: { ...process.env, ORCH_LEASE_POLL_SECONDS: '1', ...env },
    vars,
    secrets: { ANTHROPIC_API_KEY: 'router-key', ...secrets },
    onLog: ({ job, line }) => log.push(`[${job}] ${line}`),
    onJob: ({ job, state, summary, outputs }) => summaries.push({ job, state, summary, outputs }),
    onExchange: (exchange) => contract.onExchange(exchange),
  });
  onTestFinished(async () => {
    await stage.close();
    await router.close();
    expect(contract.violations()).toEqual([]);
  });
  const { world, repository } = stage.github;
  world.grant(OWNER, 'admin');
  world.grant(ALICE, 'write');
  world.grant(MALLORY, 'triage');
  const router_config = `router: { provider: openai_compatible, model: scripted, base_url: "${router.url}", timeout_seconds: 5 }\n`;
  repository.commitFiles(
    'main',
    {
      'README.md': '# Shop\n',
      'tools/agent.mjs': readFileSync(path.join(import.meta.dirname, 'agent.mjs'), 'utf8'),
      '.github/orch.yml': `engines:\n${engines}${CONFIG}${config.includes('router:') ? '' : router_config}${config}`,
      ...files,
    },
    'Start the shop',
  );
  return verbsOf(stage, log, summaries);
}

function verbsOf(stage: Stage, log: string[], summaries: World['summaries']): World {
  const { world, repository } = stage.github;
  const journal = (task: number | string): TaskJournal => {
    const found = readJournal(stage, task);
    if (found === null) throw new Error(`task ${task} has no journal`);
    return found;
  };
  const pull = (task: number | string): Issue | null => {
    const branch = readJournal(stage, task)?.attempts.at(-1)?.claim.branch;
    return (
      [...world.issues.values()].findLast((issue) => branch !== undefined && issue.pull?.head_ref === branch) ?? null
    );
  };
  const settle = async (): Promise<void> => {
    await stage.runner.idle();
  };
  const comments = (number: number): readonly string[] =>
    [...world.comments.values()]
      .filter((comment) => comment.issue === number && comment.author.login.endsWith('[bot]'))
      .map(({ body }) => body);
  return {
    stage,
    log,
    summaries,
    settle,
    journal,
    pull,
    comments,
    task: (title, { body = '', labels = [], by = ALICE, queue = true } = {}) => {
      const issue = world.openIssue(by, title, body, labels);
      if (queue) world.label(by, issue.number, 'agent-todo');
      return issue.number;
    },
    label: (number, label, by = ALICE) => world.label(by, number, label),
    say: (number, body, by = ALICE) => void world.comment(by, number, body),
    afterStart: (wait_ms, act) =>
      void world.onEvent(({ name, payload }) => {
        if (name === 'issues' && Started.safeParse(payload).success) setTimeout(act, wait_ms);
      }),
    cron: async () => {
      world.emit('schedule', world.as('github'), {});
      await settle();
    },
    dispatch: async (inputs) => {
      world.emit('workflow_dispatch', world.as(ALICE), { inputs: { ...inputs } });
      await settle();
    },
    hears: async (event_type, client_payload) => {
      dispatchRepository(world, world.as(ALICE), event_type, client_payload);
      await settle();
    },
    state: (number) => statusOf(world.issue(number)),
    issue: (number) => world.issue(number),
    outcomes: (task) => journal(task).attempts.map(({ settled }) => settled?.outcome ?? 'running'),
    merge: async (task) => {
      const found = pull(task);
      if (found === null) throw new Error(`task ${task} has no pull request`);
      world.mergePull(ALICE, found.number);
      await settle();
    },
    stateComment: (number) => {
      const found = comments(number).filter((body) => body.includes('<!-- orch:state'));
      if (found.length !== 1) throw new Error(`#${number} has ${found.length} state comments`);
      return found[0] ?? '';
    },
    file: (branch, name) => repository.readFile(`refs/heads/${branch}`, name),
  };
}
