// Owns the reading of the issues by which Orch says something about itself.
import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../src/domain/default-policy.ts';
import { findingKey } from '../../src/domain/finding.ts';
import { JobName } from '../../src/domain/job.ts';
import { renderFinding } from '../../src/wire/finding-text.ts';
import { parseMarker } from '../../src/wire/marker.ts';
import { NOW } from '../core/facts.ts';
import { FINDINGS } from './arbitraries.ts';

const ABOUT = { job: JobName.parse('look-back'), at: NOW, policy: DEFAULT_POLICY };

describe('what Orch says about itself', () => {
  it('says what it saw, and what to do [JOB-10]', () => {
    const budget = { ...DEFAULT_POLICY.budget, day: { usd: 20, tokens: null } };
    const texts = FINDINGS.map((finding) =>
      renderFinding(finding, { ...ABOUT, policy: { ...DEFAULT_POLICY, budget } }),
    );
    expect(texts.map(({ title, body }) => `${title}\n${body.split('\n\n').slice(0, 2).join('\n')}`))
      .toMatchInlineSnapshot(`
        [
          "codex fails far more often than others on medium tasks
        **Seen:** Within 28 days, 9 of 12 attempts of codex on medium tasks failed; of the other engines 2 of 20.
        **To do:** Lower \`engines.codex.weight\`, or send medium tasks elsewhere by \`rules:\`; a larger model for it stands under \`model_map.medium\`.",
          "\`npm run lint\` fails on many tasks
        **Seen:** Within 28 days, \`npm run lint\` was the last word on 9 tasks, and failed on 5 of them.
        **To do:** Run it on the default branch first. If it passes there, say in the repository's own documents for engines what it expects; if it is slow or flaky, take it out of \`verify:\` until it is not.",
          "Tasks wait for people for a long time
        **Seen:** 3 tasks have needed a person for more than 7 days, longest #12, task i98 and #14.
        **To do:** Each says in its comment what it needs. \`/orch queue needs_review\` lists them, \`/orch skip\` puts one aside, and \`notify: errors\` calls whoever let a task in.",
          "Attempts on simple tasks run out of time
        **Seen:** Within 28 days, 4 of 11 attempts on simple tasks reached the time limit, which is 20 minutes.
        **To do:** Raise \`timeout_minutes.simple\`, cut such issues smaller, or make \`setup:\` and \`verify:\` faster: all of it runs within the limit.",
          "The same failure stops all starts again and again
        **Seen:** Within 28 days, new starts were held back 2 times, since one task after the other failed in one way: the attempt had its key refused by the model.
        **To do:** Check the engine's key in the repository's secrets, and its credit.",
          "claude with small meets its limit nearly every day
        **Seen:** On 6 of the last 7 days an attempt ran into the limit of the model.
        **To do:** Raise the limit with the vendor, give \`engines.claude.weight\` a smaller figure, or lower \`engines.claude.parallel_max\`.",
          "The budget of a day is used up on many days
        **Seen:** On 3 of the last 7 days \`budget.day.usd\` ($20.00 now) was reached, and nothing more started.
        **To do:** Raise it if the work is worth it; else route simple tasks to cheaper models (\`model_map:\`), or let fewer issues in.",
        ]
      `);
  });

  it('carries its name, which figures do not change', () => {
    for (const finding of FINDINGS) {
      const { body, marker, title } = renderFinding(finding, ABOUT);
      expect(body.endsWith(marker)).toBe(true);
      expect(parseMarker('finding', body)).toEqual({ key: findingKey(finding) });
      expect(title.length).toBeLessThanOrEqual(256);
    }
    const [first] = FINDINGS;
    if (first?.kind !== 'engine_fails') throw new Error('another order');
    expect(findingKey({ ...first, failed: 10, tries: 14 })).toBe(findingKey(first));
    expect(new Set(FINDINGS.map(findingKey)).size).toBe(FINDINGS.length);
  });

  it('takes a command as it is: it cannot end the marker, nor call anybody', () => {
    const command = `x --> @everyone fixes #5 ${'y'.repeat(300)}`;
    const { title, body } = renderFinding({ kind: 'proof_fails', command, failed: 4, tasks: 4 }, ABOUT);
    expect(title.length).toBeLessThanOrEqual(256);
    expect(title).not.toMatch(/(?<!`[^`]*)@everyone/);
    expect(body.match(/<!-- orch:/g)).toHaveLength(1);
  });
});
