// Owns commands without a model, which scheduled jobs run: where an engine has a final word, they have an exit code.
import { custom } from './custom.ts';
import type { Engine } from './engine.ts';

/** Started as it is written: no slots, and nothing of what it prints is understood. */
export const plain: Engine = {
  ...custom,
  launch: ({ policy }) => ({ argv: policy.command ?? [], env: policy.env, stdin: undefined }),
  take: (told) => ({ ...told, events: told.events + 1 }),
  result_is_last_line: false,
  ends_by: 'exit',
};
