// Owns reading what an import needs: the file at the default branch's head, the sub-issues that are there, labels by name.
import { z } from 'zod';
import { retryFault } from '../domain/fault.ts';
import type { Fault } from '../domain/fault.ts';
import { IssueNumber, NodeId } from '../domain/ids.ts';
import { IMPORT_BYTES_MAX } from '../domain/import.ts';
import type { EpicPart, ImportedTask } from '../domain/import.ts';
import type { Documents, FoundFile } from '../reconcile/ports.ts';
import { parseMarker } from '../wire/marker.ts';
import type { Client } from './client.ts';
import { present } from './facts.ts';
import { readAs } from './faults.ts';
import type { GraphqlAnswer } from './graphql-answer.ts';
import { learn } from './known.ts';
import type { Known } from './known.ts';
import { labelsQuery } from './look-back.ts';

const DOCUMENT = `query Document($owner: String!, $name: String!, $expression: String!) {
  repository(owner: $owner, name: $name) {
    document: object(expression: $expression) {
      __typename ... on Blob { byteSize isBinary isTruncated text }
    }
  }
}`;

const SUB_ISSUES = `query SubIssues($ids: [ID!]!) {
  nodes(ids: $ids) {
    __typename
    ... on Issue { id number subIssues(first: 100) { nodes { id number body viewerDidAuthor } } }
  }
}`;

const Found = z.object({
  repository: z.object({
    document: z
      .object({
        byteSize: z.number().optional(),
        isBinary: z.boolean().nullish(),
        isTruncated: z.boolean().optional(),
        text: z.string().nullish(),
      })
      .nullable(),
  }),
});

const Parents = z.object({
  nodes: z.array(
    z
      .object({
        id: NodeId,
        number: IssueNumber,
        subIssues: z.object({
          nodes: z.array(
            z.object({ id: NodeId, number: IssueNumber, body: z.string(), viewerDidAuthor: z.boolean() }).nullable(),
          ),
        }),
      })
      .nullable(),
  ),
});

const TaskMark = z.object({ key: z.string(), word: z.string() });
const PartMark = z.object({ part: z.int().min(2), word: z.string() });

/** As deep as GitHub lets sub-issues go. */
const PARTS_MAX = 7;

export function createDocuments({
  client,
  known,
}: {
  readonly client: Client;
  readonly known: Known;
}): Omit<Documents, 'parseEpic'> {
  return {
    file: (path) => readDocument(client, path),
    parts: (issue) => readParts(client, issue),
    labels: async (names) => {
      if (names.length === 0) return new Set();
      const { document, values } = labelsQuery(names);
      const answer = await client.query(document, { owner: client.owner, name: client.repo, ...values });
      const { data } = whole(answer, 'Labels');
      return new Set(learn(known, data['repository']).map(({ name }) => name.toLowerCase()));
    },
  };
}

/** What is null beside an error is not what is not there: believed, everything would be made once more. */
function whole(answer: GraphqlAnswer, what: string): GraphqlAnswer {
  // A sub-issue in a repository that our token cannot see is none of ours.
  if (answer.errors.some(({ type }) => type !== 'FORBIDDEN')) throw holed(what);
  return answer;
}

function holed(what: string): Fault {
  return retryFault({
    title: 'GitHub answered in part',
    cause: `${what} has holes`,
    remedy: 'Nothing to do: the next tick reads it again.',
  });
}

async function readDocument(client: Client, path: string): Promise<FoundFile> {
  const values = { owner: client.owner, name: client.repo, expression: `HEAD:${path}` };
  const { data } = whole(await client.query(DOCUMENT, values), 'Document');
  const found = readAs(Found, data, { what: 'Document' }).repository.document;
  if (found === null) return { kind: 'problem', problem: { kind: 'no_file' } };
  const { byteSize = 0, text } = found;
  if (byteSize > IMPORT_BYTES_MAX || found.isTruncated === true)
    return { kind: 'problem', problem: { kind: 'too_large', bytes: byteSize, bytes_max: IMPORT_BYTES_MAX } };
  if (typeof text !== 'string' || found.isBinary === true) return { kind: 'problem', problem: { kind: 'no_text' } };
  return { kind: 'text', text };
}

/** Anybody can write a marker: only what we made ourselves is ours. */
async function readParts(
  client: Client,
  root: NodeId,
): Promise<{ readonly parts: readonly EpicPart[]; readonly there: readonly ImportedTask[] }> {
  const parts: EpicPart[] = [];
  const there: ImportedTask[] = [];
  let next: NodeId | null = root;
  // at most PARTS_MAX times
  while (next !== null && parts.length < PARTS_MAX) {
    const { data } = whole(await client.query(SUB_ISSUES, { ids: [next] }), 'SubIssues');
    const [parent] = present(readAs(Parents, data, { what: 'SubIssues' }).nodes);
    if (parent === undefined) throw holed('SubIssues');
    const children = present(parent.subIssues.nodes);
    parts.push({ id: parent.id, number: parent.number, children: children.length });
    const marks = children
      .filter(({ viewerDidAuthor }) => viewerDidAuthor)
      .map(({ id, number, body }) => ({ id, number, mark: parseMarker('imported', body) }));
    for (const { number, mark } of marks) {
      const task = TaskMark.safeParse(mark);
      if (task.success) there.push({ ...task.data, issue: number });
    }
    next = marks.find(({ mark }) => PartMark.safeParse(mark).success)?.id ?? null;
  }
  return { parts, there };
}
