// Owns the words of a dispatch: the same grammar as in a comment, and a fault that names what was not understood.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/domain/command.ts';
import { saidToAllTasks } from '../../src/domain/command.ts';
import { Fault } from '../../src/domain/fault.ts';
import { Instant, RunId } from '../../src/domain/ids.ts';
import { parseAsk } from '../../src/input/ask.ts';
import { renderCommand } from '../../src/wire/command-text.ts';
import { spokenCommand } from '../wire/arbitraries.ts';

const FROM = { run: RunId.parse(9), by: 'Ada', at: Instant.parse('2030-01-01T00:00:00Z') };
const NOTHING = { event: '', verb: '', issue: '', prompt: '', engine: '', model: '', role: '' };
const asked = (inputs: Partial<typeof NOTHING>) => parseAsk({ ...NOTHING, ...inputs }, FROM).ask;

const TO_REPOSITORY = ['start all', 'unblock all', 'export', 'queue', 'settings', 'help', 'job list'];
const isToRepository = (command: Command): boolean =>
  saidToAllTasks(command) !== null ||
  ['export', 'queue', 'settings', 'help'].includes(command.verb) ||
  (command.verb === 'job' && ['list', 'check'].includes(command.action));

function faultOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
  return 'no fault';
}

describe('a dispatch about an issue', () => {
  test('says every command as a comment says it', () => {
    fc.assert(
      fc.property(spokenCommand, (command) => {
        fc.pre(command.verb !== 'ask' && !isToRepository(command));
        const words = renderCommand({ kind: 'command', command });
        expect(asked({ issue: '12', verb: words })).toEqual({ kind: 'command', issue: 12, command });
        expect(asked({ issue: '#12', verb: words.replace('/orch ', '') })).toMatchObject({ command });
      }),
    );
  });

  test.each([
    [{}, { verb: 'retry', engine: null, model: null }],
    [{ engine: 'codex' }, { verb: 'retry', engine: 'codex', model: null }],
    [{ model: 'gpt-5' }, { verb: 'retry', engine: null, model: 'gpt-5' }],
    [
      { verb: 'assign', engine: 'codex', model: 'gpt-5' },
      { verb: 'assign', engine: 'codex', model: 'gpt-5' },
    ],
    [
      { verb: 'assign', engine: 'claude', model: 'opus' },
      { verb: 'assign', engine: 'claude', model: 'opus' },
    ],
    [{ verb: 'cancel', engine: 'any' }, { verb: 'cancel' }],
  ])('takes the fields of the form: %j', (inputs, command) => {
    expect(asked({ issue: '12', ...inputs })).toEqual({ kind: 'command', issue: 12, command });
  });

  test.each(['dance', 'retry gemini', 'priority', 'skip until never', 'assign'])('refuses %j', (verb) => {
    expect(() => asked({ issue: '12', verb })).toThrow(Fault);
  });

  test('says of a text that is too long how long it is, and takes no part of it', () => {
    expect(() => asked({ issue: '12', verb: `say ${'x'.repeat(950)}` })).toThrow(/says too much/);
    expect(() => asked({ verb: `ask ${'x'.repeat(4_100)}` })).toThrow(/says too much/);
  });

  test('says of a word to a task that it names none, and not that nothing was asked', () => {
    expect(() => asked({ verb: 'start' })).toThrow(/names no issue/);
    expect(() => asked({})).toThrow(/asks for nothing/);
  });

  test.each(TO_REPOSITORY)('takes %j for a word to all, with the number of an issue or without', (verb) => {
    for (const issue of ['', '12', 'i9876']) expect(asked({ verb, issue })).toMatchObject({ kind: 'word', task: null });
  });

  test.each([
    [{ verb: 'start', engine: 'codex' }, /`retry`, `reroute` and `assign` take an engine/],
    [{ verb: 'retry codex', engine: 'claude' }, /"claude" would change nothing about `retry`/],
    [{ role: 'audit' }, /"audit" would change nothing about `retry` as it is said here; a prompt takes a role/],
    [{ event: 'audit.requested' }, /a prompt takes a role/],
    [{ verb: 'reroute', model: 'gpt-5' }, /`reroute` one with its engine/],
    [{ verb: 'why', model: 'gpt-5' }, /"gpt-5" would change nothing about `why`/],
    [{ model: 'm'.repeat(201) }, /has 201 characters, and a model's name has at most 200/],
    [{ verb: 'cancel', prompt: 'Look at the log-in.', issue: '' }, /it says `cancel` and a prompt/],
  ])('refuses what would be dropped: %j', (inputs, why) => {
    const fault = faultOf(() => asked({ issue: '12', ...inputs }));
    expect(fault).toMatch(why);
  });

  test('of a model that is a plain word takes it for one: it stands in a field of its own', () => {
    expect(asked({ issue: '12', engine: 'claude', model: 'opus' })).toMatchObject({
      command: { verb: 'retry', engine: 'claude', model: 'opus' },
    });
  });

  test.each([
    [{ event: 'task.assigned' }, { verb: 'start' }],
    [
      { event: 'task.assigned', engine: 'codex' },
      { verb: 'assign', engine: 'codex', model: null },
    ],
    [{ event: 'task.assigned', verb: 'cancel' }, { verb: 'cancel' }],
    [{ event: 'orch' }, { verb: 'retry', engine: null, model: null }],
  ])('[TRG-12] hears what another system says by the name of its event: %j', (inputs, command) => {
    expect(asked({ issue: '12', ...inputs })).toEqual({ kind: 'command', issue: 12, command });
  });

  test('a prompt may stand behind the verb', () => {
    expect(asked({ verb: 'ask look after the logs' })).toMatchObject({ kind: 'prompt', prompt: 'look after the logs' });
  });

  test('[TRG-12] an audit that is asked for is a task in that role', () => {
    expect(asked({ event: 'audit.requested', prompt: 'Look at the log-in.' })).toMatchObject({ role: 'audit' });
    expect(asked({ event: 'orch', prompt: 'Look at the log-in.' })).toMatchObject({ role: 'code' });
  });

  test('takes a task without an issue, and words to the whole repository, as any other', () => {
    expect(asked({ issue: 'I9876', verb: 'cancel' })).toEqual({
      kind: 'word',
      task: 'i9876',
      command: { verb: 'cancel' },
    });
    expect(asked({ verb: 'job run nightly' })).toEqual({
      kind: 'word',
      task: null,
      command: { verb: 'job', action: 'run', name: 'nightly' },
    });
    expect(asked({ verb: 'job check "0 6 * * *" in Europe/Berlin' })).toEqual({
      kind: 'word',
      task: null,
      command: { verb: 'job', action: 'check', cron: '0 6 * * *', timezone: 'Europe/Berlin' },
    });
    expect(asked({ verb: 'queue' })).toMatchObject({ kind: 'word', task: null });
    expect(asked({ verb: 'pause' })).toMatchObject({ kind: 'word', task: null });
    expect(() => asked({ verb: 'retry' })).toThrow(Fault);
  });
});
