// Owns opening and closing a sandbox: the one place that drives @anthropic-ai/sandbox-runtime (a research preview, pinned).
import { randomUUID } from 'node:crypto';
import { chmodSync, constants, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type * as Runtime from '@anthropic-ai/sandbox-runtime';
import { bugFault, personFault } from '../domain/fault.ts';
import { describeSandbox } from './describe.ts';
import { openLoopbackProxy, type LoopbackProxy } from './loopback.ts';
import { quoteArgv, startProcess } from './process.ts';
import {
  checkRules,
  injectionHosts,
  literal,
  misuse,
  refusedRules,
  refuseRealKeys,
  renderConfig,
  renderEnv,
  renderFilesystem,
  renderUrlInside,
  type RunningProcess,
  type Sandbox,
  type SandboxRules,
  type Scratch,
  type SpawnRequest,
} from './rules.ts';

type Manager = typeof Runtime.SandboxManager;

/** The runtime keeps its state in the module, so one process holds one sandbox at a time; `close` makes room. */
let occupied = false;

/**
 * Fails closed: where isolation cannot start, a person is told what to install.
 * Network rules, keys and the `/tmp` inside end with `close`.
 */
export async function openSandbox(rules: SandboxRules): Promise<Sandbox> {
  checkRules(rules);
  if (occupied) throw bugFault(ALREADY_OPEN);
  occupied = true;
  const scratch = makeScratch(rules);
  const undo: (() => Promise<void> | void)[] = [() => void (occupied = false), scratch.remove];
  try {
    const [state, runtime] = await Promise.all([describeSandbox(rules), import('@anthropic-ai/sandbox-runtime')]);
    if (!state.available) throw cannotStart(state.missing, state.remedy);
    installHelper(rules.seccomp_helper_path, scratch.folders.seccomp_helper);
    const proxy = await mapNames(rules);
    if (proxy !== undefined) undo.push(proxy.close);
    undo.push(() => runtime.SandboxManager.reset());
    await initialize(runtime, renderConfig(rules, scratch.folders, proxy?.port));
    return isolated({ manager: runtime.SandboxManager, rules, scratch: scratch.folders, undo });
  } catch (error) {
    await unwind(undo);
    throw error;
  }
}

/**
 * The same door without isolation: only where policy says `sandbox: off`, or for the demo's own scripted engine.
 * Programs get the real keys and the whole network; only HOME, TMPDIR and the withheld variables are as inside.
 */
export function openUnsandboxed(rules: SandboxRules): Sandbox {
  const scratch = makeScratch(rules);
  const keys = Object.fromEntries(rules.masked_credentials.map(({ env, value }) => [env, value]));
  const notes: string[] = [];
  return session({
    isolated: false,
    undo: [scratch.remove],
    urlInside: (url) => url,
    violations: () => notes,
    start: async (request) => {
      const inside = renderEnv(request, rules, scratch.folders);
      notes.push(...inside.withheld.map(withheldNote));
      return await startProcess({ request, argv: request.argv, env: { ...inside.env, ...keys }, wrapped: false });
    },
  });
}

interface Isolated {
  readonly manager: Manager;
  readonly rules: SandboxRules;
  readonly scratch: Scratch;
  readonly undo: (() => Promise<void> | void)[];
}

function isolated(open: Isolated): Sandbox {
  const registry = open.manager.getSentinelRegistry();
  const stand_ins = Object.fromEntries(
    open.rules.masked_credentials.map((each) => [
      each.env,
      registry.register(each.env, each.value, injectionHosts(each)),
    ]),
  );
  const notes: string[] = [];
  return session({
    isolated: true,
    undo: open.undo,
    urlInside: (url) => renderUrlInside(url, open.rules),
    violations: () => [
      ...notes,
      ...open.manager
        .getSandboxViolationStore()
        .getViolations()
        .map(({ line }) => line),
    ],
    start: async (request) => {
      refuseRealKeys(request, open.rules);
      const inside = renderEnv(request, open.rules, open.scratch);
      notes.push(...inside.withheld.map(withheldNote));
      return startInside(open, request, { ...inside.env, ...stand_ins });
    },
  });
}

async function startInside(
  open: Isolated,
  request: SpawnRequest,
  env: Readonly<Record<string, string>>,
): Promise<RunningProcess> {
  const launch = writeLaunchFile(open.scratch, request.argv, env);
  const filesystem = renderFilesystem(open.rules, open.scratch);
  // The bridge to the proxy lies in the /tmp we hide, so it is bound back.
  const bridge = open.manager.getLinuxHttpSocketPath();
  const custom = {
    filesystem: {
      ...filesystem,
      allowRead: [...(filesystem.allowRead ?? []), ...(bridge === undefined ? [] : [literal(bridge)])],
    },
  };
  const wrapped = await open.manager.wrapWithSandboxArgv(
    `. ${quoteArgv([launch])}`,
    'sh',
    custom,
    undefined,
    undefined,
    { commandId: randomUUID() },
  );
  try {
    const script = wrapped.argv.at(-1) ?? '';
    const running = await startProcess({ request, argv: ['/bin/sh', '-c', `exec ${script}`], env, wrapped: true });
    void running.wait().then(() => open.manager.cleanupAfterCommand());
    return running;
  } catch (error) {
    open.manager.cleanupAfterCommand();
    throw error;
  }
}

/**
 * The runtime nests the command in three quotings, where each `'` of a prompt grows a hundredfold past the kernel's
 * limit for one argument; a file is quoted once. It also corrects what the runtime sets for us.
 */
function writeLaunchFile(scratch: Scratch, argv: readonly string[], env: Readonly<Record<string, string>>): string {
  if (argv.length === 0 || argv.some((word) => word.includes('\0')))
    throw misuse('an argument list is empty or holds a NUL byte');
  const corrected = {
    TMPDIR: env.TMPDIR ?? scratch.tmp,
    CLAUDE_CODE_TMPDIR: env.TMPDIR ?? scratch.tmp,
    // Private ranges stay with the proxy: an allowed host there could not be reached otherwise.
    NO_PROXY: 'localhost,127.0.0.1,::1',
    no_proxy: 'localhost,127.0.0.1,::1',
  };
  const exports = Object.entries(corrected).map(([name, value]) => `export ${name}=${quoteArgv([value])}\n`);
  const unset = scratch.java_agent === undefined ? 'unset JAVA_TOOL_OPTIONS\n' : '';
  const file = path.join(scratch.own, `launch-${randomUUID()}.sh`);
  writeFileSync(file, `${exports.join('')}${unset}exec ${quoteArgv(argv)}\n`, { mode: 0o400 });
  return file;
}

interface Session {
  readonly isolated: boolean;
  readonly undo: (() => Promise<void> | void)[];
  readonly urlInside: (url: string) => string;
  readonly violations: () => readonly string[];
  readonly start: (request: SpawnRequest) => Promise<RunningProcess>;
}

function session(parts: Session): Sandbox {
  const running = new Set<RunningProcess>();
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    for (const each of running) each.kill();
    await Promise.all([...running].map((each) => each.wait()));
    await unwind(parts.undo);
  };
  return {
    isolated: parts.isolated,
    urlInside: parts.urlInside,
    violations: parts.violations,
    spawn: async (request) => {
      if (closing !== undefined) throw misuse('a closed sandbox was asked to start a program');
      const started = await parts.start(request);
      running.add(started);
      // Closed meanwhile: what came too late must not outlive it.
      if (closing !== undefined) started.kill();
      void started.wait().then(() => running.delete(started));
      return started;
    },
    close: () => (closing ??= close()),
  };
}

async function initialize(runtime: typeof Runtime, config: Runtime.SandboxRuntimeConfig): Promise<void> {
  const checked = runtime.SandboxRuntimeConfigSchema.safeParse(config);
  if (!checked.success)
    throw refusedRules(checked.error.issues.map(({ path: at, message }) => `${at.join('.')}: ${message}`).join('; '));
  runtime.SandboxManager.getSandboxViolationStore().clear();
  await runtime.SandboxManager.initialize(config);
  dropSignalHandlers();
}

/** On SIGINT the runtime tears its proxies down, under an engine that is just handing in; modes own signals. */
function dropSignalHandlers(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // A `once` listener is wrapped, and only its own text tells it from a mode's.
    for (const listener of process.listeners(signal)) {
      if (listener.toString().includes('registerCleanup')) process.removeListener(signal, listener);
    }
  }
}

async function mapNames(rules: SandboxRules): Promise<LoopbackProxy | undefined> {
  return rules.loopback_names.length === 0 ? undefined : openLoopbackProxy(rules.loopback_names);
}

/** Copied: the action's own files may be hidden inside, and an unpacked archive may have lost its mode. */
function installHelper(from_path: string, to_path: string): void {
  copyFileSync(from_path, to_path, constants.COPYFILE_FICLONE);
  chmodSync(to_path, 0o555);
}

function makeScratch(rules: SandboxRules): { readonly folders: Scratch; readonly remove: () => void } {
  const root = mkdtempSync(path.join(tmpdir(), 'orch-sandbox-'));
  const own = path.join(root, 'own');
  const java_agent = path.join(path.dirname(rules.seccomp_helper_path), '../../java-proxy-agent/srt-proxy-agent.jar');
  const folders = {
    root,
    own,
    tmp: path.join(root, 'tmp'),
    home: path.join(root, 'home'),
    seccomp_helper: path.join(own, 'apply-seccomp'),
    java_agent: existsSync(java_agent) ? java_agent : undefined,
  };
  for (const folder of [folders.own, folders.tmp, folders.home]) mkdirSync(folder);
  const erase = (): void => rmSync(root, { recursive: true, force: true });
  process.once('exit', erase);
  const remove = (): void => {
    process.removeListener('exit', erase);
    erase();
  };
  return { folders, remove };
}

/** Last opened, first closed; one failing step keeps none of the others from its turn. */
async function unwind(undo: readonly (() => Promise<void> | void)[]): Promise<void> {
  const failed: unknown[] = [];
  for (const step of undo.toReversed()) {
    try {
      await step();
    } catch (error) {
      failed.push(error);
    }
  }
  if (failed.length > 0) throw new AggregateError(failed, 'A sandbox could not be closed');
}

function withheldNote(name: string): string {
  return `withheld variable ${name}`;
}

const ALREADY_OPEN = {
  title: 'A sandbox is already open in this process',
  cause: 'the runtime serves one at a time',
  remedy: 'Please report this as a bug, with the run link.',
} as const;

function cannotStart(missing: readonly string[], remedy: string): Error {
  return personFault({ title: 'The sandbox cannot start', cause: `missing: ${missing.join(', ')}`, remedy });
}
