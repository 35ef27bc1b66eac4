// Owns the border to events: a webhook payload in, a Wake out: which task, who spoke, nothing more.
import { z } from 'zod';
import { BranchName, IssueNumber, Login } from '../domain/ids.ts';
import type { Wake, WakeCause } from '../domain/wake.ts';

const Payload = z.object({
  issue: z.object({ number: IssueNumber }).optional(),
  sender: z.object({ login: Login }).optional(),
});

const Home = z.object({ repository: z.object({ default_branch: BranchName }) });

/** The branch whose workflow a nudge wakes. Every event of GitHub's carries it. */
export function parseDefaultBranch(payload: unknown): BranchName {
  return Home.parse(payload).repository.default_branch;
}

/** Never fails: an event we cannot read is still a reason to look. */
export function parseWake(event_name: string, payload: unknown, sweep: boolean): Wake {
  const parsed = Payload.safeParse(payload);
  return {
    cause: causeOf(event_name),
    issue: parsed.success ? (parsed.data.issue?.number ?? null) : null,
    actor: parsed.success ? (parsed.data.sender?.login ?? null) : null,
    sweep,
  };
}

function causeOf(event_name: string): WakeCause {
  switch (event_name) {
    case 'issues':
    case 'issue_comment':
    case 'schedule':
    case 'workflow_dispatch':
    case 'repository_dispatch':
      return event_name;
    default:
      return 'other';
  }
}
