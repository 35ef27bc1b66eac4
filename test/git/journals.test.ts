// Owns the proof of the journals in real git: who wins a swap, what an unclear push did, and that nothing is guessed.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type {
  AppendHistory,
  AppendJournal,
  AppendRoom,
  ClearInbox,
  DeleteBranch,
  HistoryLine,
} from '../../src/domain/effect.ts';
import {
  CommentId,
  CommitSha,
  Digest,
  Instant,
  IssueNumber,
  Login,
  NodeId,
  RunId,
  TaskId,
} from '../../src/domain/ids.ts';
import type { JournalRecord } from '../../src/domain/journal.ts';
import { EMPTY_ROOM } from '../../src/domain/room.ts';
import { openGit } from '../../src/git/git.ts';
import type { Git } from '../../src/git/git.ts';
import {
  createJournals,
  journalTip,
  readBranches,
  readJournal,
  readJournals,
  readJournalsAndBranches,
  writeInbox,
} from '../../src/git/journals.ts';
import { readObjects } from '../../src/git/objects.ts';
import { pushRefs } from '../../src/git/push.ts';
import { EMPTY_TREE, writeCommit } from '../../src/git/write-commit.ts';
import { renderJournalMessage } from '../../src/wire/journal-record.ts';
import type { Journals } from '../../src/reconcile/ports.ts';
import { BranchName } from '../../src/domain/ids.ts';
import { faultOf, ground } from '../github/ground.ts';
import type { Ground } from '../github/ground.ts';

const TASK = TaskId.parse('12');
const OTHER = TaskId.parse('13');
const ALICE = Login.parse('alice');
const AT = Instant.parse('2026-11-20T10:00:00Z');

const admitted: JournalRecord = { kind: 'admitted', at: AT, by: ALICE, issue_id: NodeId.parse('I_12') };
const shown: JournalRecord = {
  kind: 'shown',
  at: AT,
  state: 'new',
  comment: null,
  digest: Digest.parse('0'.repeat(64)),
  priority: 0,
};

function append(
  task: TaskId,
  expected: CommitSha | null,
  records: readonly JournalRecord[] = [admitted],
): AppendJournal {
  return { kind: 'append_journal', task, expected, records };
}

function line(task: TaskId): AppendHistory {
  const told: HistoryLine = { kind: 'route', at: AT, task, engine: 'codex', source: 'rule' };
  return { kind: 'append_history', line: told };
}

function deletion(branch: string, expected: string): DeleteBranch {
  return {
    kind: 'delete_branch',
    task: OTHER,
    branch: BranchName.parse(branch),
    expected: CommitSha.parse(expected),
  };
}

/** What runs on the host before anything is accepted; it reads the moves on its standard input. */
function layHook({ github: { repository } }: Ground, script: string): void {
  const file = path.join(repository.git('rev-parse', '--absolute-git-dir'), 'hooks', 'pre-receive');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

interface Tick {
  readonly git: Git;
  readonly journals: Journals;
  look(): ReturnType<typeof readJournals>;
}

/** One process: it reads once, then appends on what it read. */
async function tick(world: Ground, writer: string): Promise<Tick> {
  const git = await world.git();
  let seen = await readJournals(git);
  const pause = (ms: number): Promise<void> => {
    world.pauses.push(ms);
    return Promise.resolve();
  };
  const log = { info: () => undefined, warning: (text: string) => void world.said.push(text), error: () => undefined };
  const options = { git, clock: world.clock, log, pause, random: () => 0.5, writer, history: () => seen.history };
  return {
    git,
    journals: createJournals(options),
    look: async () => {
      seen = await readJournals(git);
      return seen;
    },
  };
}

const NOTHING = { history: [], inbox: [], branches: [] };

function tipOf(world: Ground, ref: string): CommitSha | null {
  return CommitSha.nullable().parse(world.github.repository.resolve(ref));
}

/** What happens when all that was asked at first is answered, except for the fetch, which comes last. */
function landsLate(git: Git, happens: () => Promise<void>): Git {
  const asked: Promise<unknown>[] = [];
  return {
    ...git,
    run: async (args, options) => {
      if (args[0] !== 'fetch') {
        const answer = git.run(args, options);
        asked.push(answer);
        return answer;
      }
      await new Promise(setImmediate);
      await Promise.all(asked);
      await happens();
      return git.run(args, options);
    },
  };
}

describe('reading and appending', () => {
  it('[CFG-17] what one tick appends the next one reads, oldest record first, in one fetch', async () => {
    const world = await ground();
    const first = await tick(world, 'run 1.1');
    const won = (await first.journals.append([append(TASK, null, [admitted, shown])], NOTHING)).won.get(TASK);
    world.pass(5);
    const later = { ...shown, at: world.clock.now() };
    await first.journals.append([append(TASK, won?.tip ?? null, [later])], NOTHING);
    world.github.door.reset();
    const git = await world.git();
    const { chains, unreadable } = await readJournals(git);
    expect(chains.get(TASK)?.journal).toMatchObject({ admitted: { by: 'alice' }, shown: { at: later.at } });
    expect(chains.get(TASK)?.tip).toBe(tipOf(world, 'refs/orch/task/12'));
    expect(unreadable).toEqual([]);
    // Smart HTTP asks twice: what is there, then the pack.
    expect(world.github.door.entries.filter(({ method }) => method === 'POST').length).toBeLessThanOrEqual(2);
    expect(git.processes()).toBeLessThanOrEqual(5);
  });

  it('a journal that knows of a delivery comes with the branch of it, however a delivery falls between the readings', async () => {
    const world = await ground();
    const { journals } = await tick(world, 'a delivery');
    const git = landsLate(await world.git(), async () => {
      world.github.repository.commitFiles('orch/12-greet', { a: '1' }, 'Greet');
      await journals.append([append(TASK, null)], NOTHING);
    });
    const { chains, branches } = await readJournalsAndBranches(git, 'orch/');
    expect(chains.has(TASK)).toBe(true);
    expect([...branches.keys()]).toEqual(['orch/12-greet']);
  });

  it('one task alone: its chain, its tip, and null for one that has none', async () => {
    const world = await ground();
    const { journals } = await tick(world, 'run 1.1');
    await journals.append([append(TASK, null), append(TaskId.parse('123'), null)], NOTHING);
    const git = await world.git();
    expect((await readJournal(git, TASK))?.records).toEqual([admitted]);
    expect(await journalTip(git, TASK)).toBe(tipOf(world, 'refs/orch/task/12'));
    expect(await readJournal(git, OTHER)).toBeNull();
    expect(await journalTip(git, OTHER)).toBeNull();
  });

  it('with it comes the commit its work stands on, without that one’s past, in the same fetch', async () => {
    const world = await ground();
    const first = await tick(world, 'run 1.1');
    const won = (await first.journals.append([append(TASK, null)], NOTHING)).won.get(TASK);
    await first.journals.append([append(TASK, won?.tip ?? null, [shown])], NOTHING);
    const { repository } = world.github;
    repository.commitFiles('main', { 'old.txt': 'old' }, 'Before');
    const past = CommitSha.parse(repository.resolve('refs/heads/main'));
    repository.commitFiles('main', { 'new.txt': 'new' }, 'After');
    const base = CommitSha.parse(repository.resolve('refs/heads/main'));
    const git = await world.git();
    expect((await readJournal(git, TASK, [base]))?.records).toEqual([admitted, shown]);
    expect(git.processes()).toBe(2);
    const objects = await readObjects(git, [`${base}:new.txt`, `${base}:old.txt`, past]);
    expect([...objects.values()].map(({ content }) => content?.toString('utf8'))).toEqual(['new', 'old']);
  });

  it('a commit written without a process is one that git and GitHub accept, and the next record stands on it', async () => {
    const world = await ground();
    const first = await tick(world, 'run 1.1');
    const tip = (await first.journals.append([append(TASK, null)], NOTHING)).won.get(TASK)?.tip;
    if (tip === undefined) throw new Error('not won');
    const message = renderJournalMessage([shown], 'run 1.1 deliver');
    const to = await writeCommit(first.git, { tree: EMPTY_TREE, parent: tip, at: AT, message });
    await first.git.run(['fsck', '--strict', '--no-dangling', to]);
    await pushRefs(first.git, [{ ref: 'refs/orch/task/12', expected: tip, to }], { atomic: true });
    expect(tipOf(world, 'refs/orch/task/12')).toBe(to);
    expect((await readJournal(await world.git(), TASK))?.records).toEqual([admitted, shown]);
  });

  it('sizes and contents come from one process; what is too large is measured and not kept', async () => {
    const world = await ground();
    const { repository } = world.github;
    const files = { 'a.txt': 'a\nfoo missing\n', 'empty.txt': '', 'large.txt': 'x'.repeat(300_000), 'z.txt': 'z' };
    repository.commitFiles('main', files, 'Four files');
    const base = CommitSha.parse(repository.resolve('refs/heads/main'));
    const git = await world.git();
    await (await tick(world, 'run 1.1')).journals.append([append(TASK, null)], NOTHING);
    await readJournal(git, TASK, [base]);
    const before = git.processes();
    const names = [`${base}^{tree}`, ...Object.keys(files).map((name) => `${base}:${name}`), `${base}:none.txt`];
    const [tree, ...blobs] = (await readObjects(git, names, 200_000)).values();
    expect(tree?.type).toBe('tree');
    expect(blobs.map(({ bytes, content }) => ({ bytes, text: content?.toString('utf8') ?? null }))).toEqual(
      Object.values(files).map((text) => ({ bytes: text.length, text: text.length > 200_000 ? null : text })),
    );
    expect(git.processes() - before).toBe(1);
  });

  it('a journal of a newer version, or no journal at all, is reported by name; all others are read', async () => {
    const world = await ground();
    const { journals } = await tick(world, 'run 1.1');
    await journals.append([append(TASK, null)], NOTHING);
    const { repository } = world.github;
    const tree = repository.git('mktree');
    const alien = repository.git('commit-tree', tree, '-m', 'orch: x\n\n{"v":99,"kind":"admitted"}');
    repository.setRef('refs/orch/task/13', alien);
    repository.setRef('refs/orch/notes/1', alien);
    const { chains, unreadable } = await readJournals(await world.git());
    expect([...chains.keys()]).toEqual([TASK]);
    expect(unreadable).toMatchObject([{ task: OTHER, why: expect.stringContaining('version 99') }]);
  });

  it('the history goes with the journals, a file a month, and its older versions are not read', async () => {
    const world = await ground();
    const one = await tick(world, 'run 1.1');
    await one.journals.append([append(TASK, null)], { history: [line(TASK)], inbox: [], branches: [] });
    await one.look();
    await one.journals.append([], { history: [line(OTHER)], inbox: [], branches: [] });
    const { history } = await readJournals(await world.git());
    expect(history.lines).toEqual([line(TASK).line, line(OTHER).line]);
    expect([...history.files.keys()]).toEqual(['2026-11.jsonl']);
    expect(history.tip).toBe(tipOf(world, 'refs/orch/history'));
  });

  it('what a dispatch asked waits in the inbox until it is cleared; a repeated run writes it once', async () => {
    const world = await ground();
    const entry = {
      run: RunId.parse(77),
      by: ALICE,
      at: AT,
      ask: { kind: 'command', issue: IssueNumber.parse(12), command: { verb: 'skip', until: null } },
    } as const;
    const patience = { pause: () => Promise.resolve(), random: () => 0 };
    await writeInbox({ git: await world.git(), ...patience }, entry);
    world.pass(1);
    await writeInbox({ git: await world.git(), ...patience }, { ...entry, at: world.clock.now() });
    const { journals, look } = await tick(world, 'run 2.1');
    const [waiting, ...more] = (await look()).inbox;
    expect(more).toEqual([]);
    expect(waiting).toMatchObject({ run: 77, by: 'alice', at: AT, ask: entry.ask });
    const clear: ClearInbox = { kind: 'clear_inbox', run: entry.run, expected: CommitSha.parse(waiting?.tip) };
    await journals.append([], { ...NOTHING, inbox: [clear] });
    expect((await look()).inbox).toEqual([]);
  });
});

describe('the swap', () => {
  it('[QUE-02] two ticks claim the same task with the same words: exactly one wins', async () => {
    const world = await ground();
    const [a, b] = [await tick(world, 'run 1.1'), await tick(world, 'run 2.1')];
    const answers = [
      await a.journals.append([append(TASK, null)], NOTHING),
      await b.journals.append([append(TASK, null)], NOTHING),
    ];
    expect(answers.map(({ won }) => won.has(TASK))).toEqual([true, false]);
    expect(answers[1]?.lost.get(TASK)).toContain('moved');
    expect((await readJournal(await world.git(), TASK))?.records).toEqual([admitted]);
  });

  it('one lost ref keeps no other from moving', async () => {
    const world = await ground();
    const [a, b] = [await tick(world, 'run 1.1'), await tick(world, 'run 2.1')];
    await a.journals.append([append(TASK, null)], NOTHING);
    const { won, lost } = await b.journals.append([append(TASK, null), append(OTHER, null)], NOTHING);
    expect([...won.keys()]).toEqual([OTHER]);
    expect([...lost.keys()]).toEqual([TASK]);
    expect(won.get(OTHER)?.tip).toBe(tipOf(world, 'refs/orch/task/13'));
  });

  it('a journal somebody deleted meanwhile is not written on: its expected tip is gone', async () => {
    const world = await ground();
    const { journals } = await tick(world, 'run 1.1');
    const tip = (await journals.append([append(TASK, null)], NOTHING)).won.get(TASK)?.tip ?? null;
    world.github.repository.deleteRef('refs/orch/task/12');
    const { won, lost } = await journals.append([append(TASK, tip)], NOTHING);
    expect([won.size, lost.size]).toEqual([0, 1]);
    expect(tipOf(world, 'refs/orch/task/12')).toBeNull();
  });

  it('a history that another tick moved is extended on top of theirs, and never costs a task its claim', async () => {
    const world = await ground();
    const [a, b] = [await tick(world, 'run 1.1'), await tick(world, 'run 2.1')];
    await a.journals.append([append(TASK, null)], { history: [line(TASK)], inbox: [], branches: [] });
    const { won } = await b.journals.append([append(OTHER, null)], { history: [line(OTHER)], inbox: [], branches: [] });
    expect([...won.keys()]).toEqual([OTHER]);
    expect((await b.look()).history.lines).toEqual([line(TASK).line, line(OTHER).line]);
    expect(world.said).toEqual([]);
  });

  it('branches go in the journals’ push, each only while it is where it was seen', async () => {
    const world = await ground();
    const seen = world.github.repository.commitFiles('orch/1-a', { a: '1' }, 'a');
    world.github.repository.commitFiles('orch/2-b', { b: '1' }, 'b');
    const moved = world.github.repository.resolve('refs/heads/orch/2-b') ?? '';
    world.github.repository.commitFiles('orch/2-b', { b: '2' }, 'theirs');
    const { git, journals } = await tick(world, 'run 1.1');
    world.github.door.reset();
    const branches = [deletion('orch/1-a', seen), deletion('orch/2-b', moved)];
    const { won, deleted } = await journals.append([append(TASK, null)], { ...NOTHING, branches });
    expect(won.has(TASK)).toBe(true);
    expect(deleted.map(({ result }) => result)).toEqual(['done', 'failed']);
    expect([...(await readBranches(git, 'orch/')).keys()]).toEqual(['orch/2-b']);
    expect(world.github.door.entries.filter(({ mutating }) => mutating)).toHaveLength(1);
  });

  it('a host that turns the whole push down for a branch it protects still gets the journal', async () => {
    const world = await ground();
    const seen = world.github.repository.commitFiles('orch/1-a', { a: '1' }, 'a');
    layHook(world, 'grep -q refs/heads/ && { echo "branches stay" >&2; exit 1; } || exit 0');
    const { journals } = await tick(world, 'run 1.1');
    const { won, deleted } = await journals.append([append(TASK, null)], {
      ...NOTHING,
      branches: [deletion('orch/1-a', seen)],
    });
    expect(won.has(TASK)).toBe(true);
    expect(deleted).toMatchObject([{ result: 'failed', why: expect.stringContaining('branches stay') }]);
    expect(world.github.repository.resolve('refs/heads/orch/1-a')).toBe(seen);
  });
});

describe('the room', () => {
  const word = { at: AT, by: ALICE, from: { comment: CommentId.parse(7) } };

  it('what a tick sets for the whole repository the next one reads; two at once: the second one looks again', async () => {
    const world = await ground();
    const [a, b] = [await tick(world, 'run 1.1'), await tick(world, 'run 2.1')];
    expect((await a.look()).room).toEqual({ state: EMPTY_ROOM, tip: null });
    const change: AppendRoom = {
      kind: 'append_room',
      expected: null,
      records: [{ kind: 'paused', ...word }],
      room: { ...EMPTY_ROOM, paused: word },
    };
    expect([await a.journals.appendRoom(change), await b.journals.appendRoom(change)]).toEqual(['won', 'lost']);
    expect((await b.look()).room).toEqual({ state: change.room, tip: tipOf(world, 'refs/orch/room') });
  });

  it('a room that cannot be read stops the tick: whether the queue is paused is not guessed', async () => {
    const world = await ground();
    const { journals, look } = await tick(world, 'run 1.1');
    const strange = { kind: 'append_room', expected: null, records: [], room: { paused: 'maybe' } };
    await journals.appendRoom(strange as unknown as AppendRoom);
    expect((await faultOf(look())).title).toBe('A journal cannot be read');
  });
});

describe('trouble on the way', () => {
  it('[ERR-16] a push whose answer was cut off after it landed is settled by reading: won, once', async () => {
    const world = await ground();
    const { journals } = await tick(world, 'run 1.1');
    world.github.faults.add({ kind: 'git', method: 'POST', what: 'git-receive-pack', fault: 'timeout_after_commit' });
    const { won, lost } = await journals.append([append(TASK, null)], NOTHING);
    expect([won.size, lost.size]).toEqual([1, 0]);
    expect(won.get(TASK)?.tip).toBe(tipOf(world, 'refs/orch/task/12'));
    expect((await readJournal(await world.git(), TASK))?.records).toEqual([admitted]);
  });

  it('a push that never arrived is sent again, after a pause with jitter', async () => {
    const world = await ground();
    const { journals } = await tick(world, 'run 1.1');
    world.github.faults.add({ kind: 'git', method: 'POST', what: 'git-receive-pack', fault: 'drop' });
    const { won } = await journals.append([append(TASK, null)], NOTHING);
    expect([...won.keys()]).toEqual([TASK]);
    expect(world.pauses).toHaveLength(1);
    expect((await readJournal(await world.git(), TASK))?.records).toEqual([admitted]);
  });

  it('GitHub down for the whole of it: lost with a reason, and the next tick finds the ref as it was', async () => {
    const world = await ground();
    const { journals } = await tick(world, 'run 1.1');
    world.github.faults.add({
      kind: 'git',
      method: 'POST',
      what: 'git-receive-pack',
      fault: 'status',
      status: 502,
      times: 9,
    });
    const { won, lost } = await journals.append([append(TASK, null)], NOTHING);
    expect(won.size).toBe(0);
    expect(lost.get(TASK)).toContain('did not go through');
    expect(tipOf(world, 'refs/orch/task/12')).toBeNull();
  });

  it('a token without `contents: write` is a fault for a person that names it', async () => {
    const world = await ground();
    const git = await world.git(world.tokenWith({ contents: 'read' }));
    const log = { info: () => undefined, warning: () => undefined, error: () => undefined };
    const pause = (): Promise<void> => Promise.resolve();
    const history = () => ({ tip: null, files: new Map<string, string>() });
    const journals = createJournals({
      git,
      clock: world.clock,
      log,
      pause,
      random: () => 0,
      writer: 'run 1.1',
      history,
    });
    const fault = await faultOf(journals.append([append(TASK, null)], NOTHING));
    expect(fault).toMatchObject({ consequence: 'person', remedy: expect.stringContaining('contents: write') });
  });

  it('a rule of the repository against deleting is told in its own words, and costs the tick nothing else', async () => {
    const world = await ground();
    const { repository } = world.github;
    repository.git('config', 'receive.denyDeletes', 'true');
    const seen = repository.commitFiles('orch/1-a', { a: '1' }, 'a');
    const { journals } = await tick(world, 'run 1.1');
    const { deleted } = await journals.append([], { ...NOTHING, branches: [deletion('orch/1-a', seen)] });
    expect(deleted).toMatchObject([{ result: 'failed', why: expect.stringContaining('deletion prohibited') }]);
  });
});

describe('how git is run', () => {
  it('[SEC-04] the token is in no argument, in no file, and in no message', async () => {
    const world = await ground();
    const git = await world.git('ghs_wrong_and_secret');
    const fault = await faultOf(readJournals(git));
    expect(fault).toMatchObject({ consequence: 'person' });
    expect(`${fault.message} ${fault.remedy}`).not.toContain('ghs_wrong_and_secret');
    const { stdout } = await git.run(['config', '--list', '--show-origin']);
    const from_files = stdout
      .toString('utf8')
      .split('\n')
      .filter((row) => row.startsWith('file:'));
    expect(from_files.join('\n')).not.toMatch(/extraheader|secret/);
  });

  it('nothing of the machine’s own git configuration counts, and of its environment only the way out', async () => {
    const world = await ground();
    const surroundings = { NO_PROXY: '*', GIT_DIR: '/elsewhere', GIT_TRACE: '1', HOME: '/root' };
    const remote = { url: `${world.github.server_url}/acme/shop.git`, token: world.token };
    const git = await openGit(mkdtempSync(path.join(world.folder, 'bare-')), remote, { surroundings });
    const { stdout, stderr } = await git.run(['config', '--list', '--show-scope']);
    expect(stderr).toBe('');
    expect(stdout.toString('utf8')).not.toMatch(/^(?:global|system)\t/m);
  });
});
