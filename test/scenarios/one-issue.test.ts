// Owns the histories of one issue, from its label to its end, whatever people and engines do on the way.
import { describe, expect, test } from 'vitest';
import { minutes, sha, taskId } from '../core/facts.ts';
import { createStory } from './story.ts';

describe('the straight road', () => {
  test('labelled, worked on, reviewed, merged, done [PUR-11] [DAT-01] [DAT-02]', () => {
    const story = createStory();
    story.open(12, { title: 'Add a health check' });

    story.tick();
    expect([story.state(12), story.status(12), story.attempts(12)]).toEqual([
      'in_progress',
      ['status:in_progress'],
      ['1 claude live'],
    ]);

    story.passes(8);
    story.ends(12, 'delivered', { files: 2, summary: 'Added /health.' });
    story.tick();
    expect([story.state(12), story.status(12)]).toEqual(['in_review', ['status:in_review']]);

    story.passes(60);
    story.merges(12);
    story.tick();
    expect([story.state(12), story.status(12), story.issue(12).open]).toEqual(['done', ['status:done'], false]);
    expect(story.branches.size).toBe(0);
    expect(story.history.map(({ kind }) => kind)).toEqual(['route', 'tick', 'settled', 'tick', 'finished', 'tick']);
    expect(story.journals.get(taskId(12))?.map(({ kind }) => kind)).toMatchInlineSnapshot(`
      [
        "admitted",
        "routed",
        "claimed",
        "shown",
        "settled",
        "opened",
        "shown",
        "finished",
        "shown",
      ]
    `);
  });

  test('auto_close: false leaves the closing to people', () => {
    const story = createStory({ auto_close: false });
    story.open(12);
    story.tick();
    story.ends(12, 'delivered');
    story.tick();
    expect(story.comment(12)).toContain('merging it ends the task, and this issue stays open (`auto_close: false`).\n');
    story.merges(12);
    story.tick();
    expect([story.state(12), story.issue(12).open]).toEqual(['done', true]);
  });

  test('auto_close: false: merged stays done, look after look, with its branch or without, until the issue is reopened', () => {
    const story = createStory({ auto_close: false, delete_branch: false });
    story.open(12);
    story.tick();
    story.ends(12, 'delivered');
    story.tick();
    story.merges(12);
    for (const _ of [1, 2, 3]) {
      story.passes(60);
      expect(story.tick().effects.map(({ kind }) => kind)).not.toContain('open_pull_request');
      expect([story.state(12), story.issue(12).open]).toEqual(['done', true]);
    }
    story.closes(12);
    story.tick();
    story.passes(5);
    story.reopens(12);
    story.tick();
    expect(story.journal(12).attempts.map(({ claim }) => claim.continues)).toEqual([null, null]);
    story.ends(12, 'no_change');
    story.tick();
    expect(story.state(12)).toBe('needs_review');
  });

  test('auto_close: false: with its branch gone as well, merged stays done, and says what was merged', () => {
    const story = createStory({ auto_close: false });
    story.open(12);
    story.tick();
    story.ends(12, 'delivered');
    story.tick();
    story.merges(12);
    story.tick();
    story.passes(60);
    story.tick();
    expect([story.branches.size, story.state(12), story.issue(12).open]).toEqual([0, 'done', true]);
    expect(story.comment(12)).toContain('was merged.');
    expect(story.comment(12)).toContain(
      'if something is missing, reopen this issue, and close it first if it is open.',
    );
    story.says('ada', 12, '/orch retry');
    story.tick();
    expect(story.answers.at(-1)).toContain('Reopen its issue to have more done, and close it first if it is open;');
  });

  test('auto_close: false: a merge ends the task although a newer attempt came to nothing', () => {
    const story = createStory({ auto_close: false });
    story.open(12);
    story.tick();
    story.ends(12, 'delivered');
    story.tick();
    story.passes(5);
    story.says('ada', 12, '/orch retry');
    story.tick();
    expect(story.attempts(12)).toHaveLength(2);
    story.passes(5);
    story.merges(12);
    story.ends(12, 'no_change');
    story.tick();
    expect(story.state(12)).toBe('done');
  });

  test('auto_close: false: with its journal lost, a task is not done over beside its open pull request', () => {
    const story = createStory({ auto_close: false });
    story.open(12);
    story.tick();
    story.ends(12, 'delivered');
    story.tick();
    story.losesJournal(12);
    story.tick();
    story.tick();
    expect([story.state(12), story.attempts(12)]).toEqual(['in_review', []]);
    story.merges(12);
    story.tick();
    expect([story.state(12), story.issue(12).open]).toEqual(['done', true]);
  });

  test('auto_close: false: the pull request says nothing by which GitHub would close the issue', () => {
    const opened = [true, false].map((auto_close) => {
      const story = createStory({ auto_close });
      story.open(12);
      story.tick();
      story.ends(12, 'delivered', { pull: 'forgotten' });
      const effect = story.tick().effects.find(({ kind }) => kind === 'open_pull_request');
      return effect?.kind === 'open_pull_request' ? effect.body.split('\n')[0] : null;
    });
    expect(opened).toEqual(['Closes #12', 'For #12']);
  });

  test('the state comment says at each step what is happening, why, and what to do next', () => {
    const story = createStory({ parallel_max: 1 });
    const head = () => story.comment(12).split('\n').slice(0, 3).join('\n');
    story.open(11);
    story.open(12, { title: 'Add a health check' });
    story.tick();
    expect(head()).toMatch(/queue[\s\S]*\/orch why/i);
    story.closes(11);
    story.tick();
    expect(head()).toMatch(/codex is working[\s\S]*1 of 3[\s\S]*40 min[\s\S]*\/orch cancel/i);
    story.ends(12, 'proof_failed', { detail: '2 tests fail' });
    story.tick();
    story.ends(12, 'failed', { detail: 'gave up' });
    story.tick();
    expect(head()).toMatch(/again[\s\S]*2026-11-20 12:02 UTC/i);
    story.passes(3);
    story.tick();
    story.ends(12, 'failed', { detail: 'gave up again' });
    story.tick();
    expect(head()).toMatch(/your turn[\s\S]*3 attempts[\s\S]*\/orch retry/i);
    expect(story.comment(12)).toContain('gave up again');
  });
});

describe('attempts that do not deliver', () => {
  test('the first attempt fails, the second delivers [ERR-01] [ERR-09]', () => {
    const story = createStory();
    story.open(12);
    story.tick();
    story.ends(12, 'failed', { detail: 'tests are red' });
    story.tick();
    expect(story.attempts(12)).toEqual(['1 claude failed', '2 claude live']);
    story.ends(12, 'delivered');
    story.tick();
    expect(story.state(12)).toBe('in_review');
  });

  test('a timeout leaves a checkpoint; the next attempt continues from it with a larger limit [ERR-02]', () => {
    const story = createStory();
    story.open(12);
    story.tick();
    story.passes(40);
    story.ends(12, 'timeout', { head: sha('half') });
    story.tick();
    const checkpoint = story.branches.get(taskId(12))?.head;
    expect(story.journal(12).attempts[1]?.claim).toMatchObject({
      continues: checkpoint,
      timeout_minutes: 60,
      branch: 'orch/12-issue-12',
    });
    story.ends(12, 'timeout');
    story.tick();
    expect(story.journal(12).attempts).toHaveLength(2);
    expect(story.state(12)).toBe('needs_review');
  });

  test('an engine that hangs is replaced by another', () => {
    const story = createStory();
    story.open(12);
    story.tick();
    story.ends(12, 'stalled');
    story.tick();
    expect(story.attempts(12)).toEqual(['1 claude stalled', '2 codex live']);
  });

  test('three attempts, then a person; their retry opens a new round and the numbers go on [ERR-05] [ERR-07] [ERR-12] [ERR-17]', () => {
    const story = createStory();
    story.open(12);
    story.tick();
    story.ends(12, 'crashed');
    story.tick();
    story.ends(12, 'crashed');
    story.tick();
    expect(story.state(12)).toBe('routed');
    story.passes(3);
    story.tick();
    story.ends(12, 'crashed');
    story.tick();
    expect(story.state(12)).toBe('needs_review');
    story.passes(600);
    story.tick();
    expect(story.journal(12).attempts).toHaveLength(3);

    story.says('ada', 12, '/orch retry codex');
    story.tick();
    expect(story.attempts(12).at(-1)).toBe('4 codex live');
    expect(story.reactions).toEqual(['12 ROCKET']);
  });

  test('nothing needed to change: a person accepts by closing the issue', () => {
    const story = createStory();
    story.open(12);
    story.tick();
    story.ends(12, 'no_change', { detail: 'The typo is already fixed.' });
    story.tick();
    expect(story.state(12)).toBe('needs_review');
    expect(story.comment(12)).toContain('Close this issue if you agree');
    story.closes(12);
    story.tick();
    expect(story.state(12)).toBe('done');
  });

  test("a rate limit is nobody's fault: another engine goes on at once, and nothing is charged", () => {
    const story = createStory();
    story.open(12);
    story.tick();
    story.ends(12, 'rate_limit', { not_before: minutes(300) });
    story.tick();
    expect(story.attempts(12)).toEqual(['1 claude rate_limit', '2 codex live']);
  });

  test('a model whose engine has no key: no attempt is spent on another, and it starts once the key is there', () => {
    const story = createStory({});
    story.ready = ['claude'];
    story.open(12, { labelled: ['agent-todo', 'model:gpt-5'] });
    story.tick();
    expect([story.state(12), story.attempts(12)]).toEqual(['needs_review', []]);
    expect(story.comment(12)).toContain('codex has the model `gpt-5` that was named, and cannot run here');
    expect(story.comment(12)).not.toMatch(/\/orch retry claude|agent:codex/);
    story.ready = ['claude', 'codex'];
    story.passes(10);
    story.tick();
    expect(story.journal(12).attempts.map(({ claim }) => [claim.engine, claim.model])).toEqual([['codex', 'gpt-5']]);
  });

  test('with one engine a rate limit waits until the vendor says', () => {
    const story = createStory();
    story.ready = ['claude'];
    story.open(12);
    story.tick();
    story.ends(12, 'rate_limit', { not_before: minutes(300) });
    story.tick();
    expect(story.plan().reports[0]?.wait).toEqual({ kind: 'backoff', until: minutes(300), after: 'rate_limit' });
    story.passes(299);
    story.tick();
    expect(story.journal(12).attempts).toHaveLength(1);
    story.passes(1);
    story.tick();
    expect(story.attempts(12)).toEqual(['1 claude rate_limit', '2 claude live']);
  });

  test("the runner dies without a word: found by the job's status, charged, and tried again [ERR-10] [ERR-11] [ENG-02]", () => {
    const story = createStory();
    story.open(12);
    story.tick();
    story.dies(12, 'failed');
    story.tick();
    expect(story.attempts(12)).toEqual(['1 claude crashed', '2 claude live']);
  });

  test('jobs that never start charge nothing, and stop after three', () => {
    const story = createStory({ backoff_minutes: [0] });
    story.open(12);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      story.tick();
      story.dies(12, 'never_started');
    }
    story.tick();
    expect(story.state(12)).toBe('needs_review');
    expect(story.attempts(12)).toEqual(['1 claude infra', '2 claude infra', '3 claude infra']);
    expect(story.comment(12)).toContain('0 of 3 attempts used');
  });
});

describe('people in the middle of it', () => {
  test('cancel stops the attempt and holds the task until somebody says retry [ERR-04] [QUE-08] [QUE-34]', () => {
    const story = createStory();
    story.open(12);
    story.tick();
    story.says('tom', 12, '/orch cancel');
    story.tick();
    expect([story.state(12), story.attempts(12)]).toEqual(['needs_review', ['1 claude cancelled']]);
    story.passes(600);
    story.tick();
    expect(story.attempts(12)).toHaveLength(1);
    story.says('ada', 12, '@orchestrator retry');
    story.tick();
    expect(story.attempts(12).at(-1)).toBe('2 claude live');
  });

  test('skipped by label, and back when the label goes [TRG-02] [QUE-06] [BLT-01]', () => {
    const story = createStory();
    story.open(12, { labelled: ['agent-todo', 'agent-skipped'] });
    story.tick();
    expect([story.state(12), story.status(12)]).toEqual(['skipped', ['status:skipped']]);
    story.labels(12, [], ['agent-skipped']);
    story.tick();
    expect(story.state(12)).toBe('in_progress');
  });

  test('a stranger labels; the comment says what to do; a maintainer labels again [TRG-01] [BLT-08]', () => {
    const story = createStory();
    story.open(12, { by: 'eve' });
    story.tick();
    expect(story.state(12)).toBe('needs_review');
    expect(story.comment(12)).toContain('`agent-todo`');
    story.passes(5);
    story.labels(12, ['agent-todo'], ['agent-todo'], 'ada');
    story.tick();
    expect(story.state(12)).toBe('in_progress');
  });

  test('a label nobody understands is asked about with the values that exist, then corrected', () => {
    const story = createStory();
    story.open(12, { labelled: ['agent-todo', 'agent:gpt9'] });
    story.tick();
    expect(story.state(12)).toBe('needs_review');
    expect(story.comment(12)).toContain('`agent:claude` or `agent:codex`');
    story.labels(12, ['agent:codex'], ['agent:gpt9']);
    story.tick();
    expect(story.attempts(12)).toEqual(['1 codex live']);
  });

  test('closed mid-flight: stopped; opened again by somebody who may: a new round', () => {
    const story = createStory();
    story.open(12);
    story.tick();
    story.closes(12);
    story.tick();
    expect([story.state(12), story.attempts(12)]).toEqual(['done', ['1 claude cancelled']]);
    story.passes(60);
    story.reopens(12);
    story.tick();
    expect(story.attempts(12)).toEqual(['1 claude cancelled', '2 claude live']);
  });

  test('merged and closed, opened again: new work on a new branch, a new pull request', () => {
    const story = createStory();
    story.open(12);
    story.tick();
    story.ends(12, 'delivered');
    story.merges(12);
    story.tick();
    story.passes(60);
    story.reopens(12);
    story.tick();
    expect(story.state(12)).toBe('in_progress');
    story.ends(12, 'delivered');
    story.tick();
    expect(story.state(12)).toBe('in_review');
    story.passes(1);
    story.merges(12);
    story.tick();
    expect([story.state(12), story.journal(12).attempts.length]).toEqual(['done', 2]);
  });

  test.each([true, false])(
    'what is left of an attempt after the reopening is gone on with, merged branch deleted: %s',
    (delete_branch) => {
      const story = createStory({ delete_branch, backoff_minutes: [0] });
      story.open(12);
      story.tick();
      story.ends(12, 'delivered');
      story.merges(12);
      story.tick();
      story.passes(60);
      story.reopens(12);
      story.tick();
      story.passes(30);
      story.ends(12, 'timeout', { head: sha('half') });
      const checkpoint = story.branches.get(taskId(12));
      story.tick();
      const [first, second, third] = story.journal(12).attempts.map(({ claim }) => claim);
      expect(second).toMatchObject({ continues: null });
      expect(second?.branch === first?.branch).toBe(delete_branch);
      expect(third).toMatchObject({ branch: checkpoint?.name, continues: checkpoint?.head });
    },
  );

  test('closed as not planned, then deleted: archived, and nobody trips over it', () => {
    const story = createStory();
    story.open(12);
    story.tick();
    story.closes(12, true);
    story.tick();
    expect([story.state(12), story.status(12)]).toEqual(['archived', ['status:archived']]);
    story.deletes(12);
    expect(story.tick().effects).toEqual([]);
  });

  test('deleted mid-flight: the attempt is settled, nothing else is touched', () => {
    const story = createStory();
    story.open(12);
    story.tick();
    story.deletes(12);
    const plan = story.tick();
    expect(plan.effects.filter(({ kind }) => kind !== 'append_history').map(({ kind }) => kind)).toEqual([
      'append_journal',
    ]);
    expect([story.state(12), story.attempts(12)]).toEqual(['archived', ['1 claude cancelled']]);
  });

  test('the pull request closed by hand needs a person; their retry makes another', () => {
    const story = createStory();
    story.open(12);
    story.tick();
    story.ends(12, 'delivered');
    story.tick();
    story.closesPull(12);
    story.tick();
    expect(story.state(12)).toBe('needs_review');
    story.passes(1);
    story.says('ada', 12, '/orch retry');
    story.tick();
    story.ends(12, 'delivered');
    story.tick();
    expect([story.state(12), story.journal(12).pr === story.pulls.get(taskId(12))?.number]).toEqual([
      'in_review',
      true,
    ]);
  });

  test('retry while under review: the same branch goes on, the same pull request shows it', () => {
    const story = createStory();
    story.open(12);
    story.tick();
    story.ends(12, 'delivered');
    story.tick();
    const pr = story.journal(12).pr;
    story.says('ada', Number(pr), '/orch retry');
    story.tick();
    expect(story.journal(12).attempts[1]?.claim).toMatchObject({
      continues: story.journal(12).attempts[0]?.settled?.head,
    });
    story.ends(12, 'delivered');
    story.tick();
    expect([story.state(12), story.journal(12).pr]).toEqual(['in_review', pr]);
  });

  test('two status labels typed by hand are set right again [STA-28]', () => {
    const story = createStory();
    story.open(12);
    story.tick();
    story.labels(12, ['status:done', 'status:blocked']);
    story.tick();
    expect(story.status(12)).toEqual(['status:in_progress']);
  });

  test('the state comment deleted or altered is written again; one that agrees is left alone', () => {
    const story = createStory();
    story.open(12);
    story.tick();
    const said = story.comment(12);
    story.comments.delete(taskId(12));
    story.tick();
    expect(story.comment(12)).toBe(said);
    const comment = story.comments.get(taskId(12));
    if (comment !== undefined) comment.body = said.replace('claude', 'nobody');
    const plan = story.tick();
    expect(plan.effects.map(({ kind }) => kind)).toEqual(['write_state_comment']);
    expect(story.comment(12)).toBe(said);
  });

  test('why, help and refusals are answered once, under the comment that asked', () => {
    const story = createStory({ parallel_max: 0 });
    story.open(12);
    story.says('eve', 12, '/orch why');
    story.says('eve', 12, '/orch skip');
    story.says('eve', 12, '/orch skip');
    story.says('ada', 12, '/orch dance');
    story.tick();
    expect(story.reactions).toEqual(['12 THUMBS_UP', '12 CONFUSED', '12 CONFUSED', '12 CONFUSED']);
    expect(story.answers).toEqual([
      expect.stringContaining('In the queue'),
      expect.stringContaining('triage'),
      expect.stringContaining('dance'),
    ]);
  });
});

describe('what got lost on the way', () => {
  test('deliver died after its push: the next tick opens the pull request', () => {
    const story = createStory();
    story.open(12);
    story.tick();
    story.ends(12, 'delivered', { pull: 'forgotten', summary: 'It works.' });
    const opened = story.tick().effects.find((effect) => effect.kind === 'open_pull_request');
    expect(opened).toMatchObject({
      branch: 'orch/12-issue-12',
      base: 'main',
      title: expect.stringContaining('Issue 12'),
    });
    expect(opened).toHaveProperty('body', expect.stringContaining('Closes #12'));
    story.tick();
    expect([story.state(12), story.journal(12).pr]).toEqual(['in_review', story.pulls.get(taskId(12))?.number]);
  });

  test('pull requests are forbidden: the comment has the link; the one a person opens is taken in', () => {
    const story = createStory();
    story.open(12);
    story.tick();
    story.ends(12, 'delivered', { pull: 'forgotten' });
    story.journals.get(taskId(12))?.push({ kind: 'pr_refused', at: story.now, detail: 'not permitted' });
    story.tick();
    expect(story.state(12)).toBe('needs_review');
    expect(story.comment(12)).toContain('https://github.com/o/r/compare/main...orch/12-issue-12');
    story.opensPull(12, story.branches.get(taskId(12))?.head ?? sha('gone'));
    story.tick();
    expect([story.state(12), story.journal(12).pr_refused]).toEqual(['in_review', null]);
  });

  test('the journal is lost: rebuilt from the comment, says so, and keeps counting', () => {
    const story = createStory();
    story.open(12);
    story.tick();
    story.ends(12, 'failed');
    story.tick();
    story.journals.delete(taskId(12));
    story.tick();
    expect(story.journal(12)).toMatchObject({ rebuilt: true, attempts_before: 2 });
    expect(story.attempts(12)).toEqual(['3 codex live']);
    expect(story.comment(12)).toContain('rebuilt');
  });

  test('the journal is lost when its attempts are spent: no more start by themselves', () => {
    const story = createStory({ attempts_max: 2, backoff_minutes: [0] });
    story.open(12);
    for (const detail of ['one thing', 'another']) {
      story.tick();
      story.ends(12, 'failed', { detail });
      story.passes(1);
    }
    story.tick();
    expect(story.state(12)).toBe('needs_review');
    story.journals.delete(taskId(12));
    story.tick();
    expect([story.state(12), story.attempts(12)]).toEqual(['needs_review', []]);
    expect(story.comment(12)).toContain(
      '2 attempts did not get there; how the last one ended was lost with the journal.',
    );
    story.says('ada', 12, '/orch retry');
    story.tick();
    expect(story.attempts(12)).toEqual(['3 codex live']);
  });

  test('the journal is lost while the pull request is open: still under review', () => {
    const story = createStory();
    story.open(12);
    story.tick();
    story.ends(12, 'delivered');
    story.tick();
    story.journals.delete(taskId(12));
    story.tick();
    expect([story.state(12), story.attempts(12)]).toEqual(['in_review', []]);
    story.passes(1);
    story.merges(12);
    story.tick();
    expect(story.state(12)).toBe('done');
  });
});
