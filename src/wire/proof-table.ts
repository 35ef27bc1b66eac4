// Owns the table of proof commands: what was run, and how it ended.
import type { ProofResult } from '../domain/outcome.ts';
import { renderSeconds } from './amount-text.ts';
import { cutChars } from './cut.ts';
import { escapeLine } from './escape.ts';

const ROWS_MAX = 20;
const COMMAND_CHARS_MAX = 160;

export function renderProof(proof: readonly ProofResult[]): string {
  const rows = proof.slice(0, ROWS_MAX).map(rowOf);
  const more = proof.length - rows.length;
  const table = ['| Command | Result | Time |', '| --- | --- | --- |', ...rows].join('\n');
  return more > 0 ? `${table}\n\nand ${more} more` : table;
}

function rowOf({ command, exit_code, seconds }: ProofResult): string {
  const result = exit_code === 0 ? '✓ passed' : `✗ failed with exit code ${exit_code}`;
  // `<code>` and not backticks, in which a table cell cannot hold a `|`.
  return `| <code>${escapeLine(cutChars(command.join(' '), COMMAND_CHARS_MAX))}</code> | ${result} | ${renderSeconds(seconds)} |`;
}
