// Owns a small world for attempts: a real git server, a claimed task, and everything an attempt needs but a GitHub.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runAttempt } from '../../../src/agent/attempt/attempt.ts';
import type { AttemptEnd } from '../../../src/agent/attempt/attempt.ts';
import { agentEnv } from '../../../src/agent/environment.ts';
import { findProgram, installEngine } from '../../../src/agent/install.ts';
import { LIMITS } from '../../../src/agent/ports.ts';
import { diskFiles } from '../../../src/agent/files.ts';
import type { AttemptPorts, HandInFile, Limits } from '../../../src/agent/ports.ts';
import { cpuSeconds } from '../../../src/agent/process-tree.ts';
import type { Brief } from '../../../src/domain/brief.ts';
import { DEFAULT_POLICY, ENGINE_DEFAULTS } from '../../../src/domain/default-policy.ts';
import { sha256 } from '../../../src/domain/digest.ts';
import type { HandIn } from '../../../src/domain/hand-in.ts';
import { AttemptNumber, BranchName, CommitSha, IssueNumber, RunId, TaskId } from '../../../src/domain/ids.ts';
import { instantFromMs } from '../../../src/domain/instant.ts';
import { openGit } from '../../../src/git/git.ts';
import { fetchStart, openWorkspace } from '../../../src/git/workspace.ts';
import { openUnsandboxed } from '../../../src/sandbox/sandbox.ts';
import { parseHandIn } from '../../../src/wire/hand-in.ts';
import { renderBrief } from '../../../src/wire/brief.ts';
import { redactorFor } from '../../../src/wire/redact.ts';
import { scriptedCommand } from './scripted-engine.ts';
import type { Step } from './scripted-engine.ts';
import { startGitServer, TOKEN } from './git-server.ts';
import type { GitServer } from './git-server.ts';

export interface World {
  readonly root: string;
  readonly server: GitServer;
  readonly base: CommitSha;
  /** Lines of the job log. */
  readonly log: string[];
  /** Process ids of engines that were started. */
  readonly started: number[];
  brief(changes?: Partial<Brief>): Brief;
  /** A commit with these files on top of `parent`, pushed nowhere but there. */
  commit(
    parent: string | null,
    files: Readonly<Record<string, string>>,
    options?: { readonly links?: Readonly<Record<string, string>> },
  ): CommitSha;
  attempt(ask: {
    readonly brief: Brief;
    readonly ports?: Partial<AttemptPorts>;
    readonly limits?: Partial<Limits>;
    readonly key?: string | null;
  }): Promise<Outcome>;
  close(): Promise<void>;
}

export interface Outcome {
  readonly end: AttemptEnd;
  /** result.json as deliver would parse it; null when nothing was handed in. */
  readonly result: HandIn | null;
  /** Files of the work, as the bundle holds them; null without a bundle. */
  readonly files: Readonly<Record<string, string>> | null;
  readonly transcript: string;
  /** Names of the uploaded files. */
  readonly uploaded: readonly string[];
}

export const KEY = 'sk-test-0123456789abcdefghijklmnop';

/** Everything fast; each test slows down or speeds up what it is about. */
const QUICK: Limits = {
  ...LIMITS,
  tick_ms: 20,
  lease_poll_ms: 60_000,
  grace: { interrupt_ms: 300, terminate_ms: 300 },
  cancel_grace: { interrupt_ms: 300, terminate_ms: 200 },
  disk_bytes_min: 1,
};

export async function openWorld(): Promise<World> {
  const root = mkdtempSync(path.join(tmpdir(), 'orch-attempt-'));
  const server = await startGitServer(path.join(root, 'server'));
  const commit: World['commit'] = (parent, files, { links = {} } = {}) => {
    const stage = mkdtempSync(path.join(root, 'stage-'));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(stage, name)), { recursive: true });
      writeFileSync(path.join(stage, name), text);
    }
    for (const [name, target] of Object.entries(links)) execFileSync('ln', ['-s', target, path.join(stage, name)]);
    const git = (...args: string[]): string => server.git([`--work-tree=${stage}`, ...args]);
    git('read-tree', '--empty');
    git('add', '-A');
    const made = git('commit-tree', git('write-tree'), ...(parent === null ? [] : ['-p', parent]), '-m', 'files');
    server.git(['update-ref', `refs/kept/${made}`, made]);
    return CommitSha.parse(made);
  };
  const base = commit(null, {
    'README.md': '# demo\n',
    'src/app.js': 'export const greeting = "hi";\n',
    '.gitignore': 'node_modules/\n',
  });
  server.git(['update-ref', 'refs/heads/main', base]);
  const log: string[] = [];
  const started: number[] = [];
  let attempts = 0;
  return {
    root,
    server,
    base,
    log,
    started,
    commit,
    brief: (changes = {}) => ({ ...plainBrief(server, base), ...changes }),
    attempt: async ({ brief, ports = {}, limits = {}, key = null }) => {
      attempts += 1;
      const place = path.join(root, `attempt-${attempts}`);
      return runOnce({ place, server, log, started, brief, ports, limits, key });
    },
    close: async () => {
      await server.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** A brief whose engine plays these rounds. */
export function played(world: World, ...rounds: readonly (readonly Step[])[]): Brief {
  return world.brief({ engine: { ...ENGINE_DEFAULTS.custom, command: scriptedCommand(...rounds) } });
}

function plainBrief(server: GitServer, base: CommitSha): Brief {
  const at = instantFromMs(0);
  return {
    version: 1,
    task: TaskId.parse('12'),
    attempt: AttemptNumber.parse(1),
    run: RunId.parse(500),
    role: 'code',
    engine: ENGINE_DEFAULTS.custom,
    plain: false,
    model: null,
    complexity: 'simple',
    profile: { skills: [], tools: [], constraints: [] },
    repository: {
      owner: 'owner',
      name: 'name',
      url: `${server.url}/owner/name`,
      default_branch: BranchName.parse('main'),
    },
    base,
    branch: BranchName.parse('orch/12-say-hello'),
    continues: null,
    issue: {
      number: IssueNumber.parse(12),
      title: 'Say hello',
      url: `${server.url}/owner/name/issues/12`,
      body: { by: 'someone', trust: 'trusted', at, text: 'Please say hello to `$(whoami)`.' },
    },
    asked: null,
    thread: [],
    thread_cut: false,
    relations: [],
    past: [],
    timeout_minutes: 1,
    silence_minutes_max: 1,
    setup: [],
    verify: [],
    verify_rounds_max: 2,
    required_tools: [],
    registry_hosts: [],
    sandbox: 'off',
    gate: DEFAULT_POLICY.gate,
    pull_request: { draft: false, reviewers: [] },
    auto_close: true,
  };
}

interface Once {
  readonly place: string;
  readonly server: GitServer;
  readonly log: string[];
  readonly started: number[];
  readonly brief: Brief;
  readonly ports: Partial<AttemptPorts>;
  readonly limits: Partial<Limits>;
  readonly key: string | null;
}

async function runOnce({ place, server, log, started, brief, ports, limits, key }: Once): Promise<Outcome> {
  const folders = { home: path.join(place, 'home'), out: path.join(place, 'out') };
  const store = path.join(place, 'uploaded');
  mkdirSync(store, { recursive: true });
  const uploaded: string[] = [];
  const wired: AttemptPorts = {
    files: diskFiles,
    clock: { now: () => instantFromMs(Date.now()) },
    log: { info: (line) => log.push(line), warning: (line) => log.push(line), error: (line) => log.push(line) },
    signal: new AbortController().signal,
    pause: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
    stillOurs: async () => true,
    readBrief: async () => brief,
    openWorkspace: async () => {
      const git = await openGit(path.join(place, 'git'), { url: `${server.url}/owner/name.git`, token: TOKEN });
      const start = brief.continues ?? brief.base;
      await fetchStart(git, start);
      return openWorkspace({
        git,
        folder: path.join(place, 'work'),
        index: path.join(place, 'index'),
        start,
        branch: brief.branch,
      });
    },
    installEngine: (engine, policy) =>
      installEngine({
        engine,
        version: policy.version,
        folder: path.join(place, 'engines'),
        env: process.env,
        platform: process.platform,
        arch: process.arch,
      }),
    prepareRooms: async () => undefined,
    openRoom: async (_, rules) =>
      openUnsandboxed({
        write_paths: [place],
        read_deny_paths: [],
        read_paths: rules.read_paths,
        allowed_hosts: rules.hosts,
        masked_credentials: [],
        loopback_names: [],
        seccomp_helper_path: '/nonexistent',
        plaintext_to_loopback: false,
      }),
    renderPrompt: ({ task, attempt, issue }) =>
      `Task ${task}, attempt ${attempt}: ${issue?.title ?? ''}\n\n${issue?.body.text ?? ''}\n`,
    renderFeedback: (failed) =>
      `These commands failed:\n${failed.map(({ command, tail }) => `${command.join(' ')}\n${tail}`).join('\n')}\n`,
    redact: redactorFor([TOKEN, ...(key === null ? [] : [key])]).redact,
    upload: async (files: readonly HandInFile[]) => {
      for (const file of files) {
        copyFileSync(file.path, path.join(store, file.name));
        uploaded.push(file.name);
      }
      return { artifact: 77, sha256: sha256('the artifact') };
    },
    engineStarted: (pid) => started.push(pid),
    hasTool: (name) => findProgram(name, process.env['PATH'] ?? '') !== null,
    freeBytes: async () => 1e12,
    cpuSeconds,
    agentEnv: ({ task, attempt, branch }) => agentEnv(process.env, { task, attempt, branch }),
    limits: { ...QUICK, ...limits },
    ...ports,
  };
  const leg = {
    task: brief.task,
    attempt: brief.attempt,
    brief_sha256: sha256(renderBrief(brief)),
    engine_key: key,
    folders,
  };
  const end = await runAttempt(wired, leg);
  return { end, uploaded, ...(await handedIn(store, uploaded, server)) };
}

async function handedIn(
  store: string,
  uploaded: readonly string[],
  server: GitServer,
): Promise<Pick<Outcome, 'result' | 'files' | 'transcript'>> {
  const read = (name: string): string => (uploaded.includes(name) ? readFileSync(path.join(store, name), 'utf8') : '');
  const parsed = uploaded.includes('result.json') ? parseHandIn(read('result.json')) : null;
  if (parsed?.kind === 'invalid') throw new Error(`deliver would refuse result.json: ${parsed.problem}`);
  const files = uploaded.includes('work.bundle') ? unbundle(path.join(store, 'work.bundle'), server) : null;
  return { result: parsed?.hand_in ?? null, files, transcript: read('transcript.ndjson') };
}

/** As deliver does it: objects checked, into a repository that holds the parent. Links and submodules show as `-> target`. */
function unbundle(bundle: string, server: GitServer): Readonly<Record<string, string>> {
  const head = server.git(['-c', 'transfer.fsckObjects=true', 'bundle', 'unbundle', bundle]).slice(0, 40);
  const entries = server
    .git(['ls-tree', '-r', '-z', head])
    .split('\0')
    .filter((entry) => entry !== '');
  return Object.fromEntries(
    entries.map((entry) => {
      const [about = '', name = ''] = entry.split('\t', 2);
      const [mode = '', , object = ''] = about.split(' ');
      if (mode === '160000') return [name, `-> ${object}`];
      const text = server.git(['cat-file', 'blob', object]);
      return [name, mode === '120000' ? `-> ${text}` : text];
    }),
  );
}
