// Owns finding the state comment of a long thread: by the id the journal names, when it is not among the newest.
import { z } from 'zod';
import type { NodeId, TaskId } from '../domain/ids.ts';
import type { TaskJournal } from '../domain/journal.ts';
import type { Client } from './client.ts';
import { present } from './facts.ts';
import { COMMENTS_BY_ID } from './queries.ts';
import { StateComment } from './schema.ts';
import type { Task } from './schema.ts';

/** GitHub answers for at most this many ids a request. */
const IDS_MAX = 100;

const Answer = z.object({ nodes: z.array(z.unknown()) });

/** One more request for each hundred tasks that have more comments than were read; none for all others. */
export async function readFarComments(
  client: Client,
  tasks: ReadonlyMap<TaskId, Task>,
  journals: ReadonlyMap<TaskId, TaskJournal>,
): Promise<ReadonlyMap<NodeId, StateComment>> {
  const ids = [...tasks].flatMap(([id, task]) => farComment(task, journals.get(id)) ?? []);
  const found = new Map<NodeId, StateComment>();
  for (let at = 0; at < ids.length; at += IDS_MAX) {
    const { data } = await client.query(COMMENTS_BY_ID, { ids: ids.slice(at, at + IDS_MAX) });
    for (const node of Answer.parse(data).nodes) {
      const parsed = StateComment.safeParse(node);
      if (parsed.success) found.set(parsed.data.id, parsed.data);
    }
  }
  return found;
}

function farComment({ comments }: Task, journal: TaskJournal | undefined): NodeId | null {
  const known = journal?.shown?.comment ?? null;
  const read = present(comments.nodes);
  if (known === null || comments.totalCount <= read.length) return null;
  return read.some(({ id }) => id === known) ? null : known;
}
