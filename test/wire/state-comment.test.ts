// Owns the words of the state comment, seen as the person sees them whose issue it stands under.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BranchName, Instant, ModelName, RunId, AttemptNumber, TaskId } from '../../src/domain/ids.ts';
import { OutcomeKind } from '../../src/domain/outcome.ts';
import { parseStateComment, renderStateComment } from '../../src/wire/state-comment.ts';
import { outcomeAdvice, outcomePredicate, outcomeWord } from '../../src/wire/outcome-text.ts';
import { renderWait } from '../../src/wire/wait-text.ts';
import { anyView, attempt, issue, label, login, pr, ROUTE, SHA, view, wait } from './views.ts';

/** Without the machine's line, which has a test of its own. */
const shown = (changes: Parameters<typeof view>[0]): string =>
  renderStateComment(view(changes)).split('\n').slice(0, -2).join('\n');
const RUNNING = { kind: 'running', attempt: AttemptNumber.parse(1), run: RunId.parse(91) } as const;
const BRANCH = { name: BranchName.parse('orch/12-add-a-json-flag'), head: SHA };

describe('the state comment', () => {
  it('says that an issue is in line', () => {
    expect(shown({ wait: { kind: 'queued', parallel_max: 3 } })).toMatchInlineSnapshot(`
      "**In the queue.**\\
      **Why:** It is in line for a free slot; at most 3 attempts can run at a time.\\
      **Next:** Nothing to do; it starts by itself, and \`/orch why\` says what it waits for.

      | Issue | Agent | Pull request |
      | --- | --- | --- |
      | #12 | not chosen yet | – |"
    `);
  });

  it('says who works on it and for how long, while the pull request is awaited [STA-22] [UI-07] [UI-03] [PUR-07]', () => {
    expect(shown({ state: 'in_progress', wait: RUNNING, route: ROUTE, attempts: [attempt(1, null)] }))
      .toMatchInlineSnapshot(`
        "**Claude is working on it.**\\
        **Why:** Attempt 1 of 3 with claude-sonnet-4-5; the router chose claude for this medium task. It has 40 min.\\
        **Next:** Nothing to do; the pull request opens when the work is proven. \`/orch cancel\` stops it.

        | Issue | Agent | Pull request |
        | --- | --- | --- |
        | #12 | claude, attempt 1 · [log](https://github.com/octo/tools/actions/runs/91) | (awaiting PR) |

        <details><summary>1 attempt</summary>

        | # | Engine | Result | Time | Cost | Log |
        | --- | --- | --- | --- | --- | --- |
        | 1 | claude · claude-sonnet-4-5 | ⏳ running |  |  | [log](https://github.com/octo/tools/actions/runs/91) |

        - Route: the router chose claude for this medium task, with claude-sonnet-4-5, 82 % sure: Touches the command line only.
        - Likely files: \`src/cli.ts\`
        - Budget: 1 of 3 attempts used

        </details>"
      `);
  });

  it('says what it waits for, with a mark for each dependency [DEP-08] [UI-23]', () => {
    const dependencies = [
      { issue: issue(7), title: 'Parse arguments | once', open: true, source: 'native' as const },
      { issue: issue(5), title: 'Choose a format', open: false, source: 'text' as const },
    ];
    expect(
      shown({
        state: 'blocked',
        wait: { kind: 'dependencies', open: [issue(7)] },
        resume: [{ kind: 'close_dependencies' }],
        dependencies,
      }),
    ).toMatchInlineSnapshot(`
      "**Waiting for another issue.**\\
      **Why:** It depends on #7, which is still open.\\
      **Next:** Nothing to do here; it starts by itself when #7 is closed.

      | Issue | Agent | Pull request |
      | --- | --- | --- |
      | #12 | not chosen yet | – |

      <details><summary>2 dependencies</summary>

      Depends on:

      - ⏳ #7 Parse arguments &#124; once
      - ✓ #5 Choose a format

      </details>"
    `);
  });

  it.each([
    [{ draft: true }, 'draft'],
    [{}, 'open'],
    [{ review: 'approved' as const }, 'open, approved'],
    [{ review: 'changes_requested' as const }, 'open, changes requested'],
    [{ state: 'merged' as const, review: 'approved' as const }, 'merged'],
    [{ state: 'closed' as const, draft: true }, 'closed'],
  ])('[STA-21] a pull request that is %j is told apart from all others', (given, words) => {
    const pull = { number: pr(34), state: 'open' as const, draft: false, files: 3, review: null, ...given };
    expect(shown({ state: 'in_review', pull })).toContain(`| #34 ${words} |`);
  });

  it('hands over to the reviewer, with cost and provenance [GIT-07] [OBS-05]', () => {
    const attempts = [
      attempt(1, { outcome: 'timeout', detail: 'the time limit was reached', head: SHA }),
      attempt(2, { summary: 'Added `--json` to the list command.\n\n@octocat fixes #3' }),
    ];
    const pull = { number: pr(34), state: 'open' as const, draft: false, files: 3, review: null };
    expect(
      shown({
        state: 'in_review',
        wait: { kind: 'review', pr: pr(34) },
        resume: [{ kind: 'review_pull', pr: pr(34) }],
        route: ROUTE,
        attempts,
        pull,
        branch: BRANCH,
      }),
    ).toMatchInlineSnapshot(`
      "**Ready for review in #34.**\\
      **Why:** Attempt 2 of 3 delivered it.\\
      **Next:** Review #34; merging it closes this issue.

      | Issue | Agent | Pull request |
      | --- | --- | --- |
      | #12 | claude, attempt 2 · [log](https://github.com/octo/tools/actions/runs/92) | #34 open |

      <details><summary>2 attempts · $0.84</summary>

      | # | Engine | Result | Time | Cost | Log |
      | --- | --- | --- | --- | --- | --- |
      | 1 | claude · claude-sonnet-4-5 | time limit: the time limit was reached | 4 min 12 s | $0.42 | [log](https://github.com/octo/tools/actions/runs/91) |
      | 2 | claude · claude-sonnet-4-5 | ✓ delivered | 4 min 12 s | $0.42 | [log](https://github.com/octo/tools/actions/runs/92) |

      - Route: the router chose claude for this medium task, with claude-sonnet-4-5, 82 % sure: Touches the command line only.
      - Likely files: \`src/cli.ts\`
      - Budget: 2 of 3 attempts used
      - Cost: $0.84
      - Branch: [\`orch/12-add-a-json-flag\`](https://github.com/octo/tools/tree/orch/12-add-a-json-flag)

      In the words of claude:

      > Added \`--json\` to the list command.
      >
      > @​octocat fixes​ #3

      </details>"
    `);
  });

  it('asks a person, with the reason, the end of the log and the exact command [STA-08] [STA-27] [AGT-22]', () => {
    const proof = [
      {
        command: ['npm', 'test'],
        exit_code: 1,
        seconds: 8,
        tail: '✗ prints JSON\n  expected "[]" to equal "{}"\n```\n',
      },
    ];
    const attempts = [1, 2, 3].map((number) =>
      attempt(number, { outcome: 'proof_failed', detail: '`npm test` exited with 1', head: SHA, proof }),
    );
    const wait = { kind: 'person', reason: { kind: 'attempts_exhausted', attempts: 3, last: 'proof_failed' } } as const;
    const resume = [{ kind: 'retry' }, { kind: 'retry_other', engine: 'codex' }] as const;
    expect(shown({ state: 'needs_review', wait, resume, route: ROUTE, attempts, branch: BRANCH }))
      .toMatchInlineSnapshot(`
        "**Your turn: it does not go on by itself.**\\
        **Why:** 3 attempts did not get there; the last one left the \`verify\` commands failing.\\
        **Next:** Check that these commands pass on the default branch. Then comment \`/orch retry\`, or \`/orch retry codex\`.

        | Issue | Agent | Pull request |
        | --- | --- | --- |
        | #12 | claude, attempt 3 · [log](https://github.com/octo/tools/actions/runs/93) | none; work so far on [\`orch/12-add-a-json-flag\`](https://github.com/octo/tools/tree/orch/12-add-a-json-flag) |

        > [!CAUTION]
        > **Attempt 3 left the \`verify\` commands failing** (\`proof_failed\`): &#96;npm test&#96; exited with 1. [Log](https://github.com/octo/tools/actions/runs/93)
        >
        > \`npm test\` ended with exit code 1:
        >
        > \`\`\`\`text
        > ✗ prints JSON
        >   expected "[]" to equal "{}"
        > \`\`\`
        > \`\`\`\`

        <details><summary>3 attempts · $1.26</summary>

        | # | Engine | Result | Time | Cost | Log |
        | --- | --- | --- | --- | --- | --- |
        | 1 | claude · claude-sonnet-4-5 | proof failed: &#96;npm test&#96; exited with 1 | 4 min 12 s | $0.42 | [log](https://github.com/octo/tools/actions/runs/91) |
        | 2 | claude · claude-sonnet-4-5 | proof failed: &#96;npm test&#96; exited with 1 | 4 min 12 s | $0.42 | [log](https://github.com/octo/tools/actions/runs/92) |
        | 3 | claude · claude-sonnet-4-5 | proof failed: &#96;npm test&#96; exited with 1 | 4 min 12 s | $0.42 | [log](https://github.com/octo/tools/actions/runs/93) |

        - Route: the router chose claude for this medium task, with claude-sonnet-4-5, 82 % sure: Touches the command line only.
        - Likely files: \`src/cli.ts\`
        - Budget: 3 of 3 attempts used
        - Cost: $1.26
        - Branch: [\`orch/12-add-a-json-flag\`](https://github.com/octo/tools/tree/orch/12-add-a-json-flag)

        </details>"
      `);
  });

  it('hands out the ready-made link where the repository forbids pull requests by Actions', () => {
    const wait = {
      kind: 'person',
      reason: { kind: 'pr_forbidden', detail: 'GitHub Actions is not permitted to create or approve pull requests.' },
    } as const;
    const compare = { base: BranchName.parse('main'), head: BRANCH.name, title: 'Add a --json flag' };
    expect(
      shown({
        state: 'needs_review',
        wait,
        resume: [{ kind: 'open_pull' }],
        route: ROUTE,
        attempts: [attempt(1, {})],
        branch: BRANCH,
        compare,
      }),
    ).toMatchInlineSnapshot(`
      "**Your turn: it does not go on by itself.**\\
      **Why:** The work is pushed, but this repository does not let GitHub Actions open pull requests.\\
      **Next:** [Open the pull request](https://github.com/octo/tools/compare/main...orch/12-add-a-json-flag?quick_pull=1&title=Add%20a%20--json%20flag&body=Closes%20%2312), and for the next ones turn on "Allow GitHub Actions to create and approve pull requests" under Settings › Actions › General.

      | Issue | Agent | Pull request |
      | --- | --- | --- |
      | #12 | claude, attempt 1 · [log](https://github.com/octo/tools/actions/runs/91) | none; work so far on [\`orch/12-add-a-json-flag\`](https://github.com/octo/tools/tree/orch/12-add-a-json-flag) |

      <details><summary>1 attempt · $0.42</summary>

      | # | Engine | Result | Time | Cost | Log |
      | --- | --- | --- | --- | --- | --- |
      | 1 | claude · claude-sonnet-4-5 | ✓ delivered | 4 min 12 s | $0.42 | [log](https://github.com/octo/tools/actions/runs/91) |

      - Route: the router chose claude for this medium task, with claude-sonnet-4-5, 82 % sure: Touches the command line only.
      - Likely files: \`src/cli.ts\`
      - Budget: 1 of 3 attempts used
      - Cost: $0.42
      - Branch: [\`orch/12-add-a-json-flag\`](https://github.com/octo/tools/tree/orch/12-add-a-json-flag)

      </details>"
    `);
  });

  it('says which key is missing when no engine can run', () => {
    const reason = { kind: 'no_engine', wanted: null, configured: ['claude', 'codex'], ready: [] } as const;
    expect(shown({ state: 'needs_review', wait: { kind: 'person', reason } })).toMatchInlineSnapshot(`
      "**Your turn: it does not go on by itself.**\\
      **Why:** No engine can run here yet: claude and codex are configured, and no key is set.\\
      **Next:** Add the key of an engine to the repository's secrets and name it in the caller file; this starts by itself after that.

      | Issue | Agent | Pull request |
      | --- | --- | --- |
      | #12 | not chosen yet | – |"
    `);
  });

  it('says that an engine is there, where none is chosen by itself', () => {
    const reason = { kind: 'no_engine', wanted: null, configured: ['claude', 'codex'], ready: ['claude'] } as const;
    const resume = [{ kind: 'retry_other', engine: 'claude' }] as const;
    expect(shown({ state: 'needs_review', wait: { kind: 'person', reason }, resume })).toMatchInlineSnapshot(`
      "**Your turn: it does not go on by itself.**\\
      **Why:** Of the engines that can run here, none is chosen by itself: claude has \`weight: 0\`, and a label, a rule or a command has to name it.\\
      **Next:** Comment \`/orch retry claude\`.

      | Issue | Agent | Pull request |
      | --- | --- | --- |
      | #12 | not chosen yet | – |"
    `);
  });

  it('says which model calls for an engine that cannot run here', () => {
    const model = ModelName.parse('gpt-5');
    const both = ['claude', 'codex'] as const;
    const reason = { kind: 'no_engine', wanted: 'codex', model, configured: both, ready: ['claude'] } as const;
    expect(shown({ state: 'needs_review', wait: { kind: 'person', reason }, resume: [] })).toMatchInlineSnapshot(`
      "**Your turn: it does not go on by itself.**\\
      **Why:** codex has the model \`gpt-5\` that was named, and cannot run here, since its key is not set; claude can.\\
      **Next:** Add the key of an engine to the repository's secrets and name it in the caller file; this starts by itself after that.

      | Issue | Agent | Pull request |
      | --- | --- | --- |
      | #12 | not chosen yet | – |"
    `);
  });

  it('says that the model chose the engine', () => {
    expect(shown({ state: 'routed', route: { ...ROUTE, source: 'model' } })).toMatchInlineSnapshot(`
      "**In the queue for claude.**\\
      **Why:** The model that was named asks for claude for this medium task.\\
      **Next:** Nothing to do; it starts by itself, and \`/orch why\` says what it waits for.

      | Issue | Agent | Pull request |
      | --- | --- | --- |
      | #12 | claude, not started | – |

      <details><summary>Details</summary>

      - Route: the model that was named asks for claude for this medium task, with claude-sonnet-4-5, 82 % sure: Touches the command line only.
      - Likely files: \`src/cli.ts\`

      </details>"
    `);
  });

  it('says when it tries again', () => {
    const wait = { kind: 'backoff', until: Instant.parse('2026-11-20T20:40:00Z'), after: 'crashed' } as const;
    expect(
      shown({
        state: 'routed',
        wait,
        route: ROUTE,
        attempts: [
          attempt(1, {
            outcome: 'crashed',
            detail: 'it exited with SIGKILL',
            usage: {
              input_tokens: 9_000,
              output_tokens: 900,
              cache_read_tokens: null,
              cache_write_tokens: null,
              cost_usd: null,
              turns: null,
            },
          }),
        ],
      }),
    ).toMatchInlineSnapshot(`
      "**Waiting to try again with claude.**\\
      **Why:** The last attempt ended without a word; the next one starts after 2026-11-20 20:40 UTC.\\
      **Next:** Nothing to do; it starts by itself, and \`/orch why\` says what it waits for.

      | Issue | Agent | Pull request |
      | --- | --- | --- |
      | #12 | claude, attempt 1 · [log](https://github.com/octo/tools/actions/runs/91) | – |

      > [!NOTE]
      > **Attempt 1 ended without a word** (\`crashed\`): it exited with SIGKILL. [Log](https://github.com/octo/tools/actions/runs/91)

      <details><summary>1 attempt · cost unknown</summary>

      | # | Engine | Result | Time | Cost | Log |
      | --- | --- | --- | --- | --- | --- |
      | 1 | claude · claude-sonnet-4-5 | crashed: it exited with SIGKILL | 4 min 12 s | 9.9k tokens | [log](https://github.com/octo/tools/actions/runs/91) |

      - Route: the router chose claude for this medium task, with claude-sonnet-4-5, 82 % sure: Touches the command line only.
      - Likely files: \`src/cli.ts\`
      - Budget: 1 of 3 attempts used
      - Cost: unknown

      </details>"
    `);
  });

  it('is short when all is done', () => {
    const pull = { number: pr(34), state: 'merged' as const, draft: false, files: 3, review: null };
    expect(
      shown({
        state: 'done',
        wait: { kind: 'finished', state: 'done' },
        resume: [{ kind: 'reopen_issue' }],
        route: ROUTE,
        attempts: [attempt(1, {})],
        pull,
      }),
    ).toMatchInlineSnapshot(`
      "**Done.**\\
      **Why:** #34 was merged.\\
      **Next:** Nothing to do; reopen this issue if something is missing.

      | Issue | Agent | Pull request |
      | --- | --- | --- |
      | #12 | claude, attempt 1 · [log](https://github.com/octo/tools/actions/runs/91) | #34 merged |

      <details><summary>1 attempt · $0.42</summary>

      | # | Engine | Result | Time | Cost | Log |
      | --- | --- | --- | --- | --- | --- |
      | 1 | claude · claude-sonnet-4-5 | ✓ delivered | 4 min 12 s | $0.42 | [log](https://github.com/octo/tools/actions/runs/91) |

      - Route: the router chose claude for this medium task, with claude-sonnet-4-5, 82 % sure: Touches the command line only.
      - Likely files: \`src/cli.ts\`
      - Budget: 1 of 3 attempts used
      - Cost: $0.42

      </details>"
    `);
  });

  it('says what is wrong around it: an unknown label, a broken file, a lost journal', () => {
    const problems = [
      { line: 4, key: 'parallel_max', problem: 'must be a number', remedy: 'Write `parallel_max: 3`.' },
    ];
    expect(
      shown({
        wait: { kind: 'unassigned' },
        resume: [{ kind: 'retry' }],
        remarks: [
          {
            kind: 'unknown_label',
            label: label('priority:now'),
            allowed: [label('priority:high'), label('priority:low')],
          },
        ],
        origin: { kind: 'last_good', commit: SHA, problems },
        rebuilt: true,
      }),
    ).toMatchInlineSnapshot(`
      "**In the queue, not given to an engine yet.**\\
      **Why:** Assignment is manual here (\`assignment: manual\`): \`/orch start\` or an \`agent:\` label starts it.\\
      **Next:** Comment \`/orch retry\`.

      | Issue | Agent | Pull request |
      | --- | --- | --- |
      | #12 | not chosen yet | – |

      The label \`priority:now\` says nothing to Orch and is not used. Known: \`priority:high\` or \`priority:low\`.

      \`.github/orch.yml\` cannot be used, so the version of \`3f78685\` stays in force:

      - line 4, \`parallel_max\`: must be a number. Write &#96;parallel&#95;max: 3&#96;.

      The journal of this task was lost; it was rebuilt from this comment, so details of earlier attempts are gone."
    `);
  });

  it('names the role a stranger lacks, and mentions nobody', () => {
    const reason = {
      kind: 'untrusted_label',
      by: login('mallory'),
      label: label('agent-todo'),
      needed: 'write',
    } as const;
    const body = shown({
      state: 'needs_review',
      wait: { kind: 'person', reason },
      resume: [{ kind: 'relabel', label: reason.label, needed: 'write' }, { kind: 'retry' }],
    });
    expect(body).toMatchInlineSnapshot(`
      "**Your turn: it does not go on by itself.**\\
      **Why:** \`agent-todo\` was set by mallory; it takes at least the role \`write\` to put an issue into the queue.\\
      **Next:** Somebody with at least the role \`write\` takes the label \`agent-todo\` off and sets it again, or comment \`/orch retry\`.

      | Issue | Agent | Pull request |
      | --- | --- | --- |
      | #12 | not chosen yet | – |"
    `);
    expect(body).not.toContain('@');
  });
});

describe('the copy for machines', () => {
  it('is the last line, and says what a lost journal needs [COM-01]', () => {
    const body = renderStateComment(
      view({
        state: 'in_progress',
        wait: RUNNING,
        route: ROUTE,
        attempts: [attempt(1, null)],
        remembers: { attempts: 4, pr: pr(34) },
      }),
    );
    expect(body.split('\n').at(-1)).toMatchInlineSnapshot(
      `"<!-- orch:state v1 {"v":1,"task":"12","state":"in_progress","wait":"running","attempts":4,"pr":34,"branch":"orch/12-add-a-json-flag","engine":"claude","model":"claude-sonnet-4-5","complexity":"medium","cost_usd":null} -->"`,
    );
  });

  it('comes back from every comment, within what GitHub stores, whatever others wrote [COM-01]', () => {
    fc.assert(
      fc.property(anyView, (each) => {
        const body = renderStateComment(each);
        const memory = parseStateComment(body);
        expect(memory).toMatchObject({
          task: each.task,
          state: each.state,
          attempts: each.remembers.attempts,
          pr: each.remembers.pr,
        });
        expect(body.length).toBeLessThanOrEqual(65_536);
        expect(body).toBe(body.trim());
        expect(body.isWellFormed()).toBe(true);
        expect(renderStateComment(each)).toBe(body);
      }),
      { numRuns: 300 },
    );
  });

  it('survives the largest task there can be, and the comment says what it left out', () => {
    const loud = '`|<@x *_'.repeat(2_000);
    const proof = Array.from({ length: 100 }, () => ({ command: [loud], exit_code: 1, seconds: 1, tail: loud }));
    const attempts = Array.from({ length: 20 }, (_, index) =>
      attempt(index + 1, { outcome: 'failed', detail: loud, summary: loud, proof }),
    );
    const dependencies = Array.from({ length: 500 }, (_, index) => ({
      issue: issue(index + 1),
      title: loud,
      open: true,
      source: 'native' as const,
    }));
    const body = renderStateComment(
      view({
        state: 'needs_review',
        task: TaskId.parse('12'),
        attempts,
        dependencies,
        attempts_total: 300,
        title: loud,
      }),
    );
    expect(body.length).toBeLessThanOrEqual(65_536);
    expect(parseStateComment(body)?.task).toBe('12');
    expect(body).toContain('and 480 more');
    expect(body).toContain('280 earlier attempts not shown');
  });

  it('is not read out of what somebody quoted or broke', () => {
    const body = renderStateComment(view());
    expect(parseStateComment(body.slice(0, -10))).toBeNull();
    expect(parseStateComment(body.replace('"v":1', '"v":2'))).toBeNull();
    expect(parseStateComment('hello')).toBeNull();
    const forged = renderStateComment(
      view({ attempts: [attempt(1, { summary: renderStateComment(view({ task: TaskId.parse('99') })) })] }),
    );
    expect(parseStateComment(forged)?.task).toBe('12');
  });
});

describe('every reason', () => {
  it('is one sentence or two that end in a full stop [STA-08]', () => {
    fc.assert(
      fc.property(wait, (each) => {
        const text = renderWait(each);
        expect(text).toMatch(/^[^\n]+\.$/);
        expect(text).not.toMatch(/\.\.$|undefined|null|\[object/);
      }),
      { numRuns: 500 },
    );
  });

  it('for an ending has a short word, a predicate and, where something helps, advice', () => {
    expect(
      OutcomeKind.options.map((kind) =>
        `${kind} | ${outcomeWord(kind)} | Attempt 2 ${outcomePredicate(kind)}. ${outcomeAdvice(kind) ?? ''}`.trim(),
      ),
    ).toMatchInlineSnapshot(`
      [
        "delivered | delivered | Attempt 2 delivered its work.",
        "no_change | nothing to change | Attempt 2 found that nothing needs to change.",
        "timeout | time limit | Attempt 2 reached its time limit. A smaller issue, or a larger \`timeout_minutes\` in \`.github/orch.yml\`, helps.",
        "stalled | went silent | Attempt 2 said nothing for too long and was stopped. Another engine often gets further.",
        "cancelled | cancelled | Attempt 2 was cancelled.",
        "proof_failed | proof failed | Attempt 2 left the \`verify\` commands failing. Check that these commands pass on the default branch.",
        "refused | hand-in refused | Attempt 2 handed in something that may not be pushed. Say in the issue what it must not touch, or allow it under \`gate:\` in \`.github/orch.yml\`. Its work is kept as an artifact of the run.",
        "rate_limit | model limit | Attempt 2 ran into the model's limit. Raise the limit with the vendor, or use another engine.",
        "auth | key refused | Attempt 2 had its key refused by the model. Check the engine's key in the repository's secrets, and its credit.",
        "model_unavailable | model unavailable | Attempt 2 could not reach its model. Check the name of the model, in the label or under \`model_map:\`.",
        "context_overflow | too much context | Attempt 2 needed more context than its model has. Split the issue, or name the files that matter.",
        "missing_tool | tool missing | Attempt 2 needs a tool that the runner does not have. Use a runner that has it; \`runs_on.attempt\` in \`.github/orch.yml\` names one.",
        "permission_denied | tool refused | Attempt 2 was refused a tool that it needed. Say in the issue how to do without it.",
        "invalid_output | unreadable answer | Attempt 2 gave an answer that could not be read. Another model or engine often helps.",
        "no_evidence | no change found | Attempt 2 said that it was done, and had changed nothing. Say in the issue which files should change.",
        "failed | failed | Attempt 2 said that it could not do it. Read its own words below.",
        "crashed | crashed | Attempt 2 ended without a word. The log may say more.",
        "infra | not started | Attempt 2 never got its engine started. The log says what was missing on the runner.",
      ]
    `);
  });
});
