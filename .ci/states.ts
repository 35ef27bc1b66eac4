// Owns docs/states.md: the table of moves as the code has it, and every reason for which nothing is done now.
import { renderOlderWords } from './older-words.ts';
import { TOLD_DAYS_MAX } from '../src/core/told-reset.ts';
import { CAUSE_MEANINGS, CAUSES, move } from '../src/core/transitions.ts';
import type { HoldReason, WaitReason } from '../src/domain/plan.ts';
import { TASK_STATES } from '../src/domain/task.ts';
import type { TaskState } from '../src/domain/task.ts';

export type ReasonKind = Exclude<WaitReason['kind'], 'person'> | HoldReason['kind'];

interface ReasonRow {
  readonly states: readonly TaskState[];
  readonly cause: string;
  readonly ends: string;
}

const IN_LINE: readonly TaskState[] = ['new', 'routed'];

function inLine(cause: string, ends: string): ReasonRow {
  return { states: IN_LINE, cause, ends };
}

function person(cause: string, ends: string): ReasonRow {
  return { states: ['needs_review'], cause, ends };
}

/** In the order they are asked: the first that holds is the one that is told. */
const WAITS: Readonly<Record<Exclude<WaitReason['kind'], 'person'>, ReasonRow>> = {
  finished: {
    states: ['done', 'archived'],
    cause: 'merged, completed by a word, closed or gone',
    ends: 'somebody reopens the issue',
  },
  skipped: {
    states: ['skipped'],
    cause: 'a label or `/orch skip` says no, or the intake label is not there',
    ends: 'the label goes or comes, `/orch unskip`, or the day that was named',
  },
  running: { states: ['in_progress'], cause: 'an attempt holds the lease', ends: 'it ends' },
  lease_unread: {
    states: ['in_progress'],
    cause: 'GitHub did not say how the job of the attempt is doing',
    ends: 'the next look',
  },
  review: { states: ['in_review'], cause: 'its pull request is open', ends: 'it is merged or closed' },
  blocked_by_word: { states: ['blocked'], cause: '`/orch block`', ends: '`/orch unblock`' },
  dependencies: { states: ['blocked'], cause: 'an issue it depends on is open', ends: 'the last one is closed' },
  children: { states: ['blocked'], cause: 'a sub-issue is open', ends: 'the last one is closed' },
  foreign: {
    states: ['blocked'],
    cause: 'an issue of another repository, which it depends on or which is its sub-issue, is open',
    ends: 'the last one is closed, as the next look finds',
  },
  phase: { states: ['blocked'], cause: 'an issue of an earlier phase of its epic is open', ends: 'the phase is over' },
  unassigned: inLine('`assignment: manual`, and nobody gave it to an engine', '`/orch start` or an `agent:` label'),
  backoff: inLine(
    'the last attempt failed, or met a limit of the model',
    `the time that is told; of a vendor's time, ${TOLD_DAYS_MAX} days at most`,
  ),
  cooldown: inLine(
    'another task met the limit of every engine that could do it',
    `the time that is told (${TOLD_DAYS_MAX} days at most), or an attempt that gets through`,
  ),
  paused: inLine('`/orch pause`', '`/orch resume`'),
  capacity: inLine('every slot is taken', 'an attempt ends'),
  stopped: inLine('`stop_on_failure`, and a task failed for good', 'a person acts on that task'),
  circuit: inLine('several tasks failed in one way, with no success between', 'one attempt that gets through'),
  budget: inLine('the day or the month has cost what it may', 'the next one begins, or `/orch retry`'),
  hourly: inLine('`attempts_per_hour_max` attempts started within the hour', 'the time that is told'),
  behind: inLine('a task that runs alone runs, or is next', 'that task ends'),
  alone: inLine('it runs alone (`parallel:off`), and others run', 'they end'),
  overlap: inLine('another task will probably touch the same files', 'that task ends, or is merged'),
  engine_capacity: inLine('its engine runs as often as it may', 'one of them ends'),
  details_unread: inLine('GitHub did not hand out its text', 'the next look'),
  routing_budget: inLine('the router was asked for others first', 'the next look'),
};

const HOLDS: Readonly<Record<HoldReason['kind'], ReasonRow>> = {
  cancelled: person('`/orch cancel`, or its job was cancelled on GitHub', '`/orch retry`'),
  reopened: person('somebody without the right to retry reopened it', '`/orch retry` by somebody who may'),
  pr_closed: person('its pull request was closed without a merge', 'reopen it, or `/orch retry`'),
  pr_forbidden: person('the repository does not let Actions open pull requests', 'open it by the link that is told'),
  branch_gone: person('its work was pushed, and the branch is gone', '`/orch retry`'),
  untrusted_label: person('the intake label was set by somebody who may not', 'somebody who may sets it again'),
  held: person('`/orch hold`', '`/orch unskip`, or the day that was named'),
  unknown_label: person('a label names something unknown', 'the label is replaced'),
  contradicting_labels: person('two labels of one kind', 'one of them is removed'),
  circle: person('issues wait for each other in a circle', 'one dependency is taken away'),
  over_budget: person('this round has cost what a task may', '`/orch retry`'),
  needs_person: person('the attempt ended in a way that another one would too', '`/orch retry`'),
  attempts_exhausted: person('`attempts_max` attempts did not get there', '`/orch retry`'),
  same_failure: person('attempts in a row failed in the very same way', '`/orch retry`'),
  infra_exhausted: person(
    '`infra_attempts_max` attempts ended without the task being at fault: a limit of the model, or nothing that started',
    '`/orch retry`',
  ),
  no_engine: person('no engine that may do it can run here', 'a key is set, or the label is replaced'),
};

/** The states a task is shown in for this reason. */
export function statesOf(reason: ReasonKind): readonly TaskState[] {
  return { ...WAITS, ...HOLDS }[reason].states;
}

export function renderStates(): string {
  return [
    '<!-- Written by `npm run docs` from src/core/transitions.ts and .ci/states.ts. -->',
    '',
    '# The states of a task',
    '',
    'A state is stored nowhere: each tick derives it from the issue, its labels, its pull request and its journal. The first of',
    'these that holds decides: what cannot be undone (gone, closed, merged), what people said, what runs, what the last attempt',
    'asks for. So a label that contradicts the facts changes nothing by itself, and whatever is lost is found again.',
    '',
    '## What moves a task',
    '',
    '| cause | what it is | from → to | refused |',
    '|---|---|---|---|',
    ...CAUSES.map(causeRow),
    '',
    'Any other cause is impossible in that state, and no history of the test suite takes it.',
    '',
    '## Why nothing is done now',
    '',
    'A task that is not being worked on has exactly one of these reasons; the state comment says it in words.',
    '',
    'It goes on by itself, or by the word that is named:',
    '',
    ...reasonTable(WAITS),
    '',
    'A person is asked, with the exact command that goes on:',
    '',
    ...reasonTable(HOLDS),
    '',
    '## What other queues call it',
    '',
    'Each word has one place here. How an attempt ended (crashed, timed out, killed …) is its outcome, and no state.',
    '',
    ...renderOlderWords(),
    '',
  ].join('\n');
}

function causeRow(cause: (typeof CAUSES)[number]): string {
  const moves = TASK_STATES.map((from) => ({ from, result: move(from, cause) }));
  const to = Map.groupBy(
    moves.flatMap(({ from, result }) => (result.kind === 'to' ? [{ from, state: result.state }] : [])),
    ({ state }) => state,
  );
  const refused = Map.groupBy(
    moves.flatMap(({ from, result }) =>
      result.kind === 'refused' && result.why !== 'impossible' ? [{ from, why: result.why }] : [],
    ),
    ({ why }) => why,
  );
  const list = (states: readonly { readonly from: TaskState }[]): string =>
    states.map(({ from }) => `\`${from}\``).join(', ');
  const goes = [...to].map(([state, from]) => `${list(from)} → \`${state}\``).join('; ');
  const stays = [...refused].map(([why, from]) => `${list(from)}: ${why.replaceAll('_', ' ')}`).join('; ');
  return `| \`${cause}\` | ${CAUSE_MEANINGS[cause]} | ${goes} | ${stays} |`;
}

function reasonTable(rows: Readonly<Record<string, ReasonRow>>): readonly string[] {
  return [
    '| reason | cause | state | ended by |',
    '|---|---|---|---|',
    ...Object.entries(rows).map(
      ([kind, { states, cause, ends }]) =>
        `| \`${kind}\` | ${cause} | ${states.map((state) => `\`${state}\``).join(', ')} | ${ends} |`,
    ),
  ];
}
