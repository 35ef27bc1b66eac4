// Owns mode nudge: an event of a pull request wakes a tick of the default branch, and does nothing else.
import { z } from 'zod';
import { readFile } from 'node:fs/promises';
import { wakeNextTick } from '../github/dispatch.ts';
import type { RunMode } from './context.ts';
import { connect } from './connect.ts';

const Payload = z.object({ repository: z.object({ default_branch: z.string() }) });

export const run: RunMode = async (context) => {
  const payload = Payload.parse(JSON.parse(await readFile(context.facts.event_path, 'utf8')));
  await wakeNextTick({
    client: connect(context),
    workflow_file: context.facts.workflow_file,
    branch: payload.repository.default_branch,
  });
  context.log.info('The next tick is on its way.');
};
