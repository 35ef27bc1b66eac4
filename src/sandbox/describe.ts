// Owns the question whether a sandbox can start on this machine, and what to type when it cannot.
import { execFile } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import path from 'node:path';

export type SandboxState =
  | { readonly available: true }
  | {
      readonly available: false;
      readonly missing: readonly string[];
      readonly remedy: string;
      /** The one command that, run as root, repairs it; null when no single command does. */
      readonly repair: readonly string[] | null;
    };

export interface SandboxHost {
  readonly seccomp_helper_path: string;
  /** PATH to look programs up in; ours when left out. */
  readonly search_path?: string;
  /** Where the kernel's switches are read; `/proc/sys` when left out. */
  readonly sysctl_path?: string;
  readonly platform?: NodeJS.Platform;
}

/** Debian and Ubuntu name one package differently from its program. */
const PROGRAMS = [
  { program: 'bwrap', package: 'bubblewrap' },
  { program: 'socat', package: 'socat' },
  { program: 'rg', package: 'ripgrep' },
] as const;
const PROBE_MS = 5_000;

/** The folder a build ships (and the runtime's package has under `vendor/`) → the helper for this machine. */
export function seccompHelperIn(vendor_path: string): string {
  return path.join(vendor_path, 'seccomp', process.arch, 'apply-seccomp');
}

export async function describeSandbox(host: SandboxHost): Promise<SandboxState> {
  if ((host.platform ?? process.platform) !== 'linux') {
    return byHand(['Linux'], 'Run attempts on a Linux runner, or set `sandbox: off` in .github/orch.yml.');
  }
  const folders = foldersOf(host);
  const missing = PROGRAMS.filter(({ program }) => findProgram(program, folders) === undefined);
  if (missing.length > 0) {
    const packages = missing.map((each) => each.package);
    return byCommand(
      missing.map((each) => each.program),
      ['apt-get', 'install', '-y', ...packages],
    );
  }
  if (!isExecutable(host.seccomp_helper_path)) {
    // Without the helper the runtime would start and allow AF_UNIX without a word.
    const remedy = `Restore the executable file ${host.seccomp_helper_path} (x64 and arm64 are shipped).`;
    return byHand(['apply-seccomp'], remedy);
  }
  return probe(findProgram('bwrap', folders) ?? 'bwrap', host);
}

/** Really enters the namespaces a sandbox needs: distributions restrict them in more ways than can be listed. */
async function probe(bwrap: string, host: SandboxHost): Promise<SandboxState> {
  // uid 0 may map itself only with this capability: https://man7.org/linux/man-pages/man7/user_namespaces.7.html
  const capabilities = process.geteuid?.() === 0 ? ['--cap-add', 'CAP_SETFCAP'] : [];
  const args = [
    '--unshare-user',
    '--unshare-pid',
    '--unshare-net',
    '--die-with-parent',
    '--ro-bind',
    '/',
    '/',
    '--dev',
    '/dev',
  ];
  const inside = [
    '--cap-drop',
    'ALL',
    ...capabilities,
    '--proc',
    '/proc',
    '--',
    host.seccomp_helper_path,
    '/bin/sh',
    '-c',
    ':',
  ];
  const refusal = await new Promise<string | undefined>((resolve) => {
    execFile(bwrap, [...args, ...inside], { timeout: PROBE_MS }, (error, _out, said) =>
      resolve(error === null ? undefined : said),
    );
  });
  if (refusal === undefined) return { available: true };
  const said = refusal.trim().split('\n')[0] ?? '';
  return withoutNamespaces([`user namespaces${said === '' ? '' : ` (${said})`}`], host.sysctl_path ?? '/proc/sys');
}

/** Switches that keep programs without rights from opening namespaces, and the values that let them. */
const SWITCHES = [
  {
    file: 'kernel/apparmor_restrict_unprivileged_userns',
    forbids: '1',
    allow: 'kernel.apparmor_restrict_unprivileged_userns=0',
  },
  { file: 'kernel/unprivileged_userns_clone', forbids: '0', allow: 'kernel.unprivileged_userns_clone=1' },
  { file: 'user/max_user_namespaces', forbids: '0', allow: 'user.max_user_namespaces=15000' },
] as const;

function withoutNamespaces(missing: readonly string[], sysctl_path: string): SandboxState {
  const found = SWITCHES.find(({ file, forbids }) => sysctl(sysctl_path, file) === forbids);
  if (found !== undefined) return byCommand(missing, ['sysctl', '-w', found.allow]);
  return byHand(
    missing,
    'Use a runner that allows user namespaces (in a container: --security-opt seccomp=unconfined --security-opt apparmor=unconfined).',
  );
}

function sysctl(sysctl_path: string, name: string): string {
  try {
    return readFileSync(path.join(sysctl_path, name), 'utf8').trim();
  } catch {
    return '';
  }
}

export function foldersOf({ search_path }: Pick<SandboxHost, 'search_path'>): readonly string[] {
  return (search_path ?? process.env.PATH ?? '').split(':').filter((folder) => folder !== '');
}

/** Absolute path, or undefined. */
export function findProgram(program: string, folders: readonly string[]): string | undefined {
  return folders.map((folder) => path.join(folder, program)).find(isExecutable);
}

function isExecutable(name: string): boolean {
  try {
    accessSync(name, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function byCommand(missing: readonly string[], repair: readonly string[]): SandboxState {
  return { available: false, missing, remedy: ['sudo', ...repair].join(' '), repair };
}

function byHand(missing: readonly string[], remedy: string): SandboxState {
  return { available: false, missing, remedy, repair: null };
}
