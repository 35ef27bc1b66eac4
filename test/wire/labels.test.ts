// Owns the proof that the labels we create are the ones that are understood.
import { describe, expect, it } from 'vitest';
import { LabelName } from '../../src/domain/ids.ts';
import { readLabels } from '../../src/domain/label.ts';
import { labelManifest } from '../../src/wire/labels.ts';

const INTAKE = LabelName.parse('agent-todo');

describe('the label manifest', () => {
  it('holds what GitHub accepts, each name once', () => {
    const manifest = labelManifest(INTAKE, ['claude', 'codex']);
    expect(new Set(manifest.map(({ name }) => name.toLowerCase())).size).toBe(manifest.length);
    for (const { name, color, description } of manifest) {
      expect(name.length).toBeLessThanOrEqual(50);
      expect(color).toMatch(/^[0-9a-f]{6}$/);
      expect(description).toMatch(/^Orch: \S/);
      expect(description.length).toBeLessThanOrEqual(100);
    }
  });

  it('reads well in the list a person picks from', () => {
    expect(
      labelManifest(INTAKE, ['claude']).map(
        ({ name, description }) => `${name}: ${description.slice('Orch: '.length)}`,
      ),
    ).toMatchInlineSnapshot(`
      [
        "agent-todo: put this issue into the queue",
        "agent-skipped: leave this issue alone for now",
        "no-agent: never touch this issue",
        "status:new: In the queue, no engine chosen yet",
        "status:routed: Engine and model are chosen, waits for its turn",
        "status:in_progress: An engine is working on it",
        "status:in_review: Its pull request is open",
        "status:done: Merged or closed as completed",
        "status:blocked: Waits for another issue",
        "status:needs_review: A person must act; the comment says how",
        "status:skipped: Left alone until a person takes it back",
        "status:archived: Closed as not planned",
        "agent:claude: use the engine claude",
        "complexity:simple: treat this issue as simple",
        "complexity:medium: treat this issue as medium",
        "complexity:complex: treat this issue as complex",
        "role:code: change files and open a pull request",
        "role:audit: look, report, and change no file",
        "priority:critical: critical place in the queue",
        "priority:high: high place in the queue",
        "priority:medium: medium place in the queue",
        "priority:low: low place in the queue",
      ]
    `);
  });

  it('offers only words that are understood', () => {
    const names = labelManifest(INTAKE, ['claude', 'codex', 'custom']).map(({ name }) => name);
    const read = readLabels(names, INTAKE);
    expect(read.unknown).toEqual([]);
    expect(read.engines).toEqual(['claude', 'codex', 'custom']);
    expect(read.complexities).toEqual(['simple', 'medium', 'complex']);
    expect(read.statuses).toHaveLength(9);
    expect(read.intake).toBe(true);
    expect(read.stop).not.toBeNull();
  });
});
