// Owns mode nudge: an event of a pull request wakes a tick of the default branch, and does nothing else.
import { readFile } from 'node:fs/promises';
import { wakeNextTick } from '../github/dispatch.ts';
import { parseDefaultBranch } from '../input/wake.ts';
import type { RunMode } from './context.ts';
import { connect } from './connect.ts';

export const run: RunMode = async (context) => {
  const payload: unknown = JSON.parse(await readFile(context.facts.event_path, 'utf8'));
  await wakeNextTick({
    client: connect(context),
    workflow_file: context.facts.workflow_file,
    branch: parseDefaultBranch(payload),
  });
  context.log.info('The next tick is on its way.');
};
