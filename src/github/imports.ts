// Owns making the issues of a file: one request each, a sub-issue with its labels from the start; and telling the end once.
import { z } from 'zod';
import type { ImportTasks, TellImport } from '../domain/effect.ts';
import { Fault } from '../domain/fault.ts';
import { IssueNumber, NodeId } from '../domain/ids.ts';
import { renderDependsOn } from '../wire/import-text.ts';
import type { ImportedTask } from '../domain/import.ts';
import { wordKey } from '../domain/import.ts';
import { isBefore } from '../domain/instant.ts';
import { learnLabels } from './batch.ts';
import type { Clock, EffectResult } from '../reconcile/ports.ts';
import type { Client } from './client.ts';
import { readAs } from './faults.ts';
import type { Known } from './known.ts';
import { saidOn } from './look-back.ts';

const CREATE = `mutation CreateIssue($i0: CreateIssueInput!) {
m0: createIssue(input: $i0) { issue { id number } }
}`;
const TELL = `mutation Apply($i0: AddCommentInput!) {
m0: addComment(input: $i0) { clientMutationId }
}`;

const Created = z.object({ m0: z.object({ issue: z.object({ id: NodeId, number: IssueNumber }) }) });

interface Making {
  readonly clock: Clock;
  readonly client: Client;
  readonly known: Known;
}

/**
 * The first that fails ends it: those behind may depend on it, and the next tick sees what is there. Under their parent
 * from the start, since an issue that had to be moved there could be lost on the way and made again.
 */
export async function importTasks(making: Making, effect: ImportTasks): Promise<EffectResult> {
  const { clock } = making;
  const there = new Map(effect.there);
  const imported: ImportedTask[] = [];
  let { parent } = effect;
  let made = 0;
  const word = wordKey(effect.from);
  try {
    await learnLabels(
      making,
      effect.issues.flatMap(({ labels }) => labels),
    );
    for (const issue of effect.issues) {
      if (!isBefore(clock.now(), effect.until)) break;
      const created = await createOne(making, issue, { parent, there });
      if (issue.key === null) parent = created.id;
      else {
        there.set(issue.key, created.number);
        imported.push({ key: issue.key, issue: created.number, word });
      }
      made += 1;
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return made === 0
      ? { effect, result: 'failed', why: error.message }
      : { effect, result: 'done', why: null, imported };
  }
  return { effect, result: 'done', why: null, imported };
}

async function createOne(
  { client, known }: Making,
  { title, body, marker, labels, depends_on, depends_on_issues }: ImportTasks['issues'][number],
  { parent, there }: { readonly parent: NodeId; readonly there: ReadonlyMap<string, IssueNumber> },
): Promise<{ readonly id: NodeId; readonly number: IssueNumber }> {
  const numbers = [...depends_on_issues, ...depends_on.flatMap((key) => there.get(key) ?? [])];
  const text = [body, renderDependsOn([...new Set(numbers)]), marker].filter((part) => part !== '').join('\n\n');
  const input = {
    repositoryId: known.repository_id,
    parentIssueId: parent,
    title,
    body: text,
    labelIds: labels.flatMap((name) => known.labels.get(name.toLowerCase()) ?? []),
  };
  const { data, errors } = await client.mutate(CREATE, { i0: input });
  return readAs(Created, data, { what: 'CreateIssue', errors }).m0.issue;
}

/** Rare, so that a look beforehand costs nothing worth saving. */
export async function tellImport(client: Client, effect: TellImport): Promise<EffectResult> {
  const { issue_id, body, marker } = effect;
  const { said, errors: holes } = await saidOn(client, [issue_id]);
  if (holes.length > 0) return { effect, result: 'failed', why: holes[0]?.message ?? '' };
  const is_told = said.get(issue_id)?.some((comment) => comment.includes(marker)) === true;
  if (is_told) return { effect, result: 'already', why: null };
  const { errors } = await client.mutate(TELL, { i0: { subjectId: issue_id, body } });
  const [error] = errors;
  return error === undefined ? { effect, result: 'done', why: null } : { effect, result: 'failed', why: error.message };
}
