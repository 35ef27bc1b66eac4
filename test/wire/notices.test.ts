// Owns the answers to people who spoke, as they read them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AttemptNumber, CommentId, Instant, RunId } from '../../src/domain/ids.ts';
import { DEFAULT_POLICY } from '../../src/domain/default-policy.ts';
import type { Notice, RefusalNotice } from '../../src/domain/notice.ts';
import { parseCommands } from '../../src/wire/command-text.ts';
import { parseMarker } from '../../src/wire/marker.ts';
import { renderNotice } from '../../src/wire/notices.ts';
import { anyView, attempt, label, login, ROUTE, view, wait } from './views.ts';

const COMMENT = CommentId.parse(123);
const PLACE = { comment: COMMENT, part: 0 };
const refused = (refusal: RefusalNotice): string => textOf({ kind: 'refused', by: login('mallory'), refusal });
const textOf = (notice: Notice): string => renderNotice(notice, PLACE).split('\n').slice(0, -2).join('\n');

describe('an answer', () => {
  it('to why has the same three lines as the state comment', () => {
    const running = { kind: 'running', attempt: AttemptNumber.parse(1), run: RunId.parse(91) } as const;
    const answer = textOf({
      kind: 'why',
      view: view({ state: 'in_progress', wait: running, route: ROUTE, attempts: [attempt(1, null)] }),
      wait: running,
    });
    expect(answer).toMatchInlineSnapshot(`
      "**#12: Claude is working on it.**\\
      **Why:** Attempt 1 of 3 with claude-sonnet-4-5; the router chose claude for this medium task. It has 40 min.\\
      **Next:** Nothing to do; the pull request opens when the work is proven. \`/orch cancel\` stops it."
    `);
  });

  it('to why says the figures of this moment, which the comment leaves out', () => {
    const answer = textOf({
      kind: 'why',
      view: view({ wait: { kind: 'queued', parallel_max: 3 } }),
      wait: { kind: 'capacity', running: 3, parallel_max: 3, by: 'parallel_max' },
    });
    expect(answer).toMatchInlineSnapshot(`
      "**#12: In the queue.**\\
      **Why:** All 3 slots are taken: 3 attempts running, at most 3 at a time.\\
      **Next:** Nothing to do; it starts by itself, and \`/orch why\` says what it waits for."
    `);
  });

  it('to help lists every command with the role it takes', () => {
    expect(
      textOf({ kind: 'help', commands: DEFAULT_POLICY.commands, mention: '@orchestrator', ready: ['claude', 'codex'] }),
    ).toMatchInlineSnapshot(`
      "Write a command at the start of a line:

      | Command | What it does | Role it takes |
      | --- | --- | --- |
      | \`/orch start [all]\` | start now, with a fresh budget; \`start all\` starts every task that is in line | write |
      | \`/orch assign <engine> [model\\|model:<name>]\` | give it to that engine and model from the next attempt on | write |
      | \`/orch route [simple\\|medium\\|complex]\` | choose the engine and model anew before the next attempt | write |
      | \`/orch retry [engine] [model\\|model:<name>]\` | try again with a fresh budget, and with that engine and model from now on | write |
      | \`/orch reroute [engine] [model\\|model:<name>]\` | try again with a fresh budget, and with another engine | write |
      | \`/orch skip [until YYYY-MM-DD]\` | leave this issue alone, until that day or until somebody says otherwise | triage |
      | \`/orch unskip\` | take a \`skip\` or a \`hold\` back | triage |
      | \`/orch cancel\` | stop the running attempt; what it has done so far is kept | triage |
      | \`/orch hold [until YYYY-MM-DD]\` | start nothing new here; a running attempt ends by itself | triage |
      | \`/orch block [#issue …]\` | start nothing here before somebody says \`unblock\` | triage |
      | \`/orch unblock [#issue …\\|all]\` | take a \`block\` back, of these issues, of this task, or of all tasks | triage |
      | \`/orch priority critical\\|high\\|medium\\|low\\|none\` | move it in the queue, whatever its labels say | triage |
      | \`/orch say <text>\` | tell the next attempt something; the lines below, up to the next command, belong to it | write |
      | \`/orch complete\` | close this issue as done | triage |
      | \`/orch publish\` | make an issue of a task that has none; said on its pull request, or in a dispatch | triage |
      | \`/orch import <path of a .md or .jsonl file>\` | make issues of the tasks that a file tells of: an epic document, or lines of JSON; they go under this issue | write |
      | \`/orch export\` | keep the tasks of the queue as lines of JSON, in a file of the run that answers | triage |
      | \`/orch ask <text>\` | start a task of its own from these words and the lines below, without an issue; so does mentioning the bot where no task is | write |
      | \`/orch refresh\` | look at this task again, now | triage |
      | \`/orch pause\` | start nothing new in this repository; what runs goes on | maintain |
      | \`/orch resume\` | take a \`pause\` back | maintain |
      | \`/orch job list \\| enable\\|disable\\|run\\|remove <name> \\| add <name> "<cron>" [in <time zone>] [audit] <prompt> \\| check "<cron>" [in <time zone>]\` | show the scheduled jobs, switch one on or off, run one now, propose to add or remove one, or tell when a schedule falls due | write |
      | \`/orch set <key> <value>\\|default\` | propose another value for a setting, as a pull request that changes the configuration | maintain |
      | \`/orch why\` | say what it waits for | read |
      | \`/orch status\` | say where it stands, with its attempts | read |
      | \`/orch queue [<state>\\|issues\\|jobs\\|prompts]\` | show what is in the queue, or all tasks of one state or one source | read |
      | \`/orch settings [key]\` | show the settings of the queue, or any that is named, and where each comes from | triage |
      | \`/orch help\` | show this list | read |

      \`@orchestrator retry\` says the same as \`/orch retry\`. Engines that can run here: claude and codex. Labels work too: \`agent:<engine>\`, \`model:<name>\`, \`complexity:<size>\`, \`priority:<level>\`."
    `);
    expect(textOf({ kind: 'help', commands: DEFAULT_POLICY.commands, mention: '@orchestrator', ready: [] })).toContain(
      'No engine can run here yet',
    );
  });

  it('to what is refused says why, and what would work', () => {
    const refusals: readonly RefusalNotice[] = [
      { kind: 'not_permitted', verb: 'retry', held: 'read', needed: 'write' },
      { kind: 'unknown_verb', word: 'deploy`now' },
      { kind: 'unknown_engine', word: 'gemini', ready: ['claude', 'codex'] },
      { kind: 'unknown_engine', word: 'gemini', ready: [] },
      { kind: 'too_long', verb: 'say', chars: 1_312 },
      { kind: 'past_day', until: Instant.parse('2026-01-05T00:00:00Z') },
      { kind: 'not_a_task', intake_label: label('agent-todo') },
      { kind: 'nothing_to_cancel', state: 'needs_review' },
      { kind: 'already_running', attempt: AttemptNumber.parse(2) },
      { kind: 'already_done', state: 'done' },
      { kind: 'already_done', state: 'archived' },
      { kind: 'label_forbids', label: label('no-agent'), remedy: 'remove' },
    ];
    expect(refusals.map(refused)).toMatchInlineSnapshot(`
      [
        "\`/orch retry\` takes at least the role \`write\` in this repository, and yours is \`read\`. Somebody with that role can say it for you.",
        "Orch does not know \`\` deploy\`now \`\`. It knows \`start\`, \`assign\`, \`route\`, \`retry\`, \`reroute\`, \`skip\`, \`unskip\`, \`cancel\`, \`hold\`, \`block\`, \`unblock\`, \`priority\`, \`say\`, \`complete\`, \`publish\`, \`import\`, \`export\`, \`ask\`, \`refresh\`, \`pause\`, \`resume\`, \`job\`, \`set\`, \`why\`, \`status\`, \`queue\`, \`settings\` and \`help\`; \`/orch help\` explains them.",
        "\`gemini\` is not an engine. These can run here: claude and codex. An example: \`/orch retry claude\`.",
        "\`gemini\` is not an engine. None can run here yet: none of their keys is set.",
        "\`/orch say\` takes at most 900 characters, and these are 1312, with the lines below it. Nothing of it was taken: please shorten it, or say it in several comments.",
        "2026-01-05 00:00 UTC is not ahead any more, so nothing changed. Name a day to come (it ends when that day begins, at midnight UTC), or leave \`until\` out.",
        "This issue is not in Orch's queue. The label \`agent-todo\` puts it there.",
        "Nothing is running here; it stands at \`needs_review\`. \`/orch skip\` takes it out of the queue.",
        "Attempt 2 is running already. \`/orch cancel\` stops it; after that, \`/orch retry\` starts anew.",
        "This is done. Reopen its issue to have more done, and close it first if it is open; what has no issue is asked for anew with \`/orch ask\`.",
        "This is closed as not planned. Reopen its issue to have more done, and close it first if it is open; what has no issue is asked for anew with \`/orch ask\`.",
        "A label decides here: remove \`no-agent\` first, and then say it again.",
      ]
    `);
  });

  it('names the comment it answers, and gives no command itself [COM-01]', () => {
    const notice = fc.oneof(
      fc.record({ kind: fc.constant('why' as const), view: anyView, wait: fc.option(wait, { nil: null }) }),
      fc.constant<Notice>({
        kind: 'help',
        commands: DEFAULT_POLICY.commands,
        mention: '@orchestrator',
        ready: ['claude'],
      }),
      fc
        .string()
        .map((word): Notice => ({ kind: 'refused', by: login('mallory'), refusal: { kind: 'unknown_verb', word } })),
    );
    fc.assert(
      fc.property(notice, fc.constantFrom(0, 1, 4), (each, part) => {
        const body = renderNotice(each, { comment: COMMENT, part });
        expect(parseMarker('answer', body)).toEqual(part === 0 ? { comment: 123 } : { comment: 123, part });
        expect(parseCommands(body, '@orchestrator')).toEqual([]);
        expect(body.length).toBeLessThanOrEqual(65_536);
      }),
    );
  });
});
