// Owns the bundle: TypeScript → JavaScript → one chunk a mode, with the notices of everything that is in it.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '..');
const BIN = path.join(ROOT, 'node_modules', '.bin');
const SANDBOX_VENDOR = path.join(ROOT, 'node_modules', '@anthropic-ai', 'sandbox-runtime', 'vendor');

/** Helper programs that the sandbox starts; without them it would drop a layer in silence. */
const VENDORED = ['seccomp/x64/apply-seccomp', 'seccomp/arm64/apply-seccomp', 'java-proxy-agent/srt-proxy-agent.jar'];

/** The folder is built aside and then swapped in, so that a failed build leaves the old one. */
export function buildBundle(out: string): void {
  const work = mkdtempSync(path.join(tmpdir(), 'orch-build-'));
  try {
    const js = path.join(work, 'js');
    // ncc resolves packages from where the entry lies, so the JavaScript needs the checkout's node_modules above it.
    const entry = path.join(ROOT, 'build', 'js');
    rmSync(entry, { recursive: true, force: true });
    compile(entry);
    bundle(entry, path.join(work, 'dist'));
    finish(path.join(work, 'dist'));
    rmSync(out, { recursive: true, force: true });
    mkdirSync(path.dirname(out), { recursive: true });
    cpSync(path.join(work, 'dist'), out, { recursive: true });
    rmSync(js, { recursive: true, force: true });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function compile(out: string): void {
  run('tsc', ['-p', 'tsconfig.build.json', '--outDir', out]);
}

function bundle(js: string, out: string): void {
  run('ncc', ['build', path.join(js, 'main.js'), '-o', out, '-m', '--no-cache', '--quiet']);
}

function run(command: string, args: readonly string[]): void {
  execFileSync(path.join(BIN, command), args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
}

function finish(dist: string): void {
  writeFileSync(path.join(dist, 'package.json'), '{ "type": "module" }\n');
  for (const file of VENDORED) {
    const target = path.join(dist, 'vendor', file);
    mkdirSync(path.dirname(target), { recursive: true });
    cpSync(path.join(SANDBOX_VENDOR, file), target);
  }
  writeFileSync(path.join(dist, 'licenses.txt'), notices(bundledPackages(dist)));
}

/**
 * ncc's own `--license` lists only itself. Every package in the lockfile's production tree may be in the bundle, so all
 * of them are named: too many notices are no fault, one too few is.
 */
function bundledPackages(_dist: string): readonly string[] {
  const lock = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly optional?: boolean }>>;
  };
  return Object.entries(lock.packages)
    .filter(([name, entry]) => name !== '' && entry.dev !== true && entry.optional !== true)
    .map(([name]) => name)
    .filter((name) => existsSync(path.join(ROOT, name)))
    .sort();
}

function notices(packages: readonly string[]): string {
  return packages.map(notice).join(`\n${'-'.repeat(78)}\n\n`);
}

function notice(folder: string): string {
  const full = path.join(ROOT, folder);
  const meta = JSON.parse(readFileSync(path.join(full, 'package.json'), 'utf8')) as {
    readonly name?: string;
    readonly version?: string;
    readonly license?: string;
  };
  const file = readdirSync(full).find((name) => /^(?:licen[cs]e|copying|notice)/i.test(name) && statSync(path.join(full, name)).isFile());
  const text = file === undefined ? '(no licence file in the package)' : readFileSync(path.join(full, file), 'utf8').trim();
  return `${meta.name ?? folder} ${meta.version ?? ''} (${meta.license ?? 'no licence field'})\n\n${text}\n`;
}

if (process.argv[1] === import.meta.filename) {
  const target = process.argv[2] === 'dist' ? path.join(ROOT, 'dist') : path.join(ROOT, 'build', 'dist');
  buildBundle(target);
  process.stdout.write(`built ${path.relative(ROOT, target)}\n`);
}
