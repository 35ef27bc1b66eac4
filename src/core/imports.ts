// Owns files that people want imported: whether that is done, and that it is, tick by tick, until they are told the end.
import type { EpicOrder, ImportWanted, ImportWork } from '../domain/decision.ts';
import type { InboxEntry } from '../domain/command.ts';
import type { Instant, LabelName, TaskId } from '../domain/ids.ts';
import { isBefore, plusMinutes } from '../domain/instant.ts';
import { importId, wordKey } from '../domain/import.ts';
import type { ImportedTask, ImportProblem, ImportSight } from '../domain/import.ts';
import type { Commanded } from '../domain/journal.ts';
import type { Deed, RefusalNotice } from '../domain/notice.ts';
import type { Snapshot, TaskFacts } from '../domain/snapshot.ts';
import { commandOf } from '../domain/spoken.ts';
import { addressees } from './addressees.ts';
import { record } from './draft.ts';
import type { Draft } from './draft.ts';
import { epicLabels, importProblem, planImport } from './import-plan.ts';
import { isOld } from './proposals.ts';
import type { World } from './world.ts';

/** As long as the job of a tick may live, by its workflow; one that was killed keeps the next one waiting so long. */
const LEASE_MINUTES = 15;
/** Each costs a request or two, and the others are not forgotten. */
export const IMPORTS_READ_MAX = 3;

export interface ImportAsk {
  /** null: an issue is to be made. */
  readonly issue: NonNullable<TaskFacts['issue']> | null;
  readonly task: TaskId | null;
  readonly path: string;
}

/** Files to read: those that somebody asks for now, and those whose end nobody was told; once each, no more than a few. */
export function needsImports(world: World): readonly ImportAsk[] {
  const { tasks, inbox } = world.snapshot;
  const open = [...tasks.values()].flatMap(({ id, journal }) =>
    journal.imports.flatMap((wanted) => askOf(id, pathOf(wanted), tasks)),
  );
  const said = addressees(world).addressed.flatMap(({ task, spoken: { parsed, comment } }) => {
    const is_heard = tasks.get(task)?.journal.handled_comments.has(comment) === true;
    if (is_heard || parsed.kind !== 'command' || parsed.command.verb !== 'import') return [];
    return askOf(task, parsed.command.path, tasks);
  });
  const dispatched = inbox.flatMap(({ ask }) => {
    if (ask.kind === 'prompt' || ask.command.verb !== 'import') return [];
    const { path } = ask.command;
    if (ask.kind === 'word') return [{ issue: null, task: null, path }];
    return askOf(taskOf(ask.issue, tasks), path, tasks);
  });
  const all = [...open, ...said, ...dispatched];
  return [...new Map(all.map((ask) => [importId(ask.task, ask.path), ask])).values()].slice(0, IMPORTS_READ_MAX);
}

function taskOf(issue: number, tasks: Snapshot['tasks']): TaskId | null {
  return [...tasks.keys()].find((id) => id === String(issue)) ?? null;
}

function askOf(id: TaskId | null, path: string, tasks: Snapshot['tasks']): readonly ImportAsk[] {
  const facts = id === null ? undefined : tasks.get(id);
  return facts === undefined || facts.issue === null ? [] : [{ issue: facts.issue, task: facts.id, path }];
}

function pathOf(commanded: Commanded): string {
  const command = commandOf(commanded);
  return command.verb === 'import' ? command.path : '';
}

/** null: it is imported. */
export function judgeImport(
  path: string,
  { id, issue }: Pick<TaskFacts, 'id' | 'issue'>,
  world: World,
): RefusalNotice | null {
  const problem = issue === null ? NO_ISSUE : problemOf(importId(id, path), world);
  return problem === null ? null : { kind: 'not_imported', path, problem };
}

const NO_ISSUE: ImportProblem = { kind: 'no_issue' };
const UNREAD: ImportProblem = { kind: 'unread' };

/** The same where a dispatch names no issue. */
export function judgeEpic(path: string, world: World): RefusalNotice | null {
  const problem = problemOf(importId(null, path), world);
  return problem === null ? null : { kind: 'not_imported', path, problem };
}

function problemOf(id: string, { snapshot }: World): ImportProblem | null {
  const sight = snapshot.imports?.get(id);
  return sight === undefined ? UNREAD : importProblem({ sight, repository: nameOf(snapshot) });
}

function nameOf({ repository: { owner, name } }: Snapshot): string {
  return `${owner}/${name}`;
}

/** The oldest first: of two files the second one waits. */
export function importInto(draft: Draft, world: World): Draft {
  const { imports: open, import_lease } = draft.journal;
  const [commanded] = open;
  const is_taken = import_lease !== null && isBefore(world.snapshot.at, import_lease);
  if (commanded === undefined || is_taken) return draft;
  const { from, by, at } = commanded;
  const wanted = { from, by, at, path: pathOf(commanded) };
  const found = world.snapshot.imports?.get(importId(draft.facts.id, wanted.path));
  if (isGivenUp(draft, { at, is_read: found !== undefined }, world))
    return record(draft, [{ kind: 'imported', at: world.snapshot.at, from, made: 0 }], {
      kind: 'drops_import',
      path: wanted.path,
    });
  if (found === undefined || draft.facts.issue === null) return draft;
  const sight = withMade(found, draft.journal.imported_tasks, wordKey(from));
  const until = plusMinutes(world.snapshot.at, LEASE_MINUTES);
  const imports = workOf({ wanted, sight, until }, world);
  const importing = { kind: 'importing', at: world.snapshot.at, from, until } as const;
  return { ...record(draft, [importing], deedOf(imports)), imports };
}

/** A day for what cannot be read, and one more for what cannot be told. */
function isGivenUp(
  { facts }: Draft,
  { at, is_read }: { readonly at: Instant; readonly is_read: boolean },
  world: World,
): boolean {
  if (facts.issue === null) return true;
  return is_read ? isOld(plusMinutes(at, TELLING_MINUTES), world) : isOld(at, world);
}

const TELLING_MINUTES = 24 * 60;

/** What the ticks before made for the same word, whether or not it can be seen already. */
function withMade(sight: ImportSight, made: readonly ImportedTask[], word: string): ImportSight {
  const seen = new Set(sight.there.map(({ key }) => key));
  const unseen = made.filter((task) => task.word === word && !seen.has(task.key));
  return unseen.length === 0 ? sight : { ...sight, there: [...sight.there, ...unseen] };
}

function deedOf(work: ImportWork): Deed {
  const { path } = work.wanted;
  if (work.kind === 'tell') return { kind: 'tells_import', path };
  return { kind: 'imports', path, tasks: work.plan.steps.length, left: work.plan.left };
}

interface Working {
  readonly wanted: ImportWanted;
  readonly sight: ImportSight;
  readonly until: Instant;
}

function workOf({ wanted, sight, until }: Working, world: World): ImportWork {
  const { snapshot, policy } = world;
  const told = {
    path: wanted.path,
    by: wanted.by,
    parts: sight.parts.map(({ number }) => number),
    intake_label: policy.intake.label,
  };
  const problem = importProblem({ sight, repository: nameOf(snapshot) });
  if (problem !== null || sight.found.kind === 'problem')
    return { kind: 'tell', wanted, told: { ...told, problem, plan: null } };
  const plan = planImport(sight.found.document, {
    sight,
    repository: nameOf(snapshot),
    intake_label: policy.intake.label,
    word: wordKey(wanted.from),
  });
  const is_over = plan.steps.length === 0 || isOld(wanted.at, world);
  return is_over
    ? { kind: 'tell', wanted, told: { ...told, problem: null, plan } }
    : { kind: 'make', wanted, plan, sight, until };
}

/** Of dispatches that name no issue, one for each file; each stays in the inbox until its issue is there. */
export function epicsOf(world: World, obeyed: (entry: InboxEntry) => boolean): readonly EpicOrder[] {
  const paths = new Set<string>();
  return world.snapshot.inbox.flatMap((entry) => {
    const wanted = epicWanted(entry);
    if (wanted === null || paths.has(wanted.path) || !obeyed(entry) || isOld(wanted.at, world)) return [];
    const sight = world.snapshot.imports?.get(importId(null, wanted.path));
    if (sight === undefined || sight.found.kind === 'problem') return [];
    const { document } = sight.found;
    paths.add(wanted.path);
    const labels: readonly LabelName[] = epicLabels(document, { sight, intake_label: world.policy.intake.label });
    return [{ wanted, run: entry.run, document, labels }];
  });
}

/** null: it names an issue, or asks for something else. */
export function epicWanted({ ask, by, at, run }: InboxEntry): (ImportWanted & { readonly at: Instant }) | null {
  if (ask.kind !== 'word' || ask.task !== null || ask.command.verb !== 'import') return null;
  return { from: { run }, by, at, path: ask.command.path };
}
