// Owns what people do, at the worst moment: one script for each seed, of which any single act can be left out.
import { Refused } from '../model/state.ts';
import type { Issue } from '../model/state.ts';
import { commentsOf } from '../model/comments.ts';
import { BOT } from '../model/world.ts';
import type { Stage } from './stage.ts';

export interface Act {
  readonly key: string;
  readonly at_ms: number;
  readonly kind: string;
  readonly task: number;
  readonly roll: number;
}

export const OWNER = 'octo';
export const WRITER = 'ann';
export const TRIAGER = 'tim';
export const STRANGER = 'sam';

type Do = (stage: Stage, issue: Issue, roll: number) => void;

const say =
  (body: string, by = WRITER): Do =>
  ({ world }, { number }) =>
    void world.comment(by, number, body);

const label =
  (name: string, by = WRITER): Do =>
  ({ world }, { number }) =>
    world.label(by, number, name);

const unlabel =
  (name: string): Do =>
  ({ world }, { number }) =>
    world.unlabel(WRITER, number, name);

/** What somebody else said last, in the words of whoever may write. */
const editInto =
  (body: string): Do =>
  ({ world }, { number }) => {
    const last = commentsOf(world, number).findLast(({ author }) => author !== BOT && author.login !== WRITER);
    if (last !== undefined) world.editComment(WRITER, last.id, body);
  };

/** On a pull request that people made by themselves. */
const sayElsewhere =
  (body: string): Do =>
  ({ world }) => {
    const head = 'by-hand';
    const known = [...world.pulls.values()].find(({ pull }) => pull?.head_ref === head);
    if (known === undefined) world.push(WRITER, head, { 'by-hand.txt': 'mine' });
    const { number } = known ?? world.openPull(WRITER, { title: 'By hand', body: '', head, base: 'main' });
    world.comment(WRITER, number, body);
  };

/** Each as often as it stands here. */
const ACTS: Readonly<Record<string, Do>> = {
  retry: say('/orch retry'),
  retry_codex: say('/orch retry codex'),
  cancel: say('/orch cancel'),
  cancel_by_triage: say('/orch cancel', TRIAGER),
  skip: say('/orch skip'),
  skip_until: say('/orch skip until 2026-01-06'),
  unskip: say('/orch unskip'),
  hold: say('/orch hold'),
  hold_until: say('/orch hold until 2026-01-06'),
  start: say('/orch start'),
  start_all: say('/orch start all'),
  assign: say('/orch assign claude'),
  reroute: say('/orch reroute'),
  route: say('/orch route complex'),
  block_by_word: say('/orch block'),
  unblock: say('/orch unblock'),
  unblock_all: say('/orch unblock all'),
  urgent: say('/orch priority critical'),
  later: say('/orch priority low'),
  note: say('/orch say keep the old names'),
  complete: say('/orch complete'),
  refresh: say('/orch refresh'),
  several: say('/orch priority high\n/orch say keep the old names'),
  several_refused: say('/orch hold\n/orch dance\n/orch pause'),
  pause: say('/orch pause', OWNER),
  resume: say('/orch resume', OWNER),
  resume_more: say('/orch resume', OWNER),
  pause_not_allowed: say('/orch pause', TRIAGER),
  where: say('/orch status', TRIAGER),
  settings: say('/orch settings', TRIAGER),
  set: say('/orch set parallel_max 5', OWNER),
  set_not_allowed: say('/orch set parallel_max 9'),
  add_job: say('/orch job add look "30 6 * * MON" audit Look for dead code.'),
  check_job: say('/orch job check "30 6 * * MON" in Europe/Berlin'),
  import: say('/orch import tasks.jsonl'),
  import_more: say('/orch import tasks.jsonl'),
  import_not_allowed: say('/orch import tasks.jsonl', TRIAGER),
  export: say('/orch export', TRIAGER),
  queue: say('/orch queue'),
  why: say('/orch why', STRANGER),
  help: say('@orchestrator help'),
  mention: say('@orchestrator please look after the logs'),
  nonsense: say('/orch dance'),
  nonsense_twice: say('/orch foo\n/orch bar\n/orch retry nobody', STRANGER),
  not_allowed: say('/orch retry', STRANGER),
  chatter: say('I like this one.', STRANGER),
  stop: label('agent-skipped'),
  unstop: unlabel('agent-skipped'),
  out: unlabel('agent-todo'),
  in: label('agent-todo'),
  in_by_stranger: label('agent-todo', STRANGER),
  engine: label('agent:codex'),
  unknown_engine: label('agent:nobody'),
  known_engine: unlabel('agent:nobody'),
  priority: label('priority:high'),
  complexity: label('complexity:simple'),
  twins: label('instances:2'),
  status: label('status:done'),
  no_status: (stage, issue) => {
    const status = issue.labels.find((name) => name.startsWith('status:'));
    if (status !== undefined) stage.world.unlabel(WRITER, issue.number, status);
  },
  close: ({ world }, { number }) => world.close(WRITER, number),
  not_planned: ({ world }, { number }) => world.close(WRITER, number, 'not_planned'),
  reopen: ({ world }, { number }) => world.reopen(WRITER, number),
  reopen_more: ({ world }, { number }) => world.reopen(WRITER, number),
  delete_ours: (stage, issue) => {
    const ours = commentsOf(stage.world, issue.number).find(({ author }) => author === BOT);
    if (ours !== undefined) stage.world.deleteComment(WRITER, ours.id);
  },
  edit_ours: (stage, issue) => {
    const ours = commentsOf(stage.world, issue.number).find(({ author }) => author === BOT);
    if (ours !== undefined) stage.world.editComment(WRITER, ours.id, `${ours.body}\nedited`);
  },
  edit_into_retry: editInto('/orch retry'),
  edit_into_pause: editInto('/orch pause'),
  edit_into_start_all: editInto('/orch start all'),
  ask_elsewhere: sayElsewhere('@orchestrator please look after the logs'),
  retry_elsewhere: sayElsewhere('/orch retry'),
  start_all_elsewhere: sayElsewhere('/orch start all'),
  push: (stage, issue) => {
    const branch = branchOf(stage, issue);
    if (branch !== null) stage.world.push(WRITER, branch, { 'mine.txt': `${stage.kernel.now_ms}` });
  },
  delete_branch: (stage, issue) => {
    const branch = branchOf(stage, issue);
    if (branch !== null) stage.world.deleteBranch(WRITER, branch);
  },
  rewrite_pull: onPull((stage, number) => stage.world.editPull(WRITER, number, { body: 'In my own words.' })),
  merge: onPull((stage, number) => void stage.world.mergePull(WRITER, number)),
  merge_more: onPull((stage, number) => void stage.world.mergePull(WRITER, number)),
  close_pull: onPull((stage, number) => stage.world.closePull(WRITER, number)),
  reopen_pull: onPull((stage, number) => stage.world.reopenPull(WRITER, number)),
  block: ({ world }, { number }, roll) => {
    const others = [...world.issues.values()].filter(({ pull }) => pull === null);
    const other = others[Math.floor(roll * others.length)];
    if (other !== undefined && other.number !== number) world.block(number, other.number);
  },
  adopt: ({ world }, { number }, roll) => {
    const others = [...world.issues.values()].filter(({ pull }) => pull === null);
    const child = others[Math.floor(roll * others.length)];
    if (child !== undefined && child.number !== number) world.adopt(number, child.number);
  },
  phase_1: label('phase:1'),
  phase_2: label('phase:2'),
  alone: label('parallel:off'),
  title: ({ world }, issue) => {
    issue.title = `${issue.title} again`;
    issue.updated_at = world.now();
  },
  delete_issue: ({ world }, { number }, roll) => {
    if (roll < 0.3) world.deleteIssue(OWNER, number);
    else if (roll < 0.5) world.transferIssue(OWNER, number, { repository: 'acme/elsewhere', number: 1 });
  },
};

function onPull(act: (stage: Stage, number: number) => void): Do {
  return (stage, issue) => {
    const pull = [...stage.world.pulls.values()].findLast(({ pull: of }) =>
      of?.head_ref.startsWith(`orch/${issue.number}-`),
    );
    if (pull !== undefined) act(stage, pull.number);
  };
}

function branchOf({ graph }: Stage, { number }: Issue): string | null {
  const [first] = graph.refs(`refs/heads/orch/${number}-`);
  return first?.ref.slice('refs/heads/'.length) ?? null;
}

/** `tasks`: how many issues there are, numbered from 1. */
export function script(
  stage: Pick<Stage, 'dice' | 'kernel'>,
  ask: { readonly acts: number; readonly tasks: number; readonly until_ms: number; readonly kinds?: readonly string[] },
): readonly Act[] {
  const dice = stage.dice('people');
  const kinds = ask.kinds ?? Object.keys(ACTS);
  const { now_ms } = stage.kernel;
  return Array.from({ length: ask.acts }, (_, i) => ({
    key: `person#${i}`,
    at_ms: now_ms + dice.next() * (ask.until_ms - now_ms),
    kind: dice.pick(kinds),
    task: dice.between(1, ask.tasks),
    roll: dice.next(),
  }));
}

/** What GitHub refuses a person is no news. */
export function perform(stage: Stage, { kind, task, roll }: Act): void {
  const issue = stage.world.issues.get(task);
  const act = ACTS[kind];
  if (issue === undefined || act === undefined) return;
  stage.kernel.note(`a person: ${kind} #${task}`);
  try {
    act(stage, issue, roll);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  }
}
