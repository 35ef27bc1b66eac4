// Owns imports on their way through a tick: what is read for them, and the effects of what is decided.
import { needsImports } from '../core/imports.ts';
import type { ImportAsk } from '../core/imports.ts';
import { documentOfLines } from '../core/lines-document.ts';
import type { EpicOrder, ImportWork, TaskDecision } from '../domain/decision.ts';
import type { CreateEpic, Effect } from '../domain/effect.ts';
import { Fault } from '../domain/fault.ts';
import { LabelName } from '../domain/ids.ts';
import { importId, wordKey } from '../domain/import.ts';
import type { FoundDocument, ImportSight } from '../domain/import.ts';
import { parentLabel } from '../domain/origin-label.ts';
import type { Policy } from '../domain/policy.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { TaskDocument } from '../domain/task-document.ts';
import { renderEpicIssue, renderImportAnswer, renderImportIssue } from '../wire/import-text.ts';
import { parseTaskLines } from '../wire/task-lines.ts';
import type { Documents, TickPorts } from './ports.ts';

/** Files that people want imported, as they are now, with what was made of them before. */
export async function withImports(
  { documents, log }: TickPorts,
  { snapshot, policy }: { readonly snapshot: Snapshot; readonly policy: Policy },
): Promise<Snapshot> {
  const asks = needsImports({ snapshot, policy });
  if (asks.length === 0) return snapshot;
  const reader = await documents();
  const sights = new Map<string, ImportSight>();
  for (const ask of asks) {
    try {
      sights.set(importId(ask.task, ask.path), await sightOf(reader, ask, snapshot));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      log.warning(`${ask.path} cannot be read now: ${error.message}`);
    }
  }
  return { ...snapshot, imports: sights };
}

async function sightOf(reader: Documents, { issue, path }: ImportAsk, snapshot: Snapshot): Promise<ImportSight> {
  const file = await reader.file(path);
  const found: FoundDocument =
    file.kind === 'problem'
      ? file
      : { kind: 'document', document: documentIn(path, file.text, { parseEpic: reader.parseEpic, snapshot }) };
  const none = { parts: [], there: [] };
  const { parts, there } = issue === null ? none : await reader.parts(issue.id);
  return { found, parts, there, labels: await reader.labels(labelsIn(found)) };
}

/** By its name: lines of JSON, or an epic document. */
export function documentIn(
  path: string,
  text: string,
  { parseEpic, snapshot }: Pick<Documents, 'parseEpic'> & { readonly snapshot: Pick<Snapshot, 'repository'> },
): TaskDocument {
  if (!path.toLowerCase().endsWith('.jsonl')) return parseEpic(text);
  const { owner, name } = snapshot.repository;
  return documentOfLines(parseTaskLines(text), `${owner}/${name}`.toLowerCase());
}

/** More names than this are not asked for: such a file is no list of tasks. */
const LABELS_ASKED_MAX = 100;

function labelsIn(found: FoundDocument): readonly LabelName[] {
  if (found.kind === 'problem') return [];
  const { labels, tasks } = found.document;
  const phases = tasks.flatMap(({ phase }) => (phase === null ? [] : [`phase:${phase}`]));
  const named = [...new Set([...labels, ...phases, ...tasks.flatMap((task) => task.labels)])];
  return named.flatMap((name) => LabelName.safeParse(name).data ?? []).slice(0, LABELS_ASKED_MAX);
}

export function importEffects({ facts, imports }: TaskDecision, policy: Policy): readonly Effect[] {
  const { issue } = facts;
  if (imports === null || issue === null) return [];
  if (imports.kind === 'make') return [makeEffect(imports, { task: facts.id, issue, policy })];
  const { from } = imports.wanted;
  const { body, marker } = renderImportAnswer(imports.told, from);
  const made = imports.told.plan?.made.length ?? 0;
  return [{ kind: 'tell_import', task: facts.id, from, issue_id: issue.id, body, marker, made }];
}

function makeEffect(
  { wanted, plan, sight, until }: ImportWork & { readonly kind: 'make' },
  {
    task,
    issue,
    policy,
  }: {
    readonly task: TaskDecision['facts']['id'];
    readonly issue: NonNullable<TaskDecision['facts']['issue']>;
    readonly policy: Policy;
  },
): Effect {
  const from = {
    path: wanted.path,
    by: wanted.by,
    root: issue.number,
    epic: issue.title,
    word: wordKey(wanted.from),
    intake_label: policy.intake.label,
  };
  const issues = plan.steps.map((step) => ({
    ...renderImportIssue(step, from),
    labels: [...(step.kind === 'task' ? step.labels : []), parentLabel(issue.number)],
  }));
  const there = new Map(sight.there.map(({ key, issue: number }) => [key, number]));
  return {
    kind: 'import_tasks',
    task,
    from: wanted.from,
    until,
    parent: sight.parts.at(-1)?.id ?? issue.id,
    issues,
    there,
  };
}

export function epicEffects(epics: readonly EpicOrder[]): readonly CreateEpic[] {
  return epics.map(({ wanted, run, document, labels }) => {
    const { path, by, at, from } = wanted;
    return {
      kind: 'create_epic',
      wish: {
        kind: 'commanded',
        at,
        by,
        from,
        verb: 'import',
        engine: null,
        model: null,
        command: { verb: 'import', path },
        refused: null,
      },
      ...renderEpicIssue(document, { path, by, run }),
      since: at,
      labels,
    };
  });
}
