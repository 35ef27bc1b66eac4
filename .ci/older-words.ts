// Owns what the words of other queues mean here, for whoever moves over: each word is one state, or the outcome of an attempt.
import type { TaskState } from '../src/domain/task.ts';

export interface OlderWords {
  readonly state: TaskState;
  /** When a task is said to be so. */
  readonly when: string;
  readonly words: readonly string[];
}

export const OLDER_WORDS: readonly OlderWords[] = [
  { state: 'new', when: 'it waits for its turn', words: ['open', 'pending', 'queued'] },
  { state: 'routed', when: 'an engine is chosen, nothing runs', words: ['assigned', 'ready'] },
  {
    state: 'in_progress',
    when: 'an attempt holds the claim',
    words: ['starting', 'running', 'working', 'processing', 'in progress'],
  },
  { state: 'in_review', when: 'its pull request is open', words: ['PR created', 'draft', 'review'] },
  { state: 'done', when: 'merged, or closed as completed', words: ['completed', 'closed', 'merged'] },
  { state: 'blocked', when: 'another issue comes first', words: ['waiting', 'stuck on a dependency'] },
  {
    state: 'needs_review',
    when: 'no further attempt is made by itself',
    words: ['failed', 'timed out', 'killed', 'cancelled'],
  },
  { state: 'skipped', when: 'a person took it out', words: ['deferred', 'ignored'] },
  { state: 'archived', when: 'closed as not planned, or gone', words: ['tombstone', 'deleted', "won't do"] },
];

export function renderOlderWords(): readonly string[] {
  return [
    '| elsewhere | here | when |',
    '|---|---|---|',
    ...OLDER_WORDS.map(({ state, when, words }) => `| ${words.join(', ')} | \`${state}\` | ${when} |`),
  ];
}
