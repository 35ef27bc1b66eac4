// Proves that a bundle moved away from its packages loses no layer: the runtime alone would drop one without a word.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seccompHelperIn } from '../../src/sandbox/describe.ts';
import { HELPER, makeWorld, requireSandbox, type World } from './world.ts';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const MAIN = `
  import { openSandbox } from './src/sandbox/sandbox.js';
  const rules = JSON.parse(process.argv[2]);
  const sandbox = await openSandbox(rules);
  const code = 'import { createServer } from "node:net"; createServer().on("error", (e) => console.log(e.code)).listen("s", () => console.log("open"))';
  const say = (chunk) => process.stdout.write(chunk);
  const running = await sandbox.spawn({
    argv: [process.execPath, '--input-type=module', '-e', code], cwd: rules.write_paths[0], env: {}, stdin: undefined, stdout: say, stderr: say,
  });
  await running.wait();
  await sandbox.close();`;

let world: World;
let moved: string;
beforeAll(async () => {
  await requireSandbox();
  world = makeWorld();
  const source = path.join(world.root, 'source');
  for (const name of globSync('src/{sandbox,domain}/*.ts', { cwd: REPOSITORY })) {
    mkdirSync(path.dirname(path.join(source, name)), { recursive: true });
    const text = stripTypeScriptTypes(readFileSync(path.join(REPOSITORY, name), 'utf8')).replaceAll(
      /(from '\.[^']*)\.ts'/g,
      "$1.js'",
    );
    writeFileSync(path.join(source, name.replace(/\.ts$/, '.js')), text);
  }
  writeFileSync(path.join(source, 'main.js'), MAIN);
  writeFileSync(path.join(source, 'package.json'), '{"type":"module"}');
  symlinkSync(path.join(REPOSITORY, 'node_modules'), path.join(source, 'node_modules'));
  const ncc = path.join(REPOSITORY, 'node_modules/@vercel/ncc/dist/ncc/cli.js');
  const built = spawnSync(process.execPath, [ncc, 'build', 'main.js', '-o', '../bundle'], {
    cwd: source,
    encoding: 'utf8',
  });
  expect(built.status, built.stderr).toBe(0);
  rmSync(source, { recursive: true });
  moved = path.join(world.root, 'moved');
  renameSync(path.join(world.root, 'bundle'), moved);
}, 30_000);
afterAll(() => world.remove());

const start = (helper: string) =>
  spawnSync(
    process.execPath,
    [path.join(moved, 'index.js'), JSON.stringify({ ...world.rules, seccomp_helper_path: helper })],
    { encoding: 'utf8' },
  );

test('with the helper it ships, Unix sockets are refused inside', () => {
  const shipped = seccompHelperIn(moved);
  mkdirSync(path.dirname(shipped), { recursive: true });
  copyFileSync(HELPER, shipped);
  expect(start(shipped)).toMatchObject({ status: 0, stdout: 'EPERM\n' });
});

test('without it nothing starts', () => {
  const outcome = start(path.join(moved, 'lost'));
  expect(outcome.status).not.toBe(0);
  expect(outcome.stdout).toBe('');
  expect(outcome.stderr).toContain('missing: apply-seccomp');
});
