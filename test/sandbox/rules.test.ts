// Proves how rules read as the runtime's configuration, where a slip would be silent.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { getDefaultWritePaths } from '@anthropic-ai/sandbox-runtime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  checkRules,
  readableAround,
  renderConfig,
  renderUrlInside,
  type SandboxRules,
  type Scratch,
} from '../../src/sandbox/rules.ts';
import { makeWorld, type World } from './world.ts';

const scratch: Scratch = {
  root: '/s',
  own: '/s/own',
  tmp: '/s/tmp',
  home: '/s/home',
  seccomp_helper: '/s/own/apply-seccomp',
  java_agent: undefined,
};
let world: World;
beforeEach(() => {
  world = makeWorld();
});
afterEach(() => world.remove());

const key = (...hosts: readonly string[]): SandboxRules['masked_credentials'] => [
  { env: 'KEY', value: 'secret', hosts },
];

describe('the network', () => {
  test('only the connections that carry a key are opened; a wildcard over its host is', () => {
    const rules = {
      ...world.rules,
      allowed_hosts: ['API.example.com:443', 'registry.example.org', '*.example.com'],
      masked_credentials: key('api.example.com'),
    };
    expect(renderConfig(rules, scratch, undefined).network.tlsTerminate).toEqual({
      excludeDomains: ['registry.example.org'],
    });
  });

  test('without a key no connection is opened', () => {
    expect(
      renderConfig({ ...world.rules, allowed_hosts: ['registry.example.org'] }, scratch, undefined).network
        .tlsTerminate,
    ).toBeUndefined();
  });

  test('allowed hosts never go through the proxy for loopback names, the names always do', () => {
    const rules = {
      ...world.rules,
      allowed_hosts: ['registry.example.org:443', '*.test'],
      loopback_names: [{ name: 'model.test', port: 4999 }],
    };
    const { network } = renderConfig(rules, scratch, 8080);
    expect(network.allowedDomains).toEqual(['registry.example.org:443', '*.test', 'model.test:4999']);
    expect(network.parentProxy).toEqual({
      http: 'http://127.0.0.1:8080',
      https: 'http://127.0.0.1:8080',
      noProxy: 'registry.example.org',
    });
  });

  test('nothing but the list decides', () => {
    expect(renderConfig(world.rules, scratch, undefined).network).toEqual({
      allowedDomains: [],
      deniedDomains: [],
      strictAllowlist: true,
    });
  });
});

describe('a URL as the program inside spells it', () => {
  const rules = (): SandboxRules => ({ ...world.rules, loopback_names: [{ name: 'model.test', port: 4999 }] });
  test.each([
    ['http://127.0.0.1:4999', 'http://model.test:4999'],
    ['http://localhost:4999/v1', 'http://model.test:4999/v1'],
    ['http://[::1]:4999/v1?a=b', 'http://model.test:4999/v1?a=b'],
    ['http://127.0.0.1:5000/v1', 'http://127.0.0.1:5000/v1'],
    ['https://api.example.com/v1', 'https://api.example.com/v1'],
    ['not a url', 'not a url'],
  ])('%s → %s', (given, inside) => {
    expect(renderUrlInside(given, rules())).toBe(inside);
  });
});

describe('readable folders around writable ones', () => {
  test('are given as their entries, without the way to what is writable or hidden', () => {
    mkdirSync(path.join(world.root, 'deep/er/work'), { recursive: true });
    writeFileSync(path.join(world.root, 'deep/note'), '');
    const work = path.join(world.root, 'deep/er/work');
    const found = readableAround(world.root, [work], [world.secret]).map((name) => path.relative(world.root, name));
    expect(found.toSorted()).toEqual(['deep/note', 'home', 'work tree']);
  });

  test('are given whole when nothing writable lies in them, and not at all when they are writable', () => {
    expect(readableAround('/opt', [world.worktree], [])).toEqual(['/opt']);
    expect(readableAround(world.worktree, [world.root], [])).toEqual([]);
  });

  test('are refused past a bound, with the folder named', () => {
    for (let index = 0; index < 501; index += 1) writeFileSync(path.join(world.root, `f${index}`), '');
    expect(() => readableAround(world.root, [world.worktree], [])).toThrow(/more than 500 entries/);
  });
});

test('what the runtime makes writable unasked is taken back: shared folders are a channel between tasks', () => {
  const { denyWrite } = renderConfig(world.rules, scratch, undefined).filesystem;
  const denied = denyWrite.map((entry) => (typeof entry === 'string' ? entry : entry.path));
  const unasked = getDefaultWritePaths().filter((name) => !name.startsWith('/dev/') && !name.startsWith('/private/'));
  expect(unasked.length).toBeGreaterThan(0);
  expect(unasked.filter((name) => !denied.includes(name))).toEqual([]);
});

test('an empty key is refused: it would be found in everything', () => {
  expect(() => checkRules({ ...world.rules, masked_credentials: [{ env: 'KEY', value: '', hosts: [] }] })).toThrow(
    /KEY is empty/,
  );
});
