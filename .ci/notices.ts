// Owns the licence notices of what the bundle contains. ncc's own `--license` lists nothing but ncc.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

const LICENCE_FILE = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i;
const RULE = '-'.repeat(78);

interface BundledModule {
  /** Absolute path of the module's file; null for modules that the bundler made up or joined. */
  readonly nameForCondition?: string | null;
  /** The modules that were joined into this one. */
  readonly modules?: readonly BundledModule[];
}

/** Folders of the packages with a module in the bundle, from what ncc writes by `--stats-out`. */
export function packagesIn(stats_file: string): readonly string[] {
  const stats = JSON.parse(readFileSync(stats_file, 'utf8')) as { readonly modules: readonly BundledModule[] };
  const folders = stats.modules.flatMap((module) => [module, ...(module.modules ?? [])]).flatMap(packageFolder);
  return [...new Set(folders)];
}

function packageFolder(module: BundledModule): readonly string[] {
  const folder = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module.nameForCondition ?? '');
  return folder === null ? [] : [folder[0]];
}

/** One notice a package and version, in the order of their names, each with the text the package ships. */
export function licenceNotices(folders: readonly string[]): string {
  const notices = new Map([...new Set(folders)].map(notice));
  const ordered = [...notices].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, text]) => text);
  const head = 'Orch contains the packages below, each under its own licence.\n';
  return `${[head, ...ordered].join(`\n${RULE}\n\n`)}`;
}

function notice(folder: string): readonly [string, string] {
  const meta = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string;
  };
  const title = `${meta.name} ${meta.version}`;
  return [title, `${title} (${meta.license ?? 'licence not named'})\n\n${licenceText(folder)}\n`];
}

function licenceText(folder: string): string {
  const files = readdirSync(folder)
    .filter((name) => LICENCE_FILE.test(name) && statSync(path.join(folder, name)).isFile())
    .sort();
  if (files.length === 0) return '(The package ships no text.)';
  return files
    .map((name) => readFileSync(path.join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim())
    .join('\n\n');
}
