// Proves what is done on GitHub's own runners so that a sandbox can start: the least, as root, once, and nothing elsewhere.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeSandbox } from '../../src/sandbox/describe.ts';
import type { SandboxHost } from '../../src/sandbox/describe.ts';
import { ensureSandbox } from '../../src/sandbox/ensure.ts';
import { HELPER, makeWorld, type World } from './world.ts';

let world: World;
let bin: string;
let host: SandboxHost;
beforeEach(() => {
  world = makeWorld();
  bin = path.join(world.root, 'bin');
  const sysctl_path = path.join(world.root, 'sys');
  mkdirSync(bin);
  mkdirSync(path.join(sysctl_path, 'kernel'), { recursive: true });
  host = { seccomp_helper_path: HELPER, search_path: bin, sysctl_path };
  writeFileSync(restriction(), '1');
});
afterEach(() => world.remove());

function restriction(): string {
  return path.join(world.root, 'sys/kernel/apparmor_restrict_unprivileged_userns');
}

function place(program: string, script: string): void {
  writeFileSync(path.join(bin, program), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

/** What Ubuntu's bubblewrap does without its AppArmor profile. */
const RESTRICTED = `read switch < '${'$'}SWITCH'; [ "$switch" = 0 ] || { echo no permissions to create new namespace >&2; exit 1; }`;

/** A runner of GitHub's: sudo asks nothing, apt and sysctl do what they are told. `apt` is what installing answers. */
function placeSudo(apt: 'installs' | 'needs an update' | 'fails' = 'installs'): void {
  const bwrap = RESTRICTED.replace('$SWITCH', restriction());
  const programs = [
    `printf '%s\\n' '#!/bin/sh' ${shellWord(bwrap)} > '${bin}/bwrap'`,
    `printf '#!/bin/sh\\n' > '${bin}/socat'`,
    `printf '#!/bin/sh\\n' > '${bin}/rg'`,
    `/bin/chmod 755 '${bin}/bwrap' '${bin}/socat' '${bin}/rg'`,
  ].join(' && ');
  const updated = path.join(world.root, 'updated');
  const missing = `echo 'E: Unable to fetch some archives' >&2; exit 100`;
  const install = {
    installs: programs,
    'needs an update': `if [ -e '${updated}' ]; then ${programs}; else ${missing}; fi`,
    fails: missing,
  };
  place(
    'sudo',
    [
      `echo "$*" >> '${path.join(world.root, 'asked')}'`,
      `case "$*" in`,
      `*'apt-get update') echo > '${updated}';;`,
      `*'apt-get install'*) ${install[apt]};;`,
      `*'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0') printf 0 > '${restriction()}';;`,
      `*) exit 1;;`,
      `esac`,
    ].join('\n'),
  );
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function asked(): readonly string[] {
  const lines = readFileSync(path.join(world.root, 'asked'), 'utf8').trim().split('\n');
  return lines.map((line) => line.replace(/^-n timeout --kill-after=\d+ \d+ env DEBIAN_FRONTEND=noninteractive /, ''));
}

async function ensure(runner_environment = 'github-hosted'): Promise<readonly string[]> {
  const said: string[] = [];
  const log = {
    info: (line: string) => void said.push(line),
    warning: (line: string) => void said.push(`warning: ${line}`),
    error: (line: string) => void said.push(`error: ${line}`),
  };
  await ensureSandbox({ host, runner_environment, log });
  return said;
}

const INSTALL = 'apt-get install -y bubblewrap socat ripgrep';
const LIFT = 'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0';

test("[SEC-08] on a bare machine of GitHub's the programs are installed and the kernel's switch is set, and a second time nothing is", async () => {
  placeSudo();
  expect(await ensure()).toEqual([`· the sandbox needs: sudo ${INSTALL}`, `· the sandbox needs: sudo ${LIFT}`]);
  expect(await describeSandbox(host)).toEqual({ available: true });
  expect(await ensure()).toEqual([]);
  expect(asked()).toEqual([INSTALL, LIFT]);
});

test('package lists that are too old are brought up to date', async () => {
  placeSudo('needs an update');
  await ensure();
  expect(asked()).toEqual([INSTALL, 'apt-get update', INSTALL, LIFT]);
  expect(await describeSandbox(host)).toEqual({ available: true });
});

test('an install that fails is told in its own words, and ends it', async () => {
  placeSudo('fails');
  expect(await ensure()).toContain(`warning: sudo ${INSTALL} failed: E: Unable to fetch some archives`);
  expect(asked()).toEqual([INSTALL, 'apt-get update', INSTALL]);
  expect(await describeSandbox(host)).toMatchObject({ available: false, remedy: `sudo ${INSTALL}` });
});

test('sudo that wants a password is not waited for', async () => {
  place('sudo', `echo 'sudo: a password is required' >&2; exit 1`);
  expect(await ensure()).toContain(`warning: sudo ${INSTALL} failed: sudo: a password is required`);
});

test('without sudo nothing is tried', async () => {
  expect(await ensure()).toEqual([]);
});

test("a machine of the user's own is never changed", async () => {
  placeSudo();
  expect(await ensure('self-hosted')).toEqual([]);
  expect(await ensure('')).toEqual([]);
  expect(() => asked()).toThrow();
});
