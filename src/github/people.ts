// Owns what people are and say: collaborator roles, and new comments that speak to Orch.
import type { SpokenCommand } from '../domain/command.ts';
import { IssueNumber } from '../domain/ids.ts';
import type { Instant, Login } from '../domain/ids.ts';
import { epochMs } from '../domain/instant.ts';
import { inOneComment } from '../domain/spoken.ts';
import { RoleName } from '../domain/task.ts';
import type { Log } from '../reconcile/ports.ts';
import { parseCommands } from '../wire/command-text.ts';
import type { Client } from './client.ts';
import { readAs, statusOf } from './faults.ts';
import { Comments, Permission } from './schema.ts';

const COMMENT_PAGES_MAX = 10;
const COMMENTS_A_PAGE = 100;
/**
 * A comment that was saved again this soon is the one its author sent: GitHub tells whole seconds, and nobody else has
 * read it and written it anew by then. REST does not say who edited; reactions leave `updated_at` alone.
 */
const SAVED_SECONDS_MAX = 3;
/** New people in one tick; more of them at once are a flood, and wait for the next tick. */
export const PEOPLE_MAX = 100;

/** One request a person who is not known yet; the first hundred of them. */
export async function readRoles(
  client: Client,
  logins: Iterable<Login>,
  known: Map<Login, RoleName>,
): Promise<ReadonlyMap<Login, RoleName>> {
  for (const login of new Set(logins)) {
    if (known.size >= PEOPLE_MAX) break;
    if (!known.has(login)) known.set(login, await readRole(client, login));
  }
  return known;
}

/** GitHub answers 404 for somebody it does not know here. */
async function readRole(client: Client, login: Login): Promise<RoleName> {
  const what = 'GET /repos/{owner}/{repo}/collaborators/{username}/permission';
  try {
    const { data } = await client.get(what, { username: login });
    const { role_name, permission } = readAs(Permission, data, { what });
    // A custom role has its own name; `permission` is the base role it extends.
    const named = RoleName.safeParse(role_name);
    if (named.success) return named.data;
    const base = RoleName.safeParse(permission);
    return base.success ? base.data : 'none';
  } catch (error) {
    if (statusOf(error) === 404) return 'none';
    throw error;
  }
}

/**
 * Comments of the whole repository that were written since an instant, oldest first. The newest are read first: what
 * people said last must not be lost behind a flood. `since` goes by the last edit, and an edit does not speak, so
 * `created_at` decides.
 */
export async function readCommands(
  { client, log }: { readonly client: Client; readonly log: Log },
  since: Instant,
  mention: string,
): Promise<readonly SpokenCommand[]> {
  const spoken = new Map<number, SpokenCommand>();
  const what = 'GET /repos/{owner}/{repo}/issues/comments';
  const order = { sort: 'created', direction: 'desc', per_page: COMMENTS_A_PAGE };
  for (let page = 1; page <= COMMENT_PAGES_MAX; page += 1) {
    const { data } = await client.get(what, { since, ...order, page });
    const comments = readAs(Comments, data, { what });
    const fresh = comments.filter(({ created_at }) => epochMs(created_at) >= epochMs(since));
    // A comment that came while we turned the page moves the others on: some are seen twice.
    for (const command of fresh.flatMap((comment) => commandsIn(comment, mention)))
      spoken.set(command.comment, command);
    if (fresh.length < COMMENTS_A_PAGE) return inOrder(spoken.values());
  }
  log.warning(`More than ${COMMENT_PAGES_MAX * COMMENTS_A_PAGE} comments since ${since}: older ones were not read.`);
  return inOrder(spoken.values());
}

function inOrder(commands: Iterable<SpokenCommand>): readonly SpokenCommand[] {
  return [...commands].sort((a, b) => epochMs(a.at) - epochMs(b.at) || a.comment - b.comment);
}

type Comment = ReturnType<typeof Comments.parse>[number];

function commandsIn(
  { id, node_id, body, created_at, updated_at, issue_url, reactions, user }: Comment,
  mention: string,
): readonly SpokenCommand[] {
  const issue = IssueNumber.safeParse(Number(issue_url.split('/').at(-1)));
  if (user == null || !issue.success) return [];
  const said = inOneComment(parseCommands(body ?? '', mention));
  if (said === null) return [];
  const is_edited = epochMs(updated_at) - epochMs(created_at) > SAVED_SECONDS_MAX * 1000;
  return [
    {
      comment: id,
      comment_node: node_id,
      answered: reactions == null || Object.values(reactions).some((count) => count > 0),
      issue: issue.data,
      by: user.login,
      by_bot: user.type === 'Bot',
      at: created_at,
      ...(is_edited ? { edited: true as const } : {}),
      ...said,
    },
  ];
}
