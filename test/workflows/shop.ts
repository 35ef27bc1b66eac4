// Owns a repository with Orch pasted in as its README says, on the local GitHub, with `act` for its runner.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { bundleInUse } from '../../src/cli/bundle.ts';
import type { TaskJournal } from '../../src/domain/journal.ts';
import { hostOf } from '../../src/local/actions/host.ts';
import type { ActionsEvent } from '../../src/local/actions/ports.ts';
import { createContract } from '../../src/local/contract/contract.ts';
import { readJournal, statusOf } from '../../src/local/demo/play.ts';
import { startRouterModel } from '../../src/local/demo/router-model.ts';
import type { LocalWorld } from '../../src/local/model/local-world.ts';
import type { Issue } from '../../src/local/model/state.ts';
import { startLocalGitHub } from '../../src/local/server.ts';
import type { LocalGitHub } from '../../src/local/server.ts';
import { runAct } from './act.ts';
import type { ActRun } from './act.ts';
import { forOlderTools, readShipped, ROOT } from './shipped.ts';

export const ALICE = 'alice';
const REFERENCE = 'OWNER/orch@v1';
const RUNS_MAX = 20;

export interface Shop {
  readonly github: LocalGitHub;
  readonly world: LocalWorld;
  /** Opens an issue and labels it `agent-todo`. */
  task(title: string, body?: string): number;
  /** Runs the next event that GitHub would start a run for; throws when there is none, or `act` itself fails. */
  next(): Promise<ActRun & { readonly event: string }>;
  /** All of them, and what they bring about, one run after the other. */
  settle(): Promise<void>;
  state(number: number): string;
  journal(task: number | string): TaskJournal;
  pull(task: number | string): Issue;
  file(branch: string, name: string): string | null;
}

export interface ShopOptions {
  readonly vars?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** Keys of `.github/orch.yml` beside the tests' own. */
  readonly config?: string;
}

function configOf(router_url: string): string {
  return `engines:
  custom:
    command: ["node", "tools/agent.mjs", "\${TITLE}", "\${ATTEMPT}", "\${PROMPT_FILE}"]
  claude: {}
router: { provider: openai_compatible, model: scripted, base_url: "${router_url}", timeout_seconds: 5 }
backoff_minutes: [0]
verify_rounds_max: 0
`;
}

/** Everything is taken down when the test ends; every exchange with the API was checked against GitHub's description. */
export async function openShop({ vars = {}, secrets = {}, config = '' }: ShopOptions = {}): Promise<Shop> {
  const directory = mkdtempSync(path.join(tmpdir(), 'orch-act-'));
  const contract = createContract();
  const github = await startLocalGitHub({ owner: 'acme', name: 'shop', directory, contract });
  const router = await startRouterModel('custom');
  onTestFinished(async () => {
    await router.close();
    await github.close();
    rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
    expect(contract.violations()).toEqual([]);
  });
  const { world, repository } = github;
  const caller = forOlderTools(readShipped('docs/caller.yml'), REFERENCE);
  world.grant('acme', 'admin');
  world.grant(ALICE, 'write');
  repository.commitFiles(
    'main',
    {
      'README.md': '# Shop\n',
      'tools/agent.mjs': readFileSync(path.join(ROOT, 'test', 'loop', 'agent.mjs'), 'utf8'),
      '.github/orch.yml': `${configOf(router.url)}${config}`,
      '.github/workflows/orch.yml': caller,
    },
    'Start the shop',
  );
  const place = {
    github,
    directory,
    published: publish(path.join(directory, 'published')),
    reference: REFERENCE,
    vars,
    secrets,
  };
  const queue = listen(hostOf(github).onEvent, caller);
  const next = async () => {
    const event = queue.shift();
    if (event === undefined) throw new Error('GitHub has no reason to start a run');
    return { ...(await runAct(place, event)), event: event.name };
  };
  return {
    github,
    world,
    next,
    task: (title, body = '') => {
      const { number } = world.openIssue(ALICE, title, body);
      world.label(ALICE, number, 'agent-todo');
      return number;
    },
    settle: async () => {
      for (let runs = 0; queue.length > 0; runs += 1) {
        if (runs >= RUNS_MAX) throw new Error(`still not settled after ${RUNS_MAX} runs`);
        const { exit_code, log } = await next();
        expect(exit_code, log).toBe(0);
      }
    },
    state: (number) => statusOf(world.issue(number)),
    journal: (task) => journalOf(readJournal({ github }, task), task),
    pull: (task) => {
      const branch = readJournal({ github }, task)?.attempts.at(-1)?.claim.branch;
      const found = [...world.issues.values()].find((issue) => branch !== undefined && issue.pull?.head_ref === branch);
      if (found === undefined) throw new Error(`task ${task} has no pull request`);
      return found;
    },
    file: (branch, name) => repository.readFile(`refs/heads/${branch}`, name),
  };
}

function journalOf(journal: TaskJournal | null, task: number | string): TaskJournal {
  if (journal === null) throw new Error(`task ${task} has no journal`);
  return journal;
}

/** What a tag of Orch holds, as older tools can read it. */
function publish(directory: string): string {
  mkdirSync(path.join(directory, '.github', 'workflows'), { recursive: true });
  cpSync(path.join(ROOT, 'action.yml'), path.join(directory, 'action.yml'));
  cpSync(path.dirname(bundleInUse(process.env).file), path.join(directory, 'dist'), { recursive: true });
  cpSync(path.join(ROOT, 'prompts'), path.join(directory, 'prompts'), { recursive: true });
  for (const file of ['.github/workflows/orch.yml', '.github/workflows/orch-task.yml'] as const) {
    writeFileSync(path.join(directory, file), forOlderTools(readShipped(file), REFERENCE));
  }
  return directory;
}

const Triggers = z.object({
  on: z.record(
    z.string(),
    z.union([z.null(), z.array(z.unknown()), z.object({ types: z.array(z.string()).optional() }).loose()]),
  ),
});

/** GitHub's part, which `act` leaves to whoever calls it: which events the file asks for, and that jobs wake no runs. */
function listen(subscribe: (listener: (event: ActionsEvent) => void) => void, caller: string): ActionsEvent[] {
  const queue: ActionsEvent[] = [];
  const { on } = Triggers.parse(parse(caller));
  subscribe((event) => {
    const trigger = on[event.name];
    if (trigger === undefined) return;
    if (event.caused_by_job_token && !event.name.endsWith('_dispatch')) return;
    const types = trigger !== null && 'types' in trigger ? trigger.types : undefined;
    if (event.name !== 'repository_dispatch' && types !== undefined && !types.includes(String(event.payload['action'])))
      return;
    queue.push(event);
  });
  return queue;
}
