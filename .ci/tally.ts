// Owns the closing line: what all suites together passed and failed. A test that did not run counts as failed.
//
//   node .ci/tally.ts <number of failed steps> <report.json of each suite>
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

interface SuiteReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

export interface Tally {
  readonly passed: number;
  /** One line each: a test that failed or was not run, a file that did not load, a suite that left no report. */
  readonly failures: readonly string[];
}

/** Counts each test once, though two suites may run it. `reports` maps a suite's name to its report, or to null. */
export function tally(reports: ReadonlyMap<string, SuiteReport | null>): Tally {
  const verdicts = new Map<string, string>();
  const failures: string[] = [];
  for (const [suite, report] of reports) {
    if (report === null) failures.push(`${suite} left no report: it did not run to its end.`);
    for (const file of report?.testResults ?? []) {
      const broken = file.status === 'failed' && file.assertionResults.every((test) => test.status === 'passed');
      if (broken || file.assertionResults.length === 0)
        failures.push(`${file.name}: ${firstLine(file.message) ?? 'holds no test'}`);
      for (const test of file.assertionResults) {
        const name = `${file.name} > ${test.fullName}`;
        if (test.status !== 'passed' || !verdicts.has(name)) verdicts.set(name, test.status);
      }
    }
    if (report?.testResults.length === 0) failures.push(`${suite} ran no test.`);
  }
  const bad = [...verdicts].filter(([, status]) => status !== 'passed');
  return {
    passed: verdicts.size - bad.length,
    failures: [...bad.map(([name, status]) => `${status}: ${name}`), ...failures],
  };
}

function firstLine(message: string | undefined): string | null {
  const line = (message ?? '').split('\n')[0]?.trim() ?? '';
  return line === '' ? null : line;
}

function main([broken_steps = '0', ...files]: readonly string[]): void {
  const reports = files.map((file): [string, SuiteReport | null] => [
    path.basename(file, '.json'),
    existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as SuiteReport) : null,
  ]);
  const result = tally(new Map(reports));
  for (const line of result.failures) process.stdout.write(`${line}\n`);
  // A step without tests of its own, such as the linter, must not end in a line that reads like success.
  const failed = Math.max(result.failures.length, Number(broken_steps));
  process.stdout.write(`${result.passed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 && result.passed > 0 ? 0 : 1;
}

if (process.argv[1] === import.meta.filename) main(process.argv.slice(2));
