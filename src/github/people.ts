// Owns what people are and say: collaborator roles, and new comments that speak to Orch.
import { Fault } from '../domain/fault.ts';
import type { SpokenCommand } from '../domain/command.ts';
import { IssueNumber } from '../domain/ids.ts';
import type { Instant, Login } from '../domain/ids.ts';
import { epochMs } from '../domain/instant.ts';
import { RoleName } from '../domain/task.ts';
import { parseCommands } from '../wire/command-text.ts';
import type { Client } from './client.ts';
import { Comments, Permission } from './schema.ts';

const COMMENT_PAGES_MAX = 10;

/** One request a person; GitHub answers 404 for somebody it does not know here. */
export async function readRoles(client: Client, logins: Iterable<Login>): Promise<ReadonlyMap<Login, RoleName>> {
  const roles = new Map<Login, RoleName>();
  for (const login of new Set(logins)) roles.set(login, await readRole(client, login));
  return roles;
}

async function readRole(client: Client, login: Login): Promise<RoleName> {
  try {
    const { data } = await client.get('GET /repos/{owner}/{repo}/collaborators/{username}/permission', {
      username: login,
    });
    const { role_name, permission } = Permission.parse(data);
    // A custom role has its own name; `permission` is the base role it extends.
    const named = RoleName.safeParse(role_name);
    if (named.success) return named.data;
    const base = RoleName.safeParse(permission);
    return base.success ? base.data : 'none';
  } catch (error) {
    if (error instanceof Fault && /HTTP 404/.test(error.reason)) return 'none';
    throw error;
  }
}

/**
 * Comments of the whole repository since an instant. The list is by last update, so that an edited old comment turns
 * up too: `created_at` decides, since an edit does not speak.
 */
export async function readCommands(client: Client, since: Instant, mention: string): Promise<readonly SpokenCommand[]> {
  const spoken: SpokenCommand[] = [];
  for (let page = 1; page <= COMMENT_PAGES_MAX; page += 1) {
    const { data } = await client.get('GET /repos/{owner}/{repo}/issues/comments', {
      since,
      sort: 'updated',
      direction: 'asc',
      per_page: 100,
      page,
    });
    const comments = Comments.parse(data);
    for (const comment of comments) {
      if (epochMs(comment.created_at) >= epochMs(since)) spoken.push(...commandsIn(comment, mention));
    }
    if (comments.length < 100) break;
  }
  return spoken.sort((a, b) => epochMs(a.at) - epochMs(b.at) || a.comment - b.comment);
}

type Comment = ReturnType<typeof Comments.parse>[number];

function commandsIn(
  { id, node_id, body, created_at, issue_url, user }: Comment,
  mention: string,
): readonly SpokenCommand[] {
  const issue = IssueNumber.safeParse(Number(issue_url.split('/').at(-1)));
  if (user == null || !issue.success) return [];
  const [first] = parseCommands(body ?? '', mention);
  if (first === undefined) return [];
  return [
    {
      comment: id,
      comment_node: node_id,
      issue: issue.data,
      by: user.login,
      by_bot: user.type === 'Bot',
      at: created_at,
      parsed: first,
    },
  ];
}
