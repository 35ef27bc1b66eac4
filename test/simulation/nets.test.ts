// Proves that the simulation would notice: each safety net is taken away at its port, and some seed finds it out.
import { describe, expect, test } from 'vitest';
import type { DeliverPorts } from '../../src/deliver/ports.ts';
import { DEFAULT_POLICY } from '../../src/domain/default-policy.ts';
import { EMPTY_JOURNAL } from '../../src/domain/journal.ts';
import type { TaskId } from '../../src/domain/ids.ts';
import { liveAttempts } from '../../src/domain/fold-journal.ts';
import type { LeaseStatus, Snapshot, TaskFacts } from '../../src/domain/snapshot.ts';
import type { Policy } from '../../src/domain/policy.ts';
import { runSeed } from '../../src/local/simulation/run-seed.ts';
import { shrink } from '../../src/local/simulation/shrink.ts';
import type { Nets, Stage } from '../../src/local/simulation/stage.ts';
import type { Observe, TickPorts } from '../../src/reconcile/ports.ts';

const SEEDS_MAX = 5_000;
/** All of them, where a net is missed as rarely as that. */
const LIMIT_MS = 50 * 60_000;

/** The first seed that finds it; 0 when none does. */
async function firstSeed(nets: Nets, invariant: RegExp, acts?: readonly string[]): Promise<number> {
  for (let seed = 1; seed <= SEEDS_MAX; seed += 1) {
    const { findings } = await runSeed(seed, { faults: 'swarm', nets, ...(acts === undefined ? {} : { acts }) });
    if (findings.some((finding) => invariant.test(finding.invariant))) return seed;
  }
  return 0;
}

type See = (seen: Awaited<ReturnType<Observe['snapshot']>>) => { readonly snapshot: Snapshot; readonly policy: Policy };

function seeing(see: See): Nets {
  return {
    tick: (ports) => ({
      ...ports,
      observe: {
        ...ports.observe,
        snapshot: async (wake) => {
          const seen = await ports.observe.snapshot(wake);
          return { ...seen, ...see(seen) };
        },
      },
    }),
  };
}

/** Both looks see the task so. */
function facing(face: (facts: TaskFacts) => TaskFacts): Nets {
  const all = (tasks: ReadonlyMap<TaskId, TaskFacts>) => new Map([...tasks].map(([id, facts]) => [id, face(facts)]));
  return {
    tick: (ports) => ({
      ...ports,
      observe: {
        snapshot: async (wake) => {
          const seen = await ports.observe.snapshot(wake);
          return { ...seen, snapshot: { ...seen.snapshot, tasks: all(seen.snapshot.tasks) } };
        },
        details: async (tasks) => {
          const read = await ports.observe.details(tasks);
          return new Map([...read].map(([id, one]) => [id, { ...one, facts: face(one.facts) }]));
        },
      },
    }),
  };
}

function leased(lease: (seen: LeaseStatus) => LeaseStatus): Nets {
  return seeing(({ snapshot, policy }) => ({
    policy,
    snapshot: {
      ...snapshot,
      tasks: new Map([...snapshot.tasks].map(([id, facts]) => [id, { ...facts, leases: leasesOf(facts, lease) }])),
    },
  }));
}

function leasesOf(facts: TaskFacts, lease: (seen: LeaseStatus) => LeaseStatus): TaskFacts['leases'] {
  return new Map(
    liveAttempts(facts.journal).map(({ number }) => [number, lease(facts.leases.get(number) ?? { kind: 'unread' })]),
  );
}

function pushing(change: (work: DeliverPorts['work'], stage: Stage) => Partial<DeliverPorts['work']>): Nets {
  return { deliver: (ports, stage) => ({ ...ports, work: { ...ports.work, ...change(ports.work, stage) } }) };
}

const withoutFences: Nets = {
  tick: (ports, { store }) => ({
    ...ports,
    journals: {
      ...ports.journals,
      append: (appends, extras) =>
        ports.journals.append(
          appends.map((append) => ({ ...append, expected: store.journal(append.task)?.tip ?? null })),
          extras,
        ),
    },
  }),
};

const withoutSecondLook: Nets = {
  tick: (ports): TickPorts => {
    let seen: Snapshot | null = null;
    return {
      ...ports,
      observe: {
        snapshot: async (wake) => {
          const read = await ports.observe.snapshot(wake);
          seen = read.snapshot;
          return read;
        },
        details: async (tasks) =>
          new Map(
            tasks.flatMap((id) => {
              const facts = seen?.tasks.get(id);
              return facts === undefined ? [] : [[id, { facts, details: { thread: [], thread_cut: false } }] as const];
            }),
          ),
      },
    };
  },
};

const NETS: Readonly<
  Record<string, { readonly nets: Nets; readonly found: RegExp; readonly acts?: readonly string[] }>
> = {
  'a claim is a compare-and-swap': { nets: withoutFences, found: /^I1|^I3|^I4/ },
  'whoever is about to start is looked at once more': { nets: withoutSecondLook, found: /^I4/ },
  'only the job says that an attempt is dead': {
    nets: leased((lease) => (lease.kind === 'alive' ? { kind: 'dead', cause: 'run_gone' } : lease)),
    found: /^I1/,
  },
  'dead attempts are found': { nets: leased(() => ({ kind: 'alive' })), found: /^L/ },
  'a job that cannot be read is not dead': {
    nets: leased((lease) => (lease.kind === 'unread' ? { kind: 'dead', cause: 'run_gone' } : lease)),
    found: /^I1/,
  },
  'attempts have a budget': {
    nets: seeing(({ snapshot, policy }) => ({ snapshot, policy: { ...policy, attempts_max: 9 } })),
    found: /^I3/,
  },
  'a command is remembered': {
    nets: facing((facts) => ({ ...facts, journal: { ...facts.journal, handled_comments: new Map() } })),
    found: /^every command is answered once/,
  },
  'a change of the configuration is asked for until GitHub has answered': {
    nets: facing((facts) => ({ ...facts, journal: { ...facts.journal, changes: [] } })),
    found: /^what is wanted/,
  },
  'a hold is remembered': {
    nets: facing((facts) => ({ ...facts, journal: { ...facts.journal, hold: null } })),
    found: /^I4/,
  },
  'a journal is not begun anew': {
    nets: facing((facts) => ({ ...facts, journal: { ...EMPTY_JOURNAL, admitted: facts.journal.admitted } })),
    found: /^I|^every|^no tick|^L/,
  },
  'comments are read': {
    nets: seeing(({ snapshot, policy }) => ({ policy, snapshot: { ...snapshot, commands: [] } })),
    found: /^every command is heard/,
  },
  'whoever speaks is asked for their role': {
    nets: seeing(({ snapshot, policy }) => ({
      policy,
      snapshot: { ...snapshot, roles: new Map([...snapshot.roles.keys()].map((login) => [login, 'admin'])) },
    })),
    found: /^I8/,
  },
  'dependencies are read': {
    nets: facing((facts) => (facts.issue === null ? facts : { ...facts, issue: { ...facts.issue, dependencies: [] } })),
    found: /^I4/,
  },
  'what waits is released': {
    nets: facing((facts) => {
      if (facts.issue === null) return facts;
      const dependencies = facts.issue.dependencies.map((dependency) => ({ ...dependency, open: true }));
      return { ...facts, issue: { ...facts.issue, dependencies } };
    }),
    found: /^L3/,
  },
  'due work is looked at without an event': {
    nets: seeing(({ snapshot, policy }) => ({
      policy,
      snapshot: {
        ...snapshot,
        tasks: new Map([...snapshot.tasks].filter(([id]) => String(snapshot.wake.issue) === id)),
      },
    })),
    found: /^L/,
  },
  'a comment that a list does not show is looked for': {
    nets: {
      tick: (ports) => ({
        ...ports,
        observe: {
          ...ports.observe,
          details: async (tasks) => {
            const read = await ports.observe.details(tasks);
            return new Map([...read].map(([id, one]) => [id, { ...one, facts: { ...one.facts, comment: null } }]));
          },
        },
      }),
    },
    found: /^comments are bounded/,
  },
  'what a mention means is said once': {
    nets: {
      tick: (ports) => ({
        ...ports,
        observe: {
          ...ports.observe,
          snapshot: async (wake) => {
            const seen = await ports.observe.snapshot(wake);
            const { room } = seen.snapshot;
            const state = { ...room.state, mentions: [] };
            return { ...seen, snapshot: { ...seen.snapshot, room: { ...room, state } } };
          },
        },
        journals: {
          ...ports.journals,
          appendRoom: async (append) =>
            append.records.every(({ kind }) => kind === 'mention_read') ? 'won' : ports.journals.appendRoom(append),
        },
      }),
    },
    found: /^every command is (?:heard|answered) once/,
    // Of everything that people do, what this is about is one in eighty.
    acts: ['mention', 'in', 'out', 'close', 'reopen'],
  },
  'a pause is heeded': {
    nets: seeing(({ snapshot, policy }) => ({
      policy,
      snapshot: { ...snapshot, room: { ...snapshot.room, state: { ...snapshot.room.state, paused: null } } },
    })),
    found: /^I4 no start while/,
  },
  "a person's block is heeded": {
    nets: facing((facts) => ({ ...facts, journal: { ...facts.journal, blocked: null } })),
    found: /^I4 no start of what a word blocks/,
  },
  'a parent waits for its sub-issues': {
    nets: facing((facts) => (facts.issue === null ? facts : { ...facts, issue: { ...facts.issue, children: [] } })),
    found: /^I4/,
  },
  'money is counted before an attempt': {
    nets: seeing(({ snapshot, policy }) => ({ snapshot, policy: { ...policy, budget: DEFAULT_POLICY.budget } })),
    found: /^I5/,
  },
  'a branch is pushed to where the claim saw it': {
    nets: pushing((work, { graph }) => ({
      push: (push) => {
        if (push.work === null) return work.push(push);
        const expected = graph.resolve(`refs/heads/${push.work.branch}`) as typeof push.work.expected;
        return work.push({ ...push, work: { ...push.work, expected } });
      },
    })),
    found: /^I6/,
  },
  'deliver asks the journal whether the task is still its own': {
    nets: pushing((work, { store }) => ({
      fetch: async (brief) => {
        const chain = await work.fetch(brief);
        return { ...chain, records: chain.records.filter(({ kind }) => kind !== 'settled') };
      },
      push: (push) => {
        const expected = store.journal(push.task)?.tip ?? push.journal.expected;
        return work.push({ ...push, journal: { ...push.journal, expected } });
      },
    })),
    found: /^I/,
  },
  'whoever delivers first ends those beside it': {
    nets: pushing((work) => ({
      push: (push) =>
        work.push({
          ...push,
          journal: { ...push.journal, records: (head) => push.journal.records(head).slice(0, 1) },
        }),
    })),
    found: /^I2|^L/,
  },
};

/** As many lines as a person takes in at a glance. */
const A_SCREEN = 25;

test('what showed it is shrunk to little enough to be read', { timeout: LIMIT_MS }, async () => {
  const nets = facing((facts) => ({ ...facts, journal: { ...facts.journal, hold: null } }));
  const seed = await firstSeed(nets, /^I4 no start against a hold$/);
  const options = { faults: 'swarm', nets } as const;
  const shrunk = await shrink(seed, 'I4 no start against a hold', options);
  const { acts, faults } = await runSeed(seed, options);
  const findings = shrunk?.result.findings.map(({ invariant }) => invariant);
  expect(findings).toContain('I4 no start against a hold');
  expect(acts.length + faults.length).toBeGreaterThan(100);
  expect(shrunk?.needed.length).toBeLessThan(A_SCREEN);
});

describe('a net that is taken away is missed', () => {
  test.each(Object.entries(NETS))('%s', { timeout: LIMIT_MS }, async (_, { nets, found, acts }) => {
    const seed = await firstSeed(nets, found, acts);
    expect(seed, 'no seed found it').toBeGreaterThan(0);
  });
});
