// Owns the small world a sandbox test runs in: real folders, real servers on loopback, the real bubblewrap.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describeSandbox, seccompHelperIn } from '../../src/sandbox/describe.ts';
import type { ProcessEnd, RunningProcess, Sandbox, SandboxRules, SpawnRequest } from '../../src/sandbox/rules.ts';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
export const HELPER = seccompHelperIn(path.join(REPOSITORY, 'node_modules/@anthropic-ai/sandbox-runtime/vendor'));

export interface World {
  readonly root: string;
  readonly worktree: string;
  readonly home: string;
  readonly secret: string;
  readonly rules: SandboxRules;
  remove(): void;
}

export function makeWorld(): World {
  const root = mkdtempSync(path.join(tmpdir(), 'orch-test-'));
  const worktree = path.join(root, 'work tree');
  const home = path.join(root, 'home');
  const secret = path.join(root, 'secret');
  mkdirSync(worktree);
  mkdirSync(home);
  writeFileSync(secret, 'not for agents\n');
  const rules: SandboxRules = {
    write_paths: [worktree, home],
    read_deny_paths: [secret],
    read_paths: [root, REPOSITORY],
    allowed_hosts: [],
    masked_credentials: [],
    loopback_names: [],
    seccomp_helper_path: HELPER,
    plaintext_to_loopback: false,
  };
  return { root, worktree, home, secret, rules, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** A machine that cannot isolate fails these tests and names the command; it never skips them. */
export async function requireSandbox(): Promise<void> {
  const state = await describeSandbox({ seccomp_helper_path: HELPER });
  if (!state.available) throw new Error(`No sandbox here (missing ${state.missing.join(', ')}). Run: ${state.remedy}`);
}

export interface Run {
  readonly process: RunningProcess;
  readonly end: Promise<ProcessEnd>;
  out(): string;
  /** Resolves once the output holds the text. */
  said(text: string): Promise<void>;
}

export async function start(
  sandbox: Sandbox,
  world: World,
  request: Partial<SpawnRequest> & { argv: readonly string[] },
): Promise<Run> {
  let out = '';
  let heard = (): void => undefined;
  const sink = (chunk: Buffer): void => {
    out += chunk.toString();
    heard();
  };
  const started = await sandbox.spawn({
    cwd: world.worktree,
    env: { PATH: process.env.PATH ?? '', HOME: world.home },
    stdin: undefined,
    stdout: sink,
    stderr: sink,
    ...request,
  });
  const said = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      heard = () => (out.includes(text) ? resolve() : undefined);
      heard();
      void started
        .wait()
        .then(() => (out.includes(text) ? resolve() : reject(new Error(`never said ${text}: ${out}`))));
    });
  return { process: started, end: started.wait(), out: () => out, said };
}

export async function run(
  sandbox: Sandbox,
  world: World,
  argv: readonly string[],
  more: Partial<SpawnRequest> = {},
): Promise<{ code: number | null; out: string }> {
  const running = await start(sandbox, world, { argv, ...more });
  const { code } = await running.end;
  return { code, out: running.out() };
}

/** Node code as an argument list; its output is what it prints. */
export function node(code: string, ...args: readonly string[]): readonly string[] {
  return [process.execPath, '--input-type=module', '-e', code, ...args];
}

export interface LocalServer {
  readonly port: number;
  close(): Promise<void>;
}

export async function serve(listener: RequestListener): Promise<LocalServer> {
  return listen(createServer(listener));
}

export async function listen(server: Server): Promise<LocalServer> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** A GET through the proxy the environment names, in the absolute form most clients use for plain HTTP. */
export function get(url: string, headers = '{}'): readonly string[] {
  const code = `
    import http from "node:http";
    http.get(process.argv[1], { headers: ${headers} }, async (reply) => {
      process.stdout.write(reply.statusCode + " ");
      for await (const chunk of reply) process.stdout.write(chunk);
    }).on("error", (error) => console.log("failed", error.code));`;
  return node(code, url);
}
