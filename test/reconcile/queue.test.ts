// Owns the proof of the queue as JSON: its order, its shape, its counts, and how much of it there is room for.
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/core/decide.ts';
import { sha256 } from '../../src/domain/digest.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { queueNow } from '../../src/reconcile/queue.ts';
import { QUEUE_CHARS_MAX, renderQueueText } from '../../src/wire/queue-json.ts';
import * as build from '../core/facts.ts';
import { createStory } from '../scenarios/story.ts';

const textOf = (snapshot: Snapshot, policy = build.policy()) =>
  renderQueueText(queueNow(decide(snapshot, policy), snapshot));

describe('the queue as JSON [QUE-24]', () => {
  test('what runs, who is next, who waits for what, in the order of the line', () => {
    const story = createStory({ parallel_max: 1 });
    story.open(1, { title: 'Fix the log-in', labelled: ['agent-todo', 'priority:high'] });
    story.tick();
    story.open(2, { title: 'Say "hello"' });
    story.open(3, { labelled: ['agent-todo', 'priority:critical'] });
    story.open(4);
    story.depends(4, [3]);
    story.open(5, { labelled: ['agent-todo', 'agent-skipped'] });
    const { snapshot, decision } = story.look();
    const { queue, counts } = renderQueueText(queueNow(decision, snapshot));
    expect(JSON.parse(queue)).toMatchInlineSnapshot(`
      [
        {
          "as_of": "2026-11-20T12:00:00Z",
          "attempts": 0,
          "engine": null,
          "model": null,
          "priority": 300,
          "pull_request": null,
          "ready": true,
          "state": "new",
          "task": "3",
          "title": "Issue 3",
          "turn": 1,
          "waits_for": {
            "by": "parallel_max",
            "kind": "capacity",
            "parallel_max": 1,
            "running": 1,
          },
        },
        {
          "as_of": "2026-11-20T12:00:00Z",
          "attempts": 0,
          "engine": null,
          "model": null,
          "priority": 0,
          "pull_request": null,
          "ready": true,
          "state": "new",
          "task": "2",
          "title": "Say "hello"",
          "turn": 2,
          "waits_for": {
            "by": "parallel_max",
            "kind": "capacity",
            "parallel_max": 1,
            "running": 1,
          },
        },
        {
          "as_of": "2026-11-20T12:00:00Z",
          "attempts": 1,
          "engine": "claude",
          "model": null,
          "priority": 200,
          "pull_request": null,
          "ready": false,
          "state": "in_progress",
          "task": "1",
          "title": "Fix the log-in",
          "turn": null,
          "waits_for": {
            "attempt": 1,
            "kind": "running",
            "run": 1000,
          },
        },
        {
          "as_of": "2026-11-20T12:00:00Z",
          "attempts": 0,
          "engine": null,
          "model": null,
          "priority": 0,
          "pull_request": null,
          "ready": false,
          "state": "blocked",
          "task": "4",
          "title": "Issue 4",
          "turn": null,
          "waits_for": {
            "kind": "dependencies",
            "open": [
              3,
            ],
          },
        },
        {
          "as_of": "2026-11-20T12:00:00Z",
          "attempts": 0,
          "engine": null,
          "model": null,
          "priority": 0,
          "pull_request": null,
          "ready": false,
          "state": "skipped",
          "task": "5",
          "title": "Issue 5",
          "turn": null,
          "waits_for": {
            "by": "label",
            "kind": "skipped",
            "label": "agent-skipped",
            "who": "ada",
          },
        },
      ]
    `);
    expect(JSON.parse(counts)).toMatchInlineSnapshot(`
      {
        "listed": 5,
        "open": 5,
        "paused": false,
        "ready": 2,
        "states": {
          "archived": 0,
          "blocked": 1,
          "done": 0,
          "in_progress": 1,
          "in_review": 0,
          "needs_review": 0,
          "new": 2,
          "routed": 0,
          "skipped": 1,
        },
      }
    `);
  });

  test('the state of everything: whatever is open is listed with its state, and each state counts all of its tasks [CLI-10]', () => {
    const story = createStory({ parallel_max: 1 });
    for (const number of [1, 2, 3, 4]) story.open(number);
    story.labels(4, ['agent-skipped']);
    story.tick();
    story.ends(1, 'delivered');
    story.tick();
    story.merges(1);
    story.tick();
    story.ends(2, 'auth', { detail: 'The key was refused.' });
    story.tick();
    const { snapshot, decision } = story.look();
    const { queue, counts } = renderQueueText(queueNow(decision, snapshot));
    const items = JSON.parse(queue) as readonly { task: string; state: string }[];
    expect(Object.fromEntries(items.map(({ task, state }) => [task, state]))).toEqual({
      2: 'needs_review',
      3: 'in_progress',
      4: 'skipped',
    });
    const { states } = JSON.parse(counts) as { states: Readonly<Record<string, number>> };
    expect(states).toMatchObject({ done: 1, needs_review: 1, in_progress: 1, skipped: 1, new: 0 });
    expect(Object.values(states).reduce((sum, count) => sum + count, 0)).toBe(4);
  });

  test('a task that starts in this very tick is told as running, with its engine', () => {
    const story = createStory();
    story.open(1);
    const { snapshot, decision } = story.look();
    expect(JSON.parse(renderQueueText(queueNow(decision, snapshot)).queue)).toMatchObject([
      { task: '1', state: 'in_progress', ready: false, attempts: 1, engine: 'claude', waits_for: { kind: 'running' } },
    ]);
  });

  test('a task that this tick did not look at is told as it was last seen, and says when; what is over is only counted', () => {
    const shown = (state: 'blocked' | 'done') => ({
      kind: 'shown' as const,
      at: build.minutes(-40),
      state,
      comment: null,
      digest: sha256('shown'),
      priority: 2,
    });
    const { queue, counts } = textOf(
      build.snapshot([
        build.task(7, { issue: null, issue_read: 'unread', records: [build.admitted(), shown('blocked')] }),
        build.task(8, {
          issue: null,
          issue_read: 'unread',
          records: [
            build.admitted(),
            shown('done'),
            { kind: 'finished', at: build.minutes(-40), state: 'done', pr: null },
          ],
        }),
      ]),
    );
    expect(JSON.parse(queue)).toMatchObject([
      { task: '7', title: null, state: 'blocked', waits_for: null, priority: 2, as_of: build.minutes(-40) },
    ]);
    expect(JSON.parse(counts)).toMatchObject({ open: 1, listed: 1, ready: 0, states: { blocked: 1, done: 1 } });
  });

  test('a longer queue than an output may hold is cut after whole items, and says so', () => {
    const many = Array.from({ length: 3_000 }, (_, index) =>
      build.task(index + 1, { issue: build.issue(index + 1, { title: '😀'.repeat(300) }) }),
    );
    const { queue, counts } = textOf(build.snapshot(many));
    const items: unknown = JSON.parse(queue);
    const { open, listed } = JSON.parse(counts) as { open: number; listed: number };
    expect(queue.length).toBeLessThanOrEqual(QUEUE_CHARS_MAX);
    expect(open).toBe(3_000);
    expect(items).toHaveLength(listed);
    expect(listed).toBeGreaterThan(400);
    expect(listed).toBeLessThan(3_000);
  });
});
