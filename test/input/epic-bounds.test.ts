// Owns the proof that no file, whoever wrote it, keeps a tick busy: what is read of it is in proportion to its size.
import { describe, expect, it } from 'vitest';
import { parseEpic } from '../../src/input/epic-file.ts';

const FULL = 200_000;

/** Fails by the test's own limit of time, where reading is more than in proportion. */
describe('an epic document of any size', () => {
  it.each([
    ['a heading with a gap', () => `# Phase 1\n## 1.1 a${' '.repeat(FULL)}b\n`],
    ['headings with gaps', () => `# Phase 1\n${`## 1.1 a${' '.repeat(900)}b\n`.repeat(FULL / 900)}`],
    ['a heading of marks', () => `# Phase 1\n## 1.1 a ${'#'.repeat(FULL)}b\n`],
    ['blank lines in a task', () => `# Phase 1\n## 1.1 a\n${'\n'.repeat(FULL)}x`],
    ['deep headings', () => `# Phase 1\n## 1.1 a\n${'### b\n'.repeat(FULL / 6)}`],
    ['what it waits for', () => `# Phase 1\n## 1.1 a\nDepends on ${'_'.repeat(FULL)}\n`],
    ['waiting for much', () => `# Phase 1\n## 1.1 a\n${`Depends on ${'_ '.repeat(400)}\n`.repeat(FULL / 800)}`],
    ['brackets', () => `# Phase 1\n## 1.1 a ${'(after '.repeat(FULL / 7)}\n`],
  ])('with %s is read', (_, text) => {
    expect(parseEpic(text()).title).toBeNull();
  });

  it('keeps a title that ends with marks of its own, and three equal ones apart', () => {
    const { tasks } = parseEpic('# Phase 1\n## 1.1 Learn C# ##\n## 1.2 Test\n## 1.3 Test\n## 1.4 Test #2\n');
    expect(tasks.map(({ title }) => title)).toEqual(['Learn C#', 'Test', 'Test', 'Test #2']);
    expect(new Set(tasks.map(({ key }) => key)).size).toBe(4);
  });

  it('has at most fifty dependencies a task, and says which are left out', () => {
    const words = Array.from({ length: 52 }, (_, i) => `#${i + 1}`).join(' ');
    const { tasks, unclear } = parseEpic(`# Phase 1\n## 1.1 a\nDepends on ${words}\n`);
    expect(tasks[0]?.depends_on_issues).toHaveLength(50);
    expect(unclear.map(({ why, words: left }) => [why, left])).toEqual([
      ['too_many', '#51'],
      ['too_many', '#52'],
    ]);
  });
});
