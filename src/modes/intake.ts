// Owns mode intake: what a dispatch asks is written down in git, since it exists only in this run.
import type { InboxEntry } from '../domain/command.ts';
import { writeInbox } from '../git/journals.ts';
import { parseIntakeInputs } from '../input/action-inputs.ts';
import { parseAsk } from '../input/ask.ts';
import type { RunMode } from './context.ts';
import { connectGit, pauseOf } from './connect.ts';

export const run: RunMode = async (context) => {
  const { facts, clock, env, log } = context;
  const entry = parseAsk(parseIntakeInputs(env), { run: facts.run, by: facts.actor, at: clock.now() });
  await writeInbox({ git: await connectGit(context), pause: pauseOf(context), random: context.random }, entry);
  log.info(recorded(entry));
};

function recorded({ ask, run: in_run }: InboxEntry): string {
  switch (ask.kind) {
    case 'prompt':
      return `Recorded as the internal task i${in_run}.`;
    case 'command':
      return `Recorded for #${ask.issue}.`;
    case 'word':
      return `Recorded for ${ask.task === null ? 'the whole repository' : `task ${ask.task}`}.`;
  }
}
