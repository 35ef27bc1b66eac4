// Owns taking in what others did since the last tick: a journal that is gone, a pull request somebody opened.
import { record } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { currentPull } from '../task-state.ts';
import type { World } from '../world.ts';

/** A journal that is not there although our comment remembers attempts was lost; its counters never start again at 0. */
export function rebuild(draft: Draft, { snapshot }: World): Draft {
  const remembers = draft.facts.comment?.remembers ?? null;
  if (draft.facts.journal_tip !== null || remembers === null) return draft;
  const { attempts, pr } = remembers;
  return record(draft, [{ kind: 'rebuilt', at: snapshot.at, attempts_before: attempts, pr }], {
    kind: 'rebuilt',
    attempts_before: attempts,
  });
}

/** Opened by deliver, or by a person through the ready-made link: seen on GitHub, then written down. */
export function takeInPull(draft: Draft, { snapshot }: World): Draft {
  const pull = currentPull(draft);
  if (pull === null || pull.number === draft.journal.pr) return draft;
  return record(draft, [{ kind: 'opened', at: snapshot.at, pr: pull.number }], { kind: 'found_pull', pr: pull.number });
}

/** What deliver settled is news until people have been shown it. */
export function takeInNews(draft: Draft): Draft {
  if (draft.facts.journal.news.length === 0) return draft;
  const news = new Set(draft.facts.journal.news);
  const settled = draft.journal.attempts.flatMap(({ number, settled: ending }) =>
    ending !== null && news.has(number) ? [ending] : [],
  );
  const deeds = settled.map(({ attempt, outcome, by }) => ({ kind: 'settled' as const, attempt, outcome, by }));
  return { ...draft, did: [...draft.did, ...deeds] };
}
