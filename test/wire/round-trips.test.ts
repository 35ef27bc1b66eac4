// Owns the proof that every text form of ours comes back as what it was: parse of render is the value itself.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Fault } from '../../src/domain/fault.ts';
import { AttemptNumber, Instant, TaskId } from '../../src/domain/ids.ts';
import { Role } from '../../src/domain/task.ts';
import { parseAttemptId, renderAttemptId } from '../../src/wire/attempt-id.ts';
import { parseBranch, branchFor } from '../../src/wire/branch-name.ts';
import { parseBrief, renderBrief } from '../../src/wire/brief.ts';
import { parseHandIn, renderHandIn } from '../../src/wire/hand-in.ts';
import { historyFile, parseHistory, renderHistory } from '../../src/wire/history.ts';
import { parseInboxMessage, renderInboxMessage } from '../../src/wire/inbox.ts';
import { parseJournalMessage, renderJournalMessage } from '../../src/wire/journal-record.ts';
import { parseJobName, renderLegName } from '../../src/wire/leg-name.ts';
import { parseMarker, renderMarker } from '../../src/wire/marker.ts';
import { parseRecords, renderRecords } from '../../src/wire/record-lines.ts';
import { HISTORY_REF, inboxRef, parseRef, taskRef } from '../../src/wire/refs.ts';
import * as any from './arbitraries.ts';

const holds = <T>(value: fc.Arbitrary<T>, check: (value: T) => void): void =>
  fc.assert(
    fc.property(value, (each) => {
      check(each);
    }),
    { numRuns: 200 },
  );

describe('journal records', () => {
  it('come back as they were written, several in one commit', () => {
    holds(fc.array(any.journalRecord, { minLength: 1, maxLength: 4 }), (records) => {
      expect(parseJournalMessage(renderJournalMessage(records, 'run 1.1'))).toEqual(records);
    });
  });

  it('name their kinds in the subject, for people who read git log', () => {
    const at = Instant.parse('2026-11-20T20:27:03Z');
    const message = renderJournalMessage(
      [{ kind: 'pr_refused', at, detail: 'Actions may not create pull requests' }],
      'run 98',
    );
    expect(message).toMatchInlineSnapshot(`
      "orch: pr_refused (run 98)

      {"v":1,"kind":"pr_refused","at":"2026-11-20T20:27:03Z","detail":"Actions may not create pull requests"}
      "
    `);
  });

  const unreadable = [
    'orch: x\n\nnot json\n',
    'orch: x\n\n{"v":2,"kind":"opened","at":"2026-11-20T20:27:03Z","pr":1}\n',
    'orch: x\n\n{"v":1,"kind":"moved"}\n',
    'orch: x\n\n[]\n',
  ];
  it.each(unreadable)(
    'of a newer version or of no known kind are a fault for a person, never a guess: %j',
    (message) => {
      const fault = catchFault(() => parseJournalMessage(message));
      expect(fault.consequence).toBe('person');
      expect(fault.remedy).toContain('newer');
    },
  );

  it('may carry keys of a later minor version, which are left alone', () => {
    const message = 'orch: opened\n\n{"v":1,"kind":"opened","at":"2026-11-20T20:27:03Z","pr":7,"later":true}\n';
    expect(parseJournalMessage(message)).toEqual([{ kind: 'opened', at: '2026-11-20T20:27:03Z', pr: 7 }]);
  });
});

describe('the lines that every journal shares', () => {
  it('come back one by one, whoever wrote them', () => {
    const Line = z.object({ kind: z.string(), said: z.string() });
    const line = fc.record({ kind: fc.stringMatching(/^[a-z_]{1,12}$/), said: any.text });
    const writer = fc.stringMatching(/^run \d{1,9}\.\d$/);
    holds(fc.tuple(fc.array(line, { maxLength: 4 }), writer), ([lines, by]) => {
      expect(parseRecords(renderRecords(lines, by), Line)).toEqual(lines);
    });
  });
});

describe('the inbox', () => {
  it('keeps what a dispatch asked', () =>
    holds(any.inboxEntry, (entry) => expect(parseInboxMessage(renderInboxMessage(entry))).toEqual(entry)));

  it.each(['', 'orch: asked\n\n{}', 'hello', 'orch: asked\n\n{"v":2}'])(
    'does not read %j as one of its entries',
    (message) => {
      expect(parseInboxMessage(message)).toBeNull();
    },
  );
});

describe('the history', () => {
  it('comes back line by line', () => {
    holds(fc.array(any.historyLine, { maxLength: 6 }), (lines) =>
      expect(parseHistory(renderHistory(lines))).toEqual({ lines, broken: 0 }),
    );
  });

  it('survives a line somebody broke', () => {
    const line = { kind: 'tick', at: '2026-11-20T20:27:03Z', sweep: true } as const;
    expect(parseHistory(`${renderHistory([line])}{"kind":\n`)).toEqual({ lines: [line], broken: 1 });
    expect(historyFile(Instant.parse('2026-11-20T20:27:03Z'))).toBe('2026-11.jsonl');
  });
});

describe('the brief', () => {
  it('comes back as it was frozen', () =>
    holds(any.brief, (brief) => expect(parseBrief(renderBrief(brief))).toEqual(brief)));

  it('brief of a claim that is older than `auto_close`: its pull request closes the issue, as it always did', () =>
    holds(any.brief, ({ auto_close, ...older }) => {
      expect(typeof auto_close).toBe('boolean');
      expect(parseBrief(JSON.stringify(older))).toEqual({ ...older, auto_close: true });
    }));

  it('has one text, whatever order its keys were put together in', () => {
    holds(any.brief, (brief) => {
      const shuffled = Object.fromEntries(Object.entries(brief).toReversed()) as unknown as typeof brief;
      expect(renderBrief(shuffled)).toBe(renderBrief(brief));
    });
  });

  it.each(['{', '{}', '[]', 'null'])('that cannot be read is a bug of ours: %s', (text) => {
    expect(catchFault(() => parseBrief(text)).consequence).toBe('bug');
  });
});

describe('the hand-in', () => {
  it('comes back as the attempt wrote it: tokens, cost, turns, denials [AGT-25]', () => {
    holds(any.handIn, (hand_in) => expect(parseHandIn(renderHandIn(hand_in))).toEqual({ kind: 'parsed', hand_in }));
  });

  it('is cut to what deliver reads, however much an engine says', () => {
    const huge = '😀'.repeat(300_000);
    holds(any.handIn, (some) => {
      const hand_in = {
        ...some,
        summary: huge,
        detail: huge,
        title: huge,
        denials: Array.from({ length: 500 }, () => huge.slice(0, 2_000)),
      };
      const parsed = parseHandIn(renderHandIn(hand_in));
      expect(parsed.kind).toBe('parsed');
      if (parsed.kind === 'parsed') expect(parsed.hand_in.summary.isWellFormed()).toBe(true);
    });
  });

  it('is refused with an unknown key, an oversized text or no JSON at all', () => {
    const [hand_in] = fc.sample(any.handIn, 1);
    const extra = JSON.stringify({ ...hand_in, approved: true });
    expect(parseHandIn(extra)).toMatchObject({ kind: 'invalid', problem: expect.stringContaining('approved') });
    expect(parseHandIn(JSON.stringify({ ...hand_in, summary: 'x'.repeat(4_001) }))).toMatchObject({
      kind: 'invalid',
      problem: expect.stringContaining('summary'),
    });
    expect(parseHandIn('x'.repeat(600_000))).toMatchObject({
      kind: 'invalid',
      problem: expect.stringContaining('larger'),
    });
    expect(parseHandIn('not json')).toMatchObject({ kind: 'invalid' });
  });
});

describe('ids of attempts', () => {
  it('[MOD-20] tell role, task and number, and come back', () => {
    const ids = fc.record({ role: fc.constantFrom(...Role.options), task: any.taskId, attempt: any.attemptNumber });
    holds(ids, (id) => expect(parseAttemptId(renderAttemptId(id))).toEqual(id));
    expect(
      renderAttemptId({ role: 'resolve-conflict', task: TaskId.parse('12'), attempt: AttemptNumber.parse(3) }),
    ).toBe('resolve-conflict-12-3');
    for (const other of ['12-3', 'code-12', 'cook-12-3', 'code-12-0', 'code-x-1'])
      expect(parseAttemptId(other)).toBeNull();
  });
});

describe('names', () => {
  it('of refs come back', () => {
    holds(any.taskId, (task) => expect(parseRef(taskRef(task))).toEqual({ kind: 'task', task }));
    holds(any.runId, (run) => expect(parseRef(inboxRef(run))).toEqual({ kind: 'inbox', run }));
    expect(parseRef(HISTORY_REF)).toEqual({ kind: 'history' });
    expect(parseRef('refs/orch/task/../../heads/main')).toBeNull();
    expect(parseRef('refs/heads/main')).toBeNull();
  });

  it('of branches are safe whatever a title holds, and name their task', () => {
    holds(fc.tuple(any.taskId, any.text), ([task, title]) => {
      const branch = branchFor(task, title);
      expect(branch).toMatch(/^orch\/i?\d+-[a-z0-9]+(?:-[a-z0-9]+)*$/);
      expect(branch.length).toBeLessThanOrEqual(70);
      expect(parseBranch(branch)?.task).toBe(task);
    });
    expect(branchFor(TaskId.parse('12'), 'Fix: the --dry-run flag (it’s ignoréd!)')).toBe(
      'orch/12-fix-the-dry-run-flag-it-s-ignored',
    );
    expect(branchFor(TaskId.parse('12'), '修复')).toBe('orch/12-task');
  });

  it('of legs are found again in the job names of the run', () => {
    const leg = fc.record({ task: any.taskId, attempt: any.attemptNumber, engine: any.engineId });
    holds(
      fc.tuple(leg, fc.constantFrom('attempt' as const, 'deliver' as const)),
      ([{ task, attempt, engine }, part]) => {
        expect(parseJobName(`orch / ${renderLegName({ task, attempt, engine })} / ${part}`)).toEqual({
          task,
          attempt,
          part,
        });
      },
    );
    expect(parseJobName('orch / reconcile')).toBeNull();
    expect(parseJobName('CI / #12 · attempt 1 · claude / test')).toBeNull();
  });

  it('of legs are what the workflow calls its jobs', () => {
    const workflow = readFileSync(path.join(import.meta.dirname, '../../.github/workflows/orch.yml'), 'utf8');
    const [task, ...rest] = (/^\s*name: "(.* · attempt .*)"$/m.exec(workflow)?.[1] ?? '').split(' · ');
    expect(task).toBe("${{ startsWith(matrix.leg.task, 'i') && matrix.leg.task || format('#{0}', matrix.leg.task) }}");
    expect(rest).toEqual(['attempt ${{ matrix.leg.attempt }}', '${{ matrix.leg.engine }}']);
    const leg = { task: TaskId.parse('12'), attempt: AttemptNumber.parse(3), engine: 'claude' } as const;
    expect(renderLegName(leg)).toBe('#12 · attempt 3 · claude');
    expect(renderLegName({ ...leg, task: TaskId.parse('i98') })).toBe('i98 · attempt 3 · claude');
  });

  it('in markers cannot end the comment they stand in [COM-01]', () => {
    holds(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const marker = renderMarker('state', value);
      expect(marker.indexOf('-->')).toBe(marker.length - 3);
      expect(parseMarker('state', `${marker}\n`)).toEqual(JSON.parse(JSON.stringify(value)));
    });
  });

  it('of markers: the last one counts, a broken one is none', () => {
    const text = `${renderMarker('pr', { task: '1' })} quoted\n${renderMarker('pr', { task: '2' })}`;
    expect(parseMarker('pr', text)).toEqual({ task: '2' });
    expect(parseMarker('state', text)).toBeNull();
    expect(parseMarker('pr', '<!-- orch:pr v1 {oops -->')).toBeNull();
    expect(parseMarker('pr', '<!-- orch:pr v1 {"a":1}')).toBeNull();
  });
});

function catchFault(act: () => unknown): Fault {
  try {
    act();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
