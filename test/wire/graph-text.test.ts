// Owns the proof that the picture of who waits for whom is one diagram, whatever the issues are called, and is bounded.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TaskId } from '../../src/domain/ids.ts';
import type { GraphView } from '../../src/domain/notice.ts';
import { cutChars } from '../../src/wire/cut.ts';
import { plainLine } from '../../src/wire/escape.ts';
import { renderGraph } from '../../src/wire/graph-text.ts';
import * as any from './arbitraries.ts';

const task = (number: number): TaskId => TaskId.parse(String(number));

/** Each waits for the one before. */
function chain(titles: readonly string[], given: Partial<GraphView> = {}): GraphView {
  const nodes = titles.map((title, at) => ({ task: task(at + 1), title, state: null }));
  const edges = nodes.slice(1).map((node, at) => ({ from: task(at + 1), to: node.task, critical: true }));
  const critical = nodes.map((node) => node.task);
  return { nodes, edges, critical, critical_minutes: 60, partial: false, ...given };
}

function diagram(text: string): readonly string[] {
  const lines = text.split('\n');
  const begin = lines.indexOf('```mermaid');
  return lines.slice(begin + 1, lines.indexOf('```', begin));
}

const NODE = /^ {2}t(\d+)\["((?:[\p{L}\p{N} .,_-]|#\d+;)*)"\]$/u;
const EDGE = /^ {2}t\d+ (?:==>|-->) t\d+$/;

function decode(label: string): string {
  return label.replaceAll(/#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}

describe('the picture of who waits for whom [DEP-03]', () => {
  it('holds nothing but nodes and edges, whatever the issues are called, and every title can be read in it', () => {
    const hostile = fc.oneof(
      any.text,
      fc.constantFrom(
        'end',
        '"] --> t9["you',
        '```\n# Owned',
        'a\n  click t1 href "https://example.test"',
        '%%{init: {"theme": "dark"}}%%',
        '<script>alert(1)</script>',
        '#quot;#35;',
        '`**bold**`',
        'classDef default fill:#f00;',
        '@ada closes #7',
      ),
    );
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 2, maxLength: 4 }), (titles) => {
        const [head, ...lines] = diagram(renderGraph(chain(titles)));
        expect(head).toBe('flowchart LR');
        expect(lines).toHaveLength(2 * titles.length - 1);
        titles.forEach((title, at) => {
          const [, number, label = ''] = NODE.exec(lines[at] ?? '') ?? [];
          expect(Number(number)).toBe(at + 1);
          expect(decode(label)).toBe(plainLine(`#${at + 1} ${cutChars(plainLine(title), 40)}`));
        });
        for (const line of lines.slice(titles.length)) expect(line).toMatch(EDGE);
      }),
      { numRuns: 500 },
    );
  });

  it('draws sixty issues and three hundred edges at most, and says what it leaves out', () => {
    const long = renderGraph(chain(Array.from({ length: 83 }, () => 'Step')));
    expect(diagram(long).filter((line) => NODE.test(line))).toHaveLength(60);
    expect(diagram(long).filter((line) => EDGE.test(line))).toHaveLength(59);
    expect(long).toContain('60 of 83 issues are drawn.');
    expect(long).toContain('#20 and 63 more.');
    const dense = chain(Array.from({ length: 40 }, () => '"'.repeat(90)));
    const edges = dense.nodes.flatMap(({ task: to }, at) =>
      dense.nodes.slice(0, at).map(({ task: from }) => ({ from, to, critical: false })),
    );
    const text = renderGraph({ ...dense, edges: [...edges, ...dense.edges] });
    expect(diagram(text).filter((line) => EDGE.test(line))).toHaveLength(300);
    expect(diagram(text).filter((line) => line.includes('==>'))).toHaveLength(39);
    expect(text).toContain('519 edges not drawn.');
    expect(text.length).toBeLessThan(50_000);
  });

  it('is not there when nothing waits', () => {
    expect(renderGraph(null)).toBe('');
  });
});
