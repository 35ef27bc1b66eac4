// Owns making others' text safe for the job log: one line in which nothing acts as a workflow command or a terminal code.

const LINE_CHARS_MAX = 200;

/**
 * The runner obeys `::command::` at the start of a line and `##[command]` anywhere in it, and the log viewer obeys
 * terminal codes: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
export function logLine(text: string): string {
  const line = text
    // oxlint-disable-next-line no-control-regex
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+/g, ' ')
    .replaceAll('##[', '# #[')
    .replaceAll('::', ': :')
    .trim();
  const chars = Array.from(line);
  return chars.length <= LINE_CHARS_MAX ? line : `${chars.slice(0, LINE_CHARS_MAX - 1).join('')}…`;
}
