// Owns the proof of the routing chain: labels → command → rules → LLM → weighted round robin.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openDraft } from '../../src/core/draft.ts';
import { chooseEngine, nextInRotation, routeFor, wantsAnswer } from '../../src/core/next-route.ts';
import { ENGINE_DEFAULTS } from '../../src/domain/default-policy.ts';
import { ModelName } from '../../src/domain/ids.ts';
import type { Policy, RouteRule } from '../../src/domain/policy.ts';
import type { RouteAnswer } from '../../src/domain/route.ts';
import type { EngineId } from '../../src/domain/task.ts';
import {
  admitted,
  claimed,
  history,
  issue,
  label,
  minutes,
  policy,
  retried,
  routed,
  settled,
  snapshot,
  task,
} from './facts.ts';
import type { JournalRecord } from '../../src/domain/journal.ts';

const model = (name: string): ModelName => ModelName.parse(name);

interface Given {
  readonly labelled?: readonly string[];
  readonly title?: string;
  readonly records?: readonly JournalRecord[];
  readonly answer?: RouteAnswer | null;
  readonly policy?: Partial<Policy>;
  readonly ready?: readonly EngineId[];
  readonly lately?: readonly EngineId[];
}

function setting(given: Given) {
  const {
    labelled = [],
    title = 'Issue 12',
    records = [admitted()],
    answer = null,
    ready = ['claude', 'codex'],
    lately = [],
  } = given;
  const facts = task(12, { issue: issue(12, { title, labelled: ['agent-todo', ...labelled] }), records, answer });
  const history_facts = {
    tip: null,
    recent_routes: lately.map((engine) => ({ engine, source: 'round_robin' })),
    recent_endings: [],
    last_sweep_at: null,
    watermark: null,
    owed_since: null,
  };
  const world = {
    snapshot: snapshot([facts], { engines_ready: new Set(ready), history: history_facts }),
    policy: policy(given.policy),
  };
  return { draft: openDraft(facts, world), world };
}

function route(given: Given) {
  const { draft, world } = setting(given);
  const choice = chooseEngine(draft, world);
  if (choice.kind !== 'decided' && choice.kind !== 'open') return choice;
  const rotation = new Map(
    Object.entries(Object.groupBy(given.lately ?? [], (engine) => engine)).map(([engine, uses]) => [
      engine,
      uses?.length ?? 0,
    ]),
  );
  return routeFor(draft, choice, { world, rotation });
}

function answer(given: Partial<RouteAnswer & { kind: 'answered' }> = {}): RouteAnswer {
  return {
    kind: 'answered',
    engine: 'codex',
    complexity: 'complex',
    role: 'code',
    profile: { skills: ['sql'], tools: [], constraints: [] },
    confidence: 0.9,
    likely_files: ['a.ts'],
    reason: 'touches the database',
    ...given,
  };
}

const RULE: RouteRule = {
  when: { labels: [label('Docs')], title_contains: [], body_contains: [] },
  engine: 'codex',
  model: null,
  complexity: 'simple',
  role: null,
};

describe('who decides', () => {
  test("a person's label beats the rules, the LLM and the rotation [RTE-02]", () => {
    const labelled = ['agent:claude', 'docs'];
    expect(route({ labelled, policy: { rules: [RULE] }, answer: answer(), lately: ['claude'] })).toMatchObject({
      engine: 'claude',
      source: 'label',
    });
  });

  test("a command's wish comes next [QUE-13]", () => {
    const wish: JournalRecord = { ...retried(), engine: 'codex', model: model('gpt-x') } as JournalRecord;
    expect(route({ records: [admitted(), wish], answer: answer({ engine: 'claude' }) })).toMatchObject({
      engine: 'codex',
      model: 'gpt-x',
      source: 'command',
    });
  });

  test('then the first rule whose conditions all hold', () => {
    expect(
      route({ labelled: ['docs'], policy: { rules: [RULE] }, answer: answer({ engine: 'claude' }) }),
    ).toMatchObject({
      engine: 'codex',
      complexity: 'simple',
      source: 'rule',
    });
    const never: RouteRule = { ...RULE, when: { ...RULE.when, title_contains: ['typo'] } };
    expect(route({ labelled: ['docs'], policy: { rules: [never, RULE] } })).toMatchObject({ source: 'rule' });
    expect(route({ labelled: ['docs'], title: 'A TYPO', policy: { rules: [never] } })).toMatchObject({
      source: 'rule',
    });
  });

  test('one of the words a rule names is enough, in the title and in the body; where it names both, each has to hold', () => {
    const of = (when: Partial<RouteRule['when']>): RouteRule => ({
      ...RULE,
      when: { labels: [], title_contains: [], body_contains: [], ...when },
    });
    const source = (when: Partial<RouteRule['when']>) =>
      route({ title: 'Mend the docs', policy: { rules: [of(when)] }, lately: ['codex'] });
    expect(source({ title_contains: ['readme', 'docs'] })).toMatchObject({ source: 'rule' });
    expect(source({ body_contains: ['thanks', 'please'] })).toMatchObject({ source: 'rule' });
    expect(source({ title_contains: ['docs'], body_contains: ['thanks'] })).not.toMatchObject({ source: 'rule' });
  });

  test('then the LLM, with engine, complexity, profile and reason in one answer [RTE-01] [RTE-16] [RTE-17]', () => {
    expect(route({ answer: answer() })).toMatchObject({
      engine: 'codex',
      complexity: 'complex',
      source: 'llm',
      profile: { skills: ['sql'] },
      likely_files: ['a.ts'],
      reason: 'touches the database',
      confidence: 0.9,
    });
  });

  test('an unsure, failed or impossible answer falls through to the rotation [RTE-03] [RTE-09]', () => {
    expect(route({ answer: answer({ confidence: 0.2 }) })).toMatchObject({
      engine: 'claude',
      source: 'round_robin',
      complexity: 'medium',
    });
    expect(route({ answer: { kind: 'unanswered', why: 'timeout', detail: '20 s' } })).toMatchObject({
      source: 'round_robin',
    });
    expect(route({ answer: answer({ engine: 'custom' }) })).toMatchObject({
      source: 'round_robin',
      complexity: 'complex',
    });
  });

  test('one engine is no choice', () => {
    expect(route({ ready: ['codex'], answer: { kind: 'unanswered', why: 'no_key', detail: '' } })).toMatchObject({
      engine: 'codex',
      source: 'only_choice',
    });
  });

  test('the LLM is asked only when the choice is open and the policy wants it [RTE-04]', () => {
    const asks = (given: Given): boolean => {
      const { draft, world } = setting(given);
      return wantsAnswer(chooseEngine(draft, world), draft.facts, world.policy);
    };
    expect(asks({})).toBe(true);
    expect(asks({ labelled: ['agent:codex'] })).toBe(false);
    expect(asks({ answer: answer() })).toBe(false);
    expect(asks({ policy: { router: { ...policy().router, mode: 'round_robin' } } })).toBe(false);
  });
});

describe('who cannot', () => {
  test('an engine that a label names and that cannot run here is asked about, not replaced', () => {
    expect(route({ labelled: ['agent:codex'], ready: ['claude'] })).toEqual({
      kind: 'none',
      reason: { kind: 'no_engine', wanted: 'codex', configured: ['claude', 'codex'], ready: ['claude'] },
    });
  });

  test('no engine at all', () => {
    expect(route({ ready: [] })).toMatchObject({ kind: 'none', reason: { kind: 'no_engine', wanted: null } });
  });

  test('a model whose engine cannot run here is asked about, not tried where nobody has it', () => {
    const asked = { kind: 'none', reason: { kind: 'no_engine', wanted: 'codex', model: 'gpt-5', ready: ['claude'] } };
    expect(route({ labelled: ['model:gpt-5'], ready: ['claude'] })).toMatchObject(asked);
    const rule = { ...RULE, engine: null, model: model('gpt-5') };
    expect(route({ labelled: ['docs'], policy: { rules: [rule] }, ready: ['claude'] })).toMatchObject(asked);
    const from_claude = { ...RULE, engine: 'claude' as const };
    expect(
      route({ labelled: ['docs', 'model:gpt-5'], policy: { rules: [from_claude] }, ready: ['claude'] }),
    ).toMatchObject(asked);
    expect(route({ labelled: ['model:gpt-5', 'agent:claude'], ready: ['claude'] })).toMatchObject({
      engine: 'claude',
      model: 'gpt-5',
    });
    const engines = [ENGINE_DEFAULTS.claude];
    expect(route({ labelled: ['model:gpt-5'], policy: { engines }, ready: ['claude'] })).toMatchObject({
      engine: 'claude',
    });
  });

  test('a model names its engine, with weight 0 too, whichever others are ready', () => {
    const engines = [{ ...ENGINE_DEFAULTS.claude, weight: 0 }, ENGINE_DEFAULTS.codex];
    for (const ready of [['claude', 'codex'], ['claude']] as const)
      expect(route({ policy: { engines }, labelled: ['model:opus'], ready })).toMatchObject({ engine: 'claude' });
    expect(route({ policy: { engines }, labelled: ['model:who-knows'], ready: ['claude'] })).toMatchObject({
      reason: { wanted: null },
    });
  });

  test('weight 0 keeps an engine for labels and rules', () => {
    const engines = [{ ...ENGINE_DEFAULTS.claude, weight: 0 }, ENGINE_DEFAULTS.codex];
    expect(route({ policy: { engines }, answer: answer({ engine: 'claude' }) })).toMatchObject({
      engine: 'codex',
      source: 'only_choice',
    });
    expect(route({ policy: { engines }, labelled: ['agent:claude'] })).toMatchObject({ engine: 'claude' });
  });

  test('an engine over its limit waits alone: another goes at once, the same one when the limit is over', () => {
    const limited = history([['rate_limit', { not_before: minutes(30) }]]);
    expect(route({ records: limited })).toMatchObject({ engine: 'codex' });
    expect(route({ records: limited, ready: ['claude'] })).toEqual({
      kind: 'later',
      cooling: ['claude'],
      until: minutes(30),
    });
    expect(route({ records: limited, labelled: ['agent:claude'] })).toEqual({
      kind: 'later',
      cooling: ['claude'],
      until: minutes(30),
    });
  });
});

describe('which model', () => {
  const model_map = {
    simple: { claude: model('haiku') },
    medium: { claude: model('sonnet') },
    complex: { claude: model('opus'), codex: model('big') },
    review: {},
  };

  test('complexity and engine together name it [RTE-13]', () => {
    expect(route({ labelled: ['agent:claude', 'complexity:simple'], policy: { model_map } })).toMatchObject({
      model: 'haiku',
      complexity: 'simple',
    });
    expect(route({ answer: answer(), policy: { model_map } })).toMatchObject({ engine: 'codex', model: 'big' });
    expect(route({ labelled: ['agent:codex'], policy: { model_map } })).toMatchObject({ model: null });
  });

  test("a person's complexity or model label wins over everything [RTE-02] [RTE-12]", () => {
    expect(
      route({
        labelled: ['complexity:simple', 'model:special'],
        answer: answer({ engine: 'claude' }),
        policy: { model_map },
      }),
    ).toMatchObject({
      complexity: 'simple',
      model: 'special',
    });
  });
});

describe('on a retry', () => {
  test('moved away from an engine, and told so again before it starts, it does not come back to it', () => {
    const command = { verb: 'reroute', engine: null, model: null } as const;
    const reroute = (at: number) => ({ ...retried('ada', minutes(at)), verb: 'reroute', command }) as JournalRecord;
    const failed = history([['failed', { at: minutes(-30) }, 'claude']]);
    for (const said of [[reroute(-9)], [reroute(-9), reroute(-8)]])
      expect(route({ records: [...failed, ...said], lately: ['codex'] })).toMatchObject({ engine: 'codex' });
  });

  test('a model that a person or a rule names goes to the engine that has it', () => {
    const gpt = ['model:gpt-5.3-codex'];
    expect(route({ labelled: gpt, lately: ['codex'] })).toMatchObject({ engine: 'codex', model: 'gpt-5.3-codex' });
    expect(route({ labelled: ['model:opus'], lately: ['claude'] })).toMatchObject({ engine: 'claude', model: 'opus' });
    expect(route({ labelled: gpt, answer: answer({ engine: 'claude' }) })).toMatchObject({ engine: 'codex' });
    expect(route({ labelled: ['docs', 'model:opus'], policy: { rules: [RULE] } })).toMatchObject({ engine: 'claude' });
    const model_map = { ...policy().model_map, complex: { codex: model('house-blend') } };
    expect(route({ labelled: ['model:house-blend'], lately: ['codex'], policy: { model_map } })).toMatchObject({
      engine: 'codex',
    });
    expect(route({ labelled: ['model:who-knows'], lately: ['codex'] })).toMatchObject({ engine: 'claude' });
  });

  test('what a model decided is said to be, until the model is named no more', () => {
    expect(route({ labelled: ['model:opus'] })).toMatchObject({ source: 'model' });
    expect(route({ labelled: ['model:opus'], answer: answer({ engine: 'claude' }) })).toMatchObject({
      source: 'model',
      complexity: 'complex',
    });
    const records = [
      admitted(),
      routed({ engine: 'codex', source: 'model' }),
      claimed(1, { engine: 'codex' }),
      settled(1, 'proof_failed'),
    ];
    expect(route({ records, labelled: ['model:gpt-5'] })).toMatchObject({ engine: 'codex', source: 'model' });
    expect(route({ records, lately: ['codex'] })).toMatchObject({ engine: 'claude', source: 'round_robin' });
  });

  test('the engine stays when the ending was not its fault', () => {
    expect(
      route({
        records: [
          admitted(),
          routed({ engine: 'codex', source: 'llm' }),
          claimed(1, { engine: 'codex' }),
          settled(1, 'proof_failed'),
        ],
      }),
    ).toMatchObject({
      engine: 'codex',
      source: 'llm',
    });
  });

  test('another one takes over after a hang, and a lone engine tries again', () => {
    expect(route({ records: history([['stalled']]) })).toMatchObject({ engine: 'codex' });
    expect(route({ records: history([['stalled']]), ready: ['claude'] })).toMatchObject({ engine: 'claude' });
  });

  test('with all engines tried, the chain starts over instead of stopping', () => {
    expect(
      route({
        records: history([
          ['stalled', {}, 'claude'],
          ['stalled', {}, 'codex'],
        ]),
      }),
    ).toHaveProperty('engine');
  });
});

test('the rotation is a function of its counter alone, and gives each engine its share [RTE-03]', () => {
  const weights = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 3, maxLength: 3 });
  const ids: readonly EngineId[] = ['claude', 'codex', 'custom'];
  fc.assert(
    fc.property(weights, (shares) => {
      const engines = ids.map((id, index) => ({ ...ENGINE_DEFAULTS[id], weight: shares[index] ?? 1 }));
      const uses = new Map<string, number>();
      const total = shares.reduce((sum, share) => sum + share, 0);
      for (let turn = 0; turn < total * 4; turn += 1) {
        const { id } = nextInRotation(engines, uses);
        expect(nextInRotation(engines, new Map(uses)).id).toBe(id);
        uses.set(id, (uses.get(id) ?? 0) + 1);
      }
      expect(engines.map(({ id }) => uses.get(id))).toEqual(shares.map((share) => share * 4));
    }),
  );
});
