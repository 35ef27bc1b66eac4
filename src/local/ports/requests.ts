// Owns one request at the typed port: the routes the product asks, answered from the model without a network.
import { reactionRollup } from '../rest/shapes.ts';
import { openIssue } from '../model/issues.ts';
import { createPull, openPullsOf } from '../model/pulls.ts';
import { createRef, updateRef } from '../model/refs.ts';
import { dispatchWorkflow } from '../model/actions.ts';
import type { Actor } from '../model/state.ts';
import type { World } from '../model/world.ts';
import { ObjectGraph } from './object-graph.ts';
import { answerMutation, textOf } from './mutations.ts';
import { answerQuery } from './queries.ts';
import type { ListView } from './queries.ts';

type Values = Readonly<Record<string, unknown>>;

export interface Door {
  readonly world: World;
  readonly actor: Actor;
  readonly view: ListView;
  /** Comments written after this instant are not in the list yet. */
  readonly comments_until_ms: () => number;
}

export interface Answer {
  readonly status: number;
  readonly data: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** `stop_at`: how many fields of a mutation are run. Throws what the model refuses. */
export function answerRequest(door: Door, route: string, values: Values, stop_at: number): Answer {
  if (route === 'POST /graphql') return ok(answerGraphql(door, values, stop_at));
  const [method = '', path = ''] = route.split(' ');
  const name = `${method} ${path.replace('/repos/{owner}/{repo}', '')}`;
  return ok(answerRest(door, name, values));
}

function ok(data: unknown): Answer {
  return { status: 200, data, headers: {} };
}

export function operationOf(values: Values): { readonly kind: string; readonly name: string } {
  const match = /(query|mutation)\s+(\w+)/.exec(String(values['query']));
  return { kind: match?.[1] ?? '', name: match?.[2] ?? '' };
}

function answerGraphql({ world, actor, view }: Door, values: Values, stop_at: number): unknown {
  const document = String(values['query']);
  const variables = (values['variables'] ?? {}) as Values;
  const { kind, name } = operationOf(values);
  return kind === 'mutation'
    ? answerMutation({ world, actor, document, values: variables, stop_at })
    : answerQuery(name, { world, document, values: variables, view });
}

function answerRest(door: Door, name: string, values: Values): unknown {
  const { world, actor } = door;
  switch (name) {
    case 'GET /collaborators/{username}/permission': {
      const role = world.roleOf(String(values['username']));
      return { permission: role, role_name: role };
    }
    case 'GET /issues/comments':
      return listComments(door, values);
    case 'GET /actions/runs/{run_id}/jobs':
      // Copied: an answer on its way does not change any more, whatever becomes of the job.
      return {
        jobs: [...world.jobs.values()]
          .filter(({ run }) => run === values['run_id'])
          .map(({ name, status, conclusion }) => ({ name, status, conclusion })),
      };
    case 'GET /actions/runs/{run_id}': {
      const run = world.runs.get(Number(values['run_id']));
      if (run === undefined) throw new HttpError(404, 'Not Found');
      return { status: run.status };
    }
    case 'GET /issues':
      return listIssues(world, values);
    case 'POST /issues': {
      const { number, body } = openIssue(world, actor, {
        title: textOf(values, 'title'),
        body: textOf(values, 'body'),
        labels: (values['labels'] ?? []) as readonly string[],
      });
      return { number, body };
    }
    case 'POST /pulls': {
      const text = (key: string): string => textOf(values, key);
      const ask = { title: text('title'), body: text('body'), head: text('head'), base: text('base') };
      const { number } = createPull(world, actor, { ...ask, draft: values['draft'] === true });
      return { number, html_url: `https://github.com/${world.full_name}/pull/${number}` };
    }
    case 'GET /pulls':
      return openPullsOf(world, String(values['head']).replace(`${world.options.owner}:`, '')).map(({ number }) => ({
        number,
        html_url: `https://github.com/${world.full_name}/pull/${number}`,
      }));
    case 'GET /git/commits/{commit_sha}':
    case 'POST /git/trees':
    case 'POST /git/commits':
      return answerObjects(door, name, values);
    case 'POST /git/refs':
      createRef(world, actor, textOf(values, 'ref'), textOf(values, 'sha'));
      return null;
    case 'PATCH /git/refs/{ref}':
      updateRef(world, actor, { ref: `refs/${textOf(values, 'ref')}`, sha: textOf(values, 'sha'), force: true });
      return null;
    case 'POST /actions/workflows/{workflow_id}/dispatches':
      dispatchWorkflow(world, actor, { workflow: 'orch.yml', ref: 'main', inputs: {} });
      return null;
    case 'POST /dispatches':
    case 'POST /pulls/{pull_number}/requested_reviewers':
      return null;
    default:
      throw new Error(`the typed port does not know ${name}: teach it in src/local/ports/requests.ts`);
  }
}

function listIssues({ issues }: World, values: Values): unknown {
  const { state } = values;
  const label = values['labels'] === undefined ? null : textOf(values, 'labels');
  const fits = [...issues.values()].filter(
    (issue) => (state === 'all' || issue.state === state) && (label === null || issue.labels.includes(label)),
  );
  return fits.map(({ number, body, closed_at }) => ({ number, body, closed_at }));
}

/** Trees and commits, where the world keeps its git in memory. */
export function answerObjects({ world: { git } }: Door, name: string, values: Values): unknown {
  if (!(git instanceof ObjectGraph)) throw new Error('these objects are in memory only');
  if (name.startsWith('GET')) return { tree: { sha: git.tree(git.filesOf(textOf(values, 'commit_sha'))) } };
  if (name.endsWith('commits')) {
    const parents = (values['parents'] ?? []) as readonly string[];
    return { sha: git.commit(parents, git.filesOfTree(textOf(values, 'tree')), textOf(values, 'message')) };
  }
  const entries = (values['tree'] ?? []) as readonly { readonly path: string; readonly content: string }[];
  const files = new Map(git.filesOfTree(textOf(values, 'base_tree')));
  for (const { path, content } of entries) files.set(path, content);
  return { sha: git.tree(files) };
}

function listComments({ world, comments_until_ms }: Door, values: Values): unknown {
  const since_ms = Date.parse(String(values['since']));
  const until_ms = comments_until_ms();
  const per_page = Number(values['per_page']);
  const page = Number(values['page']);
  const fits = [...world.comments.values()].filter(
    ({ created_at, updated_at }) => Date.parse(updated_at) >= since_ms && Date.parse(created_at) <= until_ms,
  );
  return fits
    .toReversed()
    .slice((page - 1) * per_page, page * per_page)
    .map(({ id, issue, author, body, created_at, updated_at, reactions }) => ({
      id,
      node_id: `IC_${id}`,
      body,
      created_at,
      updated_at,
      issue_url: `https://api.github.com/repos/${world.full_name}/issues/${issue}`,
      reactions: reactionRollup({ reactions }),
      user: { login: author.login, type: author.type },
    }));
}

/** As the network would throw it. */
export class HttpError extends Error {
  readonly status: number;
  readonly response: { readonly headers: Readonly<Record<string, string>> };

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.response = { headers };
  }
}
