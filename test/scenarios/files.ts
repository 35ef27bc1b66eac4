// Owns files of the repository in histories: what a tick sees of them, and issues that are made of them.
import { needsImports } from '../../src/core/imports.ts';
import type { ImportTasks } from '../../src/domain/effect.ts';
import { NodeId } from '../../src/domain/ids.ts';
import type { IssueNumber } from '../../src/domain/ids.ts';
import { importId } from '../../src/domain/import.ts';
import type { ImportedTask, ImportSight } from '../../src/domain/import.ts';
import type { Policy } from '../../src/domain/policy.ts';
import type { IssueFacts, Snapshot } from '../../src/domain/snapshot.ts';
import { parseEpic } from '../../src/input/epic-file.ts';
import { documentIn } from '../../src/reconcile/imports.ts';
import { renderDependsOn } from '../../src/wire/import-text.ts';
import { parseMarker } from '../../src/wire/marker.ts';

interface Place {
  readonly policy: Policy;
  readonly issues: ReadonlyMap<number, IssueFacts>;
  readonly files: ReadonlyMap<string, string>;
  /** Sub-issues that a lagging list does not show yet. */
  readonly unseen: ReadonlySet<number>;
  readonly repository_labels: ReadonlySet<string>;
  open(
    number: number,
    given: { readonly labelled: readonly string[]; readonly title: string; readonly body: string },
  ): void;
  adopts(parent: number, children: readonly number[]): void;
}

export function withFiles(place: Place, snapshot: Snapshot): Snapshot {
  const asks = needsImports({ snapshot, policy: place.policy });
  if (asks.length === 0) return snapshot;
  const seen = asks.map(({ task, issue, path }): [string, ImportSight] => {
    const text = place.files.get(path);
    const found: ImportSight['found'] =
      text === undefined
        ? { kind: 'problem', problem: { kind: 'no_file' } }
        : { kind: 'document', document: documentIn(path, text, { parseEpic, snapshot }) };
    return [importId(task, path), { found, labels: place.repository_labels, ...below(place, issue?.number ?? null) }];
  });
  return { ...snapshot, imports: new Map(seen) };
}

interface Mark {
  readonly key?: string;
  readonly part?: number;
  readonly word: string;
}

function below(place: Place, root: IssueNumber | null): Pick<ImportSight, 'parts' | 'there'> {
  if (root === null) return { parts: [], there: [] };
  const children = [...place.issues.values()].filter(
    ({ parent, number }) => parent === root && !place.unseen.has(number),
  );
  const marks = children.map(({ number, body }) => ({ number, mark: parseMarker('imported', body) as Mark | null }));
  const here = { id: idOf(root), number: root, children: children.length };
  const there = marks.flatMap(({ number, mark }) =>
    mark?.key === undefined ? [] : [{ key: mark.key, issue: number, word: mark.word }],
  );
  const next = marks.find(({ mark }) => mark?.part !== undefined)?.number ?? null;
  const rest = below(place, next);
  return { parts: [here, ...rest.parts], there: [...there, ...rest.there] };
}

function idOf(number: number): NodeId {
  return NodeId.parse(`I_${number}`);
}

export function importIssues(
  place: Place,
  effect: ImportTasks,
  next: () => IssueNumber,
): readonly Pick<ImportedTask, 'key' | 'issue'>[] {
  const made: Pick<ImportedTask, 'key' | 'issue'>[] = [];
  const there = new Map(effect.there);
  let parent = Number(effect.parent.slice('I_'.length));
  for (const { key, title, body, marker, labels, depends_on, depends_on_issues } of effect.issues) {
    const number = next();
    const before = [...depends_on_issues, ...depends_on.flatMap((one) => there.get(one) ?? [])];
    const text = [body, renderDependsOn(before), marker].filter((part) => part !== '').join('\n\n');
    place.open(number, { labelled: labels, title, body: text });
    place.adopts(parent, [number]);
    if (key === null) parent = number;
    else {
      there.set(key, number);
      made.push({ key, issue: number });
    }
  }
  return made;
}
