// Owns the table of rings: who may import whom, and which package belongs to which ring.
import path from 'node:path';
import { Visitor } from 'oxc-parser';
import { eachSource, file, inSource, ringOf } from './law.ts';
import type { Law, Parsed } from './law.ts';

const EDGE = ['reconcile/ports.ts', 'wire', 'domain'];

/** Ring → rings, or single files, that it may import. Downward only; nobody imports a neighbour. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  main: ['modes', 'input', 'domain'],
  modes: ['reconcile', 'deliver', 'github', 'agent', 'git', 'input', 'route', 'sandbox', 'report', 'wire', 'domain'],
  reconcile: ['core', 'wire', 'domain'],
  deliver: ['core', 'reconcile/ports.ts', 'wire', 'domain'],
  github: EDGE,
  agent: EDGE,
  git: EDGE,
  sandbox: EDGE,
  route: EDGE,
  report: EDGE,
  core: ['domain'],
  wire: ['domain'],
  input: ['wire', 'domain'],
  domain: [],
  // Its simulation runs the real code at the typed ports.
  local: ['reconcile', 'deliver', 'github', 'agent', 'core', 'wire', 'domain'],
  cli: [
    'local',
    'modes',
    'reconcile',
    'deliver',
    'github',
    'agent',
    'git',
    'input',
    'route',
    'sandbox',
    'report',
    'core',
    'wire',
    'domain',
  ],
};

/** Package → rings, or single files, that may import it. A package that is not here may be imported by nobody. */
const PACKAGES: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^@actions\/core$/, ['main', 'modes']],
  [/^@actions\/cache$/, ['main', 'modes']],
  [/^@actions\/artifact$/, ['main', 'modes', 'github/artifacts.ts']],
  [/^@actions\/exec$/, ['agent', 'git']],
  [/^(?:@actions\/github|@octokit\/.+)$/, ['github']],
  [/^(?:ai|@ai-sdk\/.+)$/, ['route']],
  [/^@anthropic-ai\/sandbox-runtime$/, ['sandbox']],
  [/^yaml$/, ['input', 'local']],
  // A time-zone database's arithmetic, given its instant: deciding when a job is due is domain, not an edge.
  [/^croner$/, ['domain/cron.ts']],
  [/^zod$/, ['domain', 'input', 'wire', 'route', 'github', 'agent/hand-in.ts', 'local']],
  [/^(?:graphql|ajv|ajv-formats|@actions\/(?:expressions|workflow-parser)(?:\/.+)?|@copilotkit\/aimock)$/, ['local']],
  [/^node:(?:child_process)$/, ['agent', 'git', 'sandbox', 'local', 'cli']],
  [/^node:(?:http|https|net|dgram|tls|dns)(?:\/.+)?$/, ['sandbox', 'local', 'cli']],
  [/^node:path(?:\/posix)?$/, ['core', 'main', 'modes', 'github', 'agent', 'git', 'sandbox', 'report', 'local', 'cli']],
  [/^node:crypto$/, ['domain/digest.ts', 'agent', 'git', 'sandbox', 'local']],
  [/^node:/, ['main', 'modes', 'github', 'agent', 'git', 'sandbox', 'report', 'local', 'cli']],
];

interface ImportSite {
  readonly specifier: string;
  readonly offset: number;
}

export function importSites(source: Parsed): readonly ImportSite[] {
  const sites: ImportSite[] = [];
  const add = (node: { readonly value: unknown; readonly start: number } | null): void => {
    if (node !== null && typeof node.value === 'string') sites.push({ specifier: node.value, offset: node.start });
  };
  new Visitor({
    ImportDeclaration: (node) => add(node.source),
    ExportNamedDeclaration: (node) => add(node.source),
    ExportAllDeclaration: (node) => add(node.source),
    ImportExpression: (node) => add(node.source.type === 'Literal' ? node.source : null),
    TSImportType: (node) => add(node.source),
  }).visit(source.program);
  return sites;
}

/** `src/core/decide.ts` importing `../domain/plan.ts` → `src/domain/plan.ts`. */
export function resolveImport(from: string, specifier: string): string {
  return path.posix.join(path.posix.dirname(from), specifier);
}

function covers(allowed: readonly string[], target: string): boolean {
  const below_src = target.slice('src/'.length);
  return allowed.some((entry) => (entry.endsWith('.ts') ? below_src === entry : ringOf(target) === entry));
}

export const ringsImportDownward: Law = {
  name: 'rings import downward only',
  check: eachSource(inSource, (source, refuse) => {
    const ring = ringOf(source.path);
    const allowed = MAY_IMPORT[ring];
    if (allowed === undefined)
      return refuse(0, `src/${ring} is no ring: give it a row in test/tidy/imports.ts, or move the file.`);
    for (const site of importSites(source)) {
      if (!site.specifier.startsWith('.')) continue;
      const target = resolveImport(source.path, site.specifier);
      if (!target.startsWith('src/')) refuse(site.offset, `Imports ${target}: what the product needs lies in src.`);
      else if (ringOf(target) !== ring && !covers(allowed, target)) {
        refuse(
          site.offset,
          `${ring} must not import ${target} (only ${allowed.join(', ')}): let the mode pass it in as a port.`,
        );
      }
    }
  }),
  refuses: [
    [file('src/core/decide.ts', "import { render } from '../wire/notices.ts';")],
    [file('src/github/apply.ts', "export { push } from '../git/push.ts';")],
    [file('src/git/push.ts', "import type { Tick } from '../reconcile/tick.ts';")],
    [file('src/main.ts', "const run = await import('./reconcile/tick.ts');")],
    [file('src/modes/attempt.ts', "import { startDoor } from '../local/door.ts';")],
    [file('src/domain/plan.ts', "import data from '../../test/data.ts';")],
    [file('src/elsewhere/x.ts', '')],
  ],
  accepts: [
    [
      file(
        'src/core/steps/retry.ts',
        "import { draft } from '../draft.ts';\nimport type { Plan } from '../../domain/plan.ts';",
      ),
    ],
    [file('src/git/push.ts', "import type { Clock } from '../reconcile/ports.ts';")],
    [file('src/main.ts', "const run = await import('./modes/reconcile.ts');")],
  ],
};

export const packagesBelongToRings: Law = {
  name: 'each package is imported by the ring that owns it',
  check: eachSource(inSource, (source, refuse) => {
    for (const site of importSites(source)) {
      if (site.specifier.startsWith('.')) continue;
      const row = PACKAGES.find(([pattern]) => pattern.test(site.specifier));
      if (row === undefined) {
        refuse(
          site.offset,
          `${site.specifier} belongs to no ring: give it a row in test/tidy/imports.ts, or do without.`,
        );
      } else if (!covers(row[1], source.path)) {
        refuse(
          site.offset,
          `${site.specifier} belongs to ${row[1].join(', ')}: use what they offer, or take it as an argument.`,
        );
      }
    }
  }),
  refuses: [
    [file('src/core/decide.ts', "import { z } from 'zod';")],
    [file('src/git/git.ts', "import { getOctokit } from '@actions/github';")],
    [file('src/modes/attempt.ts', "const { generateText } = await import('ai');")],
    [file('src/wire/marker.ts', "import { readFileSync } from 'node:fs';")],
    [file('src/github/client.ts', "import leftPad from 'left-pad';")],
  ],
  accepts: [
    [file('src/github/artifacts.ts', "import type { Artifact } from '@actions/artifact';")],
    [file('src/domain/ids.ts', "import { z } from 'zod';")],
  ],
};
