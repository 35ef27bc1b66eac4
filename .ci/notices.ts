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

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name?: string };
  readonly repository?: string | { readonly url?: string };
}

function notice(folder: string): readonly [string, string] {
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;
  const title = `${manifest.name} ${manifest.version}`;
  const text = licenceText(folder) ?? `The package ships no text. ${origin(manifest)}`;
  return [title, `${title} (${manifest.license ?? 'licence not named'})\n\n${text}\n`];
}

function licenceText(folder: string): string | null {
  const files = readdirSync(folder)
    .filter((name) => LICENCE_FILE.test(name) && statSync(path.join(folder, name)).isFile())
    .sort();
  const texts = files.map((name) => readFileSync(path.join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim());
  return texts.length === 0 ? null : texts.join('\n\n');
}

function origin({ author, repository }: Manifest): string {
  const by = typeof author === 'string' ? author : author?.name;
  const from = typeof repository === 'string' ? repository : repository?.url;
  return [by === undefined ? '' : `Author: ${by}.`, from === undefined ? '' : `Source: ${from}`].join(' ').trim();
}
