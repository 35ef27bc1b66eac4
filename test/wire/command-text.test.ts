// Owns what counts as a command in a comment, and what is only talk about one.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCommands, renderCommand } from '../../src/wire/command-text.ts';
import * as any from './arbitraries.ts';

const heard = (body: string): readonly string[] =>
  parseCommands(body, '@orchestrator').map((parsed) =>
    parsed.kind === 'command'
      ? renderCommand(parsed)
      : parsed.kind === 'free'
        ? `free: ${parsed.text}`
        : `? ${parsed.word}`,
  );

describe('a command', () => {
  it.each([
    ['/orch retry', ['/orch retry']],
    ['/ORCH Retry Codex', ['/orch retry codex']],
    ['/orch retry codex gpt-5.3-codex', ['/orch retry codex gpt-5.3-codex']],
    ['/orch retry `codex` `gpt-5.3-codex`', ['/orch retry codex gpt-5.3-codex']],
    ['Looks wrong.\n\n/orch cancel the approach is not what we want', ['/orch cancel']],
    ['/orch skip waits for the redesign', ['/orch skip']],
    ['/orch why', ['/orch why']],
    ['/orch', ['/orch help']],
    ['   /orch help', ['/orch help']],
    ['/orch Why?', ['/orch why']],
    ['/orch retry.', ['/orch retry']],
    ['/orch\tretry\r\nthanks', ['/orch retry']],
    ['one paragraph\n/orch retry\nmore words', ['/orch retry']],
    ['/orch skip\n/orch why', ['/orch skip', '/orch why']],
  ])('is read from %j [QUE-06] [QUE-08] [QUE-13] [QUE-19]', (body, expected) => {
    expect(heard(body)).toEqual(expected);
  });

  it.each([
    ['@orchestrator retry', ['/orch retry']],
    ['@Orchestrator, cancel', ['/orch cancel']],
    ['@orchestrator: retry claude', ['/orch retry claude']],
    ['thanks @orchestrator retry', []],
    ['@orchestrators retry', []],
  ])('may address the mention: %j [COM-02]', (body, expected) => {
    expect(heard(body)).toEqual(expected);
  });

  it('keeps the word it does not know, so that the answer can name it', () => {
    expect(parseCommands('/orch deploy now', '')).toEqual([
      { kind: 'unknown', word: 'deploy', refusal: 'unknown_verb' },
    ]);
    expect(parseCommands('/orch retry gemini', '')).toEqual([
      { kind: 'unknown', word: 'gemini', refusal: 'unknown_engine' },
    ]);
    expect(parseCommands(`/orch ${'x'.repeat(900)}`, '')).toEqual([
      { kind: 'unknown', word: `${'x'.repeat(49)}…`, refusal: 'unknown_verb' },
    ]);
  });

  it('comes back as it was rendered', () => {
    fc.assert(
      fc.property(any.spokenCommand, (each) => {
        expect(parseCommands(renderCommand({ kind: 'command', command: each }), '')).toEqual([
          { kind: 'command', command: each },
        ]);
      }),
    );
  });

  it.each([
    ['@orchestrator please update the changelog', ['free: please update the changelog']],
    [
      '@orchestrator, please look at:\n\n- the log-in\n- `the log`\n',
      ['free: please look at:\n\n- the log-in\n- `the log`'],
    ],
    ['> @orchestrator please update the changelog', []],
    ['@orchestrator do the first thing\n/orch why', ['free: do the first thing', '/orch why']],
    ['@orchestrator retyr codex', ['? retyr']],
    ['/orch please update the changelog', ['? please']],
    ['thanks @orchestrator for the good work', []],
  ])('[TRG-08] the mention may be followed by free words: %j', (body, expected) => {
    expect(heard(body)).toEqual(expected);
  });

  it.each([
    [
      '/orch say mind this:\n\n- keep the names\n- `src/db` stays',
      ['/orch say mind this:\n\n- keep the names\n- `src/db` stays'],
    ],
    ['/orch say\nkeep the names', ['/orch say keep the names']],
    ['/orch ask fix these:\r\n- a\r\n- b\r\n', ['/orch ask fix these:\n- a\n- b']],
    ['@orchestrator ask fix these:\n- a', ['/orch ask fix these:\n- a']],
    ['/orch say one\ntwo\n/orch start\nthank you', ['/orch say one\ntwo', '/orch start']],
    ['/orch say type\n```\n/orch retry\n```\nthere', ['/orch say type\n```\n/orch retry\n```\nthere']],
    ['/orch retry codex\ngpt-5 is not meant', ['/orch retry codex']],
  ])('[QUE-08] that takes a text takes the lines below, up to the next command: %j', (body, expected) => {
    expect(heard(body)).toEqual(expected);
  });

  it.each([
    ['/orch say ', 'say', 900],
    ['/orch say mind:\n', 'say', 900],
    ['/orch ask ', 'ask', 4_000],
    ['@orchestrator please ', 'ask', 4_000 - 'please '.length],
    ['/orch job add nightly "@daily" in Europe/Berlin ', 'job', 900],
  ])('[QUE-08] is taken whole or refused with what it came to, never cut: %j', (words, verb, chars_max) => {
    const before = words.startsWith('@') ? 'please '.length : words.includes('\n') ? 'mind:\n'.length : 0;
    const most = words.includes('\n') ? chars_max - before : chars_max;
    const fits = `${'x'.repeat(most - 4)} END`;
    expect(parseCommands(words + fits, '@orchestrator').map(({ kind }) => kind)).not.toContain('unknown');
    expect(heard(words + fits)[0]).toContain('END');
    expect(parseCommands(`${words}${fits}.`, '@orchestrator')).toEqual([
      { kind: 'unknown', refusal: 'too_long', word: verb, chars: most + before + 1 },
    ]);
  });

  it.each([
    ['/orch retry codex because the tests are flaky', ['/orch retry codex']],
    ['/orch retry codex, please', ['/orch retry codex']],
    ['/orch assign claude - it knows this code', ['/orch assign claude']],
    ['/orch retry codex (https://ci.example/1)', ['/orch retry codex']],
    ['/orch retry codex https://ci.example/1 failed', ['/orch retry codex']],
    ['/orch retry codex 3 tests are flaky', ['/orch retry codex']],
    ['/orch retry codex o3 because it is cheaper', ['/orch retry codex o3']],
    ['/orch retry codex gpt-5.3-codex, please', ['/orch retry codex gpt-5.3-codex']],
    ['/orch assign claude opus', ['/orch assign claude opus']],
    ['/orch retry claude sonnet, please', ['/orch retry claude sonnet']],
    ['/orch retry claude claude-opus-4-1 this time', ['/orch retry claude claude-opus-4-1']],
    ['/orch retry claude anthropic/claude-opus-4', ['/orch retry claude anthropic/claude-opus-4']],
    ['/orch assign claude `opus`', ['/orch assign claude opus']],
    ['/orch assign claude model:opus', ['/orch assign claude opus']],
    ['/orch assign claude `house-blend`', ['/orch assign claude model:house-blend']],
    ['/orch assign claude model:gpt-5', ['/orch assign claude model:gpt-5']],
    ['/orch retry claude gpt-5 could not do it', ['/orch retry claude']],
    ['/orch retry codex codex hung', ['/orch retry codex']],
    ['/orch retry claude CLAUDE.md was wrong', ['/orch retry claude']],
    ['/orch retry codex auto-merge is broken', ['/orch retry codex']],
    ['/orch retry codex e2e tests fail', ['/orch retry codex']],
    ['/orch retry codex CI/CD is red', ['/orch retry codex']],
    ['/orch assign codex 2nd try', ['/orch assign codex']],
    ['/orch retry codex main.ts fails', ['/orch retry codex']],
    ['/orch assign custom acme/large-2', ['/orch assign custom acme/large-2']],
    ['/orch assign custom model:acme/large', ['/orch assign custom model:acme/large']],
    ['/orch retry custom CI/CD is red', ['/orch retry custom']],
    ['/orch retry custom e2e tests fail', ['/orch retry custom']],
    ['/orch retry custom 2nd-try', ['/orch retry custom']],
  ])('[QUE-13] behind an engine only what looks like a model is one, the rest is a reason: %j', (body, expected) => {
    expect(heard(body)).toEqual(expected);
  });

  it('is one of at most fifty that are read in a comment', () => {
    expect(heard('/orch why\n'.repeat(80))).toHaveLength(50);
  });
});

describe('talk about a command', () => {
  const silent: readonly (readonly [what: string, body: string])[] = [
    ['inside a sentence', 'please use /orch retry when it fails'],
    ['a longer word', '/orchestra retry'],
    ['a path', '/orch/retry'],
    ['a quotation', '> /orch retry'],
    ['a quotation without its space', '>/orch retry'],
    ['the rest of a quoted paragraph', '> somebody said\n/orch retry'],
    ['a list item', '- /orch retry'],
    ['a heading', '# /orch retry'],
    ['inline code', '`/orch retry`'],
    ['inline code over two lines', 'type `\n/orch retry\n` to go on'],
    ['indented code', 'like this:\n\n    /orch retry'],
    ['code indented by a tab', 'like this:\n\n\t/orch retry'],
    ['a fence', '```\n/orch retry\n```'],
    ['a fence with a language', '```sh\n/orch retry\n```'],
    ['a fence of tildes', '~~~\n/orch retry\n~~~'],
    ['a longer fence around a shorter one', '````\n```\n/orch retry\n```\n````'],
    ['a fence that is never closed', '```\n/orch retry'],
    ['a fence in a list', '- like this:\n  ```\n  /orch retry\n  ```'],
    ['a fence that opens behind a list marker', '1. ```\n   /orch retry\n   ```'],
    ['a fence that goes on behind the item whose line opened another', '- ```\nlog\n```\n/orch retry\n```'],
    ['a fence behind a number that begins no list', 'text\n2. ```\n```\n/orch retry\n```'],
    ["a list item's fence that is never closed", '- ```\n  log\n\n  /orch retry'],
    ['a real fence after something that only looks like one', 'see\n\n    ```\n\n```\n/orch retry\n```'],
    ['an HTML comment', '<!-- /orch retry -->'],
    ['an HTML comment over lines', '<!--\n\n/orch retry\n\n-->'],
    ['a comment that is never closed', '<!--\n/orch retry'],
    ['a comment inside a paragraph', 'text <!-- hidden\n/orch retry\n--> text'],
    ['preformatted HTML', '<pre>\n\n/orch retry\n</pre>'],
    ['an HTML block', '<details>\n/orch retry\n</details>'],
  ];
  it.each(silent)('does not speak: %s', (_, body) => {
    expect(heard(body)).toEqual([]);
  });

  it.each([
    ['after a fence', '```\n/orch skip\n```\n/orch retry'],
    ['after a quotation', '> /orch skip\n\n/orch retry'],
    ['after a comment', '<!-- /orch skip -->\n/orch retry'],
    ['after inline code', 'I typed `/orch skip`\n/orch retry'],
    ['after a lone backtick', 'a ` alone\n/orch retry'],
    ['after a fence behind a list marker', 'The log:\n\n- ```\n  npm ERR!\n\n  /orch skip\n  ```\n\n/orch retry'],
    ['after a fence of four behind a list marker', '- ````\n  ```\n  /orch skip\n  ````\n/orch retry'],
    [
      'after a fence in a numbered list',
      '1. ```sh\n   npm test\n   ```\n2. ```\n   log\n   ```\n3. done\n\n/orch retry',
    ],
    ['after a fence in a list of a list', '- - ~~~\n    log\n    ~~~\n\n/orch retry'],
    ['after a link in angles', '<https://ci.example/1> failed\n/orch retry'],
    ['after an opened fold', '<details>\n\n/orch retry\n\n</details>'],
  ])('leaves the words around it their voice: %s', (_, body) => {
    expect(heard(body)).toEqual(['/orch retry']);
  });
});

describe('any text at all', () => {
  const markdown = fc
    .array(
      fc.constantFrom(
        '/orch retry',
        '`',
        '```',
        '~~~',
        '<!--',
        '-->',
        '> ',
        '- ',
        '    ',
        '\t',
        '\n',
        '\r\n',
        '\n\n',
        '\\',
        '<pre>',
        'a',
        ' ',
      ),
      { maxLength: 60 },
    )
    .map((parts) => parts.join(''));

  it('is read without an error, and says nothing inside a fence put round it', () => {
    fc.assert(
      fc.property(fc.oneof(any.text, markdown), (body) => {
        expect(heard(body).length).toBeLessThanOrEqual(5);
        expect(heard(`${'`'.repeat(body.length + 3)}\n${body}`)).toEqual([]);
        expect(
          heard(
            body
              .split(/\r\n|\r|\n/)
              .map((line) => `> ${line}`)
              .join('\n'),
          ),
        ).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(['`', '`` ', '<!--', '> ', '\n', '- ', '`a` ', '1. ', '/orch ', ' ', '\\`', '~', '<pre>', '*', '``` \n'])(
    'of the largest size is read at once, made of %j',
    (part) => {
      // A quadratic reading of 65,536 characters takes minutes, and the suite's own limit ends it.
      expect(heard(part.repeat(Math.ceil(65_536 / part.length))).length).toBeLessThanOrEqual(5);
      expect(heard(`${part.repeat(20_000)}\n\n/orch why`).length).toBeLessThanOrEqual(5);
    },
  );
});
