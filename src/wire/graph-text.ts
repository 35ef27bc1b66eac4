// Owns the picture of who waits for whom: a Mermaid diagram, the critical path in bold, and a sentence that says it too.
import type { TaskId } from '../domain/ids.ts';
import type { GraphView } from '../domain/notice.ts';
import { renderCount, renderMinutes } from './amount-text.ts';
import { cutChars } from './cut.ts';
import { plainLine } from './escape.ts';
import { renderTask } from './link.ts';

/** GitHub draws at most 500 edges and 50,000 characters; a reader takes in far fewer. */
const NODES_MAX = 60;
const EDGES_MAX = 300;
const TITLE_CHARS_MAX = 40;
const PATH_NAMED_MAX = 20;

/** Empty without a graph. */
export function renderGraph(graph: GraphView | null): string {
  if (graph === null) return '';
  const parts = ['### Who waits for whom', diagramOf(graph), criticalText(graph), boundsText(graph)];
  return parts.filter((part) => part !== '').join('\n\n');
}

function diagramOf({ nodes, edges }: GraphView): string {
  const { drawn_nodes, drawn_edges } = drawnOf({ nodes, edges });
  return [
    '```mermaid',
    'flowchart LR',
    ...drawn_nodes.map(({ task, title, state }) => `  ${nodeName(task)}["${labelOf(task, title, state)}"]`),
    ...drawn_edges.map(({ from, to, critical }) => `  ${nodeName(from)} ${critical ? '==>' : '-->'} ${nodeName(to)}`),
    '```',
  ].join('\n');
}

function drawnOf({ nodes, edges }: Pick<GraphView, 'nodes' | 'edges'>) {
  const drawn_nodes = nodes.slice(0, NODES_MAX);
  const drawn = new Set(drawn_nodes.map(({ task }) => task));
  const between = edges.filter(({ from, to }) => drawn.has(from) && drawn.has(to));
  const drawn_edges = between.toSorted((a, b) => Number(b.critical) - Number(a.critical)).slice(0, EDGES_MAX);
  return { drawn_nodes, drawn_edges };
}

/** A name of its own: some words, such as `end`, are Mermaid's. */
function nodeName(task: TaskId): string {
  return `t${task}`;
}

function labelOf(task: TaskId, title: string, state: GraphView['nodes'][number]['state']): string {
  const words = [renderTask(task), cutChars(plainLine(title), TITLE_CHARS_MAX)].join(' ').trim();
  return mermaidText(state === null ? words : `${words}, ${state.replaceAll('_', ' ')}`);
}

/**
 * Everything but letters, digits and a little punctuation is written as its number, so that no title ends its label, its
 * line or the diagram. https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters
 */
export function mermaidText(text: string): string {
  return plainLine(text).replaceAll(/[^\p{L}\p{N} .,_-]/gu, (char) => `#${char.codePointAt(0) ?? 0};`);
}

function criticalText({ critical, critical_minutes }: GraphView): string {
  if (critical.length < 2) return '';
  const named = critical.slice(0, PATH_NAMED_MAX).map(renderTask).join(' → ');
  const more = critical.length - PATH_NAMED_MAX;
  return `Bold: the critical path, ${named}${more > 0 ? ` and ${more} more` : ''}. By its time limits it takes up to ${renderMinutes(critical_minutes)}, and its tasks go first among equals.`;
}

function boundsText({ nodes, edges, partial }: GraphView): string {
  const { drawn_nodes, drawn_edges } = drawnOf({ nodes, edges });
  const left_nodes = nodes.length - drawn_nodes.length;
  const left_edges = edges.length - drawn_edges.length;
  return [
    ...(left_nodes > 0 ? [`${drawn_nodes.length} of ${nodes.length} issues are drawn.`] : []),
    ...(left_edges > 0 ? [`${renderCount(left_edges, 'edge')} not drawn.`] : []),
    ...(partial ? ['Only what this tick looked at is drawn; a sweep looks at everything.'] : []),
  ].join(' ');
}
