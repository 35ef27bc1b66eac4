// Owns the bundle: TypeScript → JavaScript → one chunk a mode → smaller, with the notices of everything that is in it.
//
//   node .ci/build.ts build    writes build/dist
//   node .ci/build.ts dist     writes dist
//   node .ci/build.ts check    builds aside and fails if dist differs by a byte
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { minifySync } from 'rolldown/utils';
import { licenceNotices, packagesIn } from './notices.ts';

const ROOT = path.join(import.meta.dirname, '..');
const BUILD = path.join(ROOT, 'build');
const DIST = path.join(ROOT, 'dist');
const BIN = path.join(ROOT, 'node_modules', '.bin');
const SANDBOX_RUNTIME = path.join(ROOT, 'node_modules', '@anthropic-ai', 'sandbox-runtime');

/** Helper programs that the sandbox starts; without them it would drop a layer in silence. */
const VENDORED = ['seccomp/x64/apply-seccomp', 'seccomp/arm64/apply-seccomp', 'java-proxy-agent/srt-proxy-agent.jar'];

/**
 * Built aside and then swapped in, so that a failed build leaves the old one. The work folder lies two below the root
 * whatever its name: ncc derives module ids from paths relative to where it runs, and they must not change.
 */
export function buildBundle(out: string): void {
  mkdirSync(BUILD, { recursive: true });
  const work = mkdtempSync(path.join(BUILD, 'work-'));
  try {
    const bundle = path.join(work, 'bundle');
    const stats = path.join(work, 'stats.json');
    run(ROOT, 'tsc', ['-p', 'tsconfig.build.json', '--outDir', path.join(work, 'js')]);
    run(work, 'ncc', ['build', 'js/main.js', '-o', 'bundle', '--no-cache', '--quiet', '--stats-out', stats]);
    leaveUnusedOut(bundle, stats);
    setFallbackAside(bundle);
    minifyChunks(bundle);
    shipHelpers(bundle);
    writeFileSync(path.join(bundle, 'licenses.txt'), licenceNotices([...packagesIn(stats), SANDBOX_RUNTIME]));
    swapIn(bundle, out);
    // A bundle reads its prompts from beside its own folder.
    if (path.dirname(out) !== ROOT)
      cpSync(path.join(ROOT, 'prompts'), path.join(path.dirname(out), 'prompts'), { recursive: true });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function run(cwd: string, command: string, args: readonly string[]): void {
  execFileSync(path.join(BIN, command), args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
}

/** What undici offers besides requests: every job would load it, and neither Orch nor its libraries ask for it. */
const UNUSED = new RegExp(
  `/undici/lib/(?:${[
    'api/api-(?:pipeline|stream|upgrade)\\.',
    'dispatcher/(?:balanced-pool|client-h2|env-http-proxy-agent|retry-agent)\\.',
    'handler/(?:redirect|retry)-handler\\.',
    'interceptor/(?:dns|dump|response-error)\\.',
    'mock/',
    'web/(?:cache/cache\\.|cookies/|eventsource/|fetch/formdata-parser\\.|fileapi/|websocket/)',
  ].join('|')})`,
);

/** Empties those modules; undici's front door still asks for them and hands on what it finds. */
function leaveUnusedOut(bundle: string, stats: string): void {
  const { modules } = JSON.parse(readFileSync(stats, 'utf8')) as { modules: readonly { id: number; name: string }[] };
  const unused = modules.filter(({ name }) => UNUSED.test(name)).map(({ id }) => id);
  let left_out = 0;
  for (const file of globSync('*.js', { cwd: bundle }).map((name) => path.join(bundle, name))) {
    const source = readFileSync(file, 'utf8');
    const rest = source.replace(
      /^\/\*{3}\/ (\d+):\n(\/\*{3}\/ \(.*=> \{\n)[^]*?^\/\*{3}\/ \}\)/gm,
      (whole, id: string, head: string) => {
        if (!unused.includes(Number(id))) return whole;
        left_out += 1;
        return `/***/ ${id}:\n${head}\n/***/ })`;
      },
    );
    if (rest !== source) writeFileSync(file, rest);
  }
  if (left_out === 0 || left_out < unused.length) throw new Error('undici, or ncc, names its modules differently now.');
}

/**
 * undici carries its HTTP parser twice, the second for processors without SIMD. Every job would load those 65 kB and
 * none of GitHub's runners needs them: they become a file beside the bundle, read by the processor that does.
 */
function setFallbackAside(bundle: string): void {
  const source = readFileSync(path.join(ROOT, 'node_modules/undici/lib/llhttp/llhttp-wasm.js'), 'utf8');
  const [literal = '', base64 = ''] = /'([\w+/=]+)', 'base64'/.exec(source) ?? [];
  const name = 'llhttp.wasm';
  const holders = globSync('*.js', { cwd: bundle })
    .map((file) => path.join(bundle, file))
    .filter((file) => readFileSync(file, 'utf8').includes(literal));
  if (literal === '' || holders.length === 0) throw new Error('undici ships its HTTP parser differently now.');
  for (const file of holders) {
    const read = `process.getBuiltinModule('node:fs').readFileSync(new URL('${name}', import.meta.url))`;
    writeFileSync(file, readFileSync(file, 'utf8').replace(literal, read));
  }
  writeFileSync(path.join(bundle, name), Buffer.from(base64, 'base64'));
}

/** Not by ncc's own `-m`, which leaves every chunk but the entry as it was: 11 MB instead of 5. */
function minifyChunks(bundle: string): void {
  for (const file of globSync('*.js', { cwd: bundle })) {
    const full = path.join(bundle, file);
    const result = minifySync(file, readFileSync(full, 'utf8'), {
      module: true,
      compress: { target: 'es2024' },
      mangle: { toplevel: true },
      codegen: { legalComments: 'none' }, // licenses.txt has them all
    });
    if (result.errors.length > 0) throw new Error(`${file} cannot be minified: ${String(result.errors[0])}`);
    writeFileSync(full, `${result.code}\n`);
  }
}

function shipHelpers(bundle: string): void {
  for (const file of VENDORED) {
    const target = path.join(bundle, 'vendor', file);
    mkdirSync(path.dirname(target), { recursive: true });
    cpSync(path.join(SANDBOX_RUNTIME, 'vendor', file), target);
  }
}

function swapIn(bundle: string, out: string): void {
  mkdirSync(path.dirname(out), { recursive: true });
  rmSync(out, { recursive: true, force: true });
  renameSync(bundle, out);
}

/** Paths below `left` and `right` whose bytes, or whose right to be executed, differ. */
export function differingFiles(left: string, right: string): readonly string[] {
  const names = new Set([left, right].flatMap((folder) => filesIn(folder)));
  return [...names].sort().filter((name) => fingerprint(path.join(left, name)) !== fingerprint(path.join(right, name)));
}

function filesIn(folder: string): readonly string[] {
  return globSync('**/*', { cwd: folder }).filter((name) => statSync(path.join(folder, name)).isFile());
}

function fingerprint(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return 'absent';
  return `${(stat.mode & 0o100) === 0 ? 'data' : 'program'}:${readFileSync(file).toString('base64')}`;
}

function check(): void {
  const aside = path.join(BUILD, `check-${process.pid}`);
  try {
    buildBundle(aside);
    if (!existsSync(DIST)) throw new Error('There is no dist/: run `npm run dist` and commit what it writes.');
    const differing = differingFiles(aside, DIST);
    for (const name of differing)
      process.stdout.write(`dist/${name} is not what the sources give: run \`npm run dist\`.\n`);
    if (differing.length === 0) process.stdout.write('dist/ is what the sources give, byte for byte.\n');
    else process.exitCode = 1;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

function main(command: string | undefined): void {
  if (command === 'check') {
    check();
    return;
  }
  const out = command === 'dist' ? DIST : path.join(BUILD, 'dist');
  buildBundle(out);
  process.stdout.write(`built ${path.relative(ROOT, out)}/\n`);
}

if (process.argv[1] === import.meta.filename) main(process.argv[2]);
