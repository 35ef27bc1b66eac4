// Proves that the closing line of the whole check cannot read better than what happened.
import { expect, test } from 'vitest';
import { tally } from '../../.ci/tally.ts';

const report = (name: string, tests: Readonly<Record<string, string>>, status = 'passed') => ({
  testResults: [
    {
      name,
      status,
      message: 'Error: no such module\n at x',
      assertionResults: Object.entries(tests).map(([fullName, verdict]) => ({ fullName, status: verdict })),
    },
  ],
});

test('all suites are summed, and a test that two of them run counts once', () => {
  const reports = new Map([
    ['test', report('a.test.ts', { one: 'passed', two: 'passed' })],
    ['e2e', report('b.test.ts', { one: 'passed' })],
    ['e2e-workflows', report('a.test.ts', { one: 'passed', two: 'passed' })],
  ]);
  expect(tally(reports)).toEqual({ passed: 3, failures: [] });
});

test.each(['failed', 'skipped', 'pending', 'todo'])(
  'a test that is %s is a failure, even if another suite passed it',
  (status) => {
    const reports = new Map([
      ['test', report('a.test.ts', { one: 'passed' })],
      ['e2e', report('a.test.ts', { one: status })],
    ]);
    expect(tally(reports)).toEqual({ passed: 0, failures: [`${status}: a.test.ts > one`] });
  },
);

test('a suite without a report, one without tests and a file that does not load are failures', () => {
  const reports = new Map([
    ['gone', null],
    ['empty', { testResults: [] }],
    ['broken', report('a.test.ts', {}, 'failed')],
  ]);
  expect(tally(reports)).toEqual({
    passed: 0,
    failures: [
      'gone left no report: it did not run to its end.',
      'empty ran no test.',
      'a.test.ts: Error: no such module',
    ],
  });
});

test('a file whose tests passed but which failed afterwards is a failure', () => {
  expect(tally(new Map([['test', report('a.test.ts', { one: 'passed' }, 'failed')]]))).toEqual({
    passed: 1,
    failures: ['a.test.ts: Error: no such module'],
  });
});
