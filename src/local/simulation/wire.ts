// Owns the connection of a simulated job: the product's own client over the model, with what goes wrong in between.
import { clientOver } from '../../github/client.ts';
import type { Client } from '../../github/client.ts';
import { TaskId } from '../../domain/ids.ts';
import { Refused } from '../model/state.ts';
import { fieldsIn } from '../ports/mutations.ts';
import { answerRequest, HttpError, operationOf } from '../ports/requests.ts';
import type { Answer, Door } from '../ports/requests.ts';
import { between, logOf } from './stage.ts';
import type { Job, Stage } from './stage.ts';
import type { Lists } from './lists.ts';

type Values = Readonly<Record<string, unknown>>;

const WRITE_GAP_MS = 1_000;
/** What GitHub asks for when it does not say. */
const LIMIT_MS = 60_000;

export function openClient(stage: Stage, job: Job, lists: Lists): Client {
  const { kernel, world } = stage;
  const { owner, name: repo } = world.options;
  const door: Door = {
    world,
    actor: job.actor,
    view: (issue, show) => lists.view(issue, show),
    comments_until_ms: () => lists.commentsUntil(),
  };
  return clientOver(
    {
      token: 'token',
      owner,
      repo,
      clock: kernel.clock,
      log: logOf(stage, job),
      pause: (ms) => kernel.pause(job, ms),
      write_gap_ms: WRITE_GAP_MS,
    },
    (route, values) => request(stage, { job, door, route, values }),
  );
}

interface Asked {
  readonly job: Job;
  readonly door: Door;
  readonly route: string;
  readonly values: Values;
}

async function request(stage: Stage, asked: Asked): Promise<Answer> {
  const { faults, tally, findings, kernel } = stage;
  const { job } = asked;
  tally.requests += 1;
  await between(stage, job);
  findings.insist(
    kernel.now_ms >= job.limited_until_ms,
    'I9 nothing is asked before a limit ends',
    `${job.name} ${asked.route}`,
  );
  if (faults.strikes('token_expired')) job.token_dead = true;
  if (job.token_dead) throw new HttpError(401, 'Bad credentials');
  refuseByLimit(stage, job);
  if (faults.strikes('trouble_before_commit')) throw new HttpError(502, 'Server Error');
  if (faults.strikes('graphql_error') && asked.route === 'POST /graphql') return BROKEN;
  kernel.history?.push(`    ${job.name} asks ${asked.route} ${operationOf(asked.values).name}`);
  const answer = await perform(stage, asked);
  await between(stage, job);
  if (faults.strikes('response_lost')) throw new Error('socket hang up');
  return answer;
}

const BROKEN: Answer = {
  status: 200,
  data: { data: null, errors: [{ message: 'Something went wrong while executing your query.' }] },
  headers: {},
};

function refuseByLimit({ faults, kernel }: Stage, job: Job): void {
  if (faults.strikes('limit_with_wait')) {
    const seconds = Math.ceil(faults.size('limit_with_wait') * 600);
    job.limited_until_ms = kernel.now_ms + seconds * 1_000;
    const headers = { 'retry-after': String(seconds) };
    throw new HttpError(429, 'You have exceeded a secondary rate limit', headers);
  }
  if (faults.strikes('limit_without_wait')) {
    job.limited_until_ms = kernel.now_ms + LIMIT_MS;
    throw new HttpError(403, 'You have exceeded a secondary rate limit');
  }
}

async function perform(stage: Stage, { job, door, route, values }: Asked): Promise<Answer> {
  const { faults, kernel, tally } = stage;
  const operation = route === 'POST /graphql' ? operationOf(values) : null;
  const is_write = operation === null ? !route.startsWith('GET') : operation.kind === 'mutation';
  const fields = operation?.kind === 'mutation' ? fieldsIn(String(values['query'])) : 0;
  const is_cut = fields > 1 && faults.strikes('batch_cut_short');
  const stop_at = is_cut ? Math.floor(faults.size('batch_cut_short') * fields) : fields;
  if (is_write) {
    tally.writes += 1;
    kernel.note(`${job.name} sends ${operation?.name ?? route} (${fields})`);
  }
  const answer = await answered(stage, door, { route, values, stop_at });
  if (is_cut) throw new HttpError(502, 'Server Error');
  notice(stage, job, { route, operation: operation?.name ?? '', values });
  const holed = operation?.kind === 'query' && faults.strikes('graphql_hole');
  return holed ? withHole(answer, faults.size('graphql_hole')) : answer;
}

/** What the model refuses comes back as GitHub would answer it. */
async function answered(
  { wire }: Stage,
  door: Door,
  { route, values, stop_at }: { readonly route: string; readonly values: Values; readonly stop_at: number },
): Promise<Answer> {
  try {
    return wire === null ? answerRequest(door, route, values, stop_at) : await wire(door, route, values);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const why = error.errors.length === 0 ? '' : `: ${JSON.stringify(error.errors)}`;
    throw new HttpError(error.status, `${error.message}${why}`);
  }
}

interface Noticed {
  readonly route: string;
  readonly operation: string;
  readonly values: Values;
}

/** Whoever starts work must have read with its own eyes that it may. */
function notice({ watch }: Stage, { reads }: Job, { route, operation, values }: Noticed): void {
  if (route.endsWith('/issues/comments')) reads.comments_until_ms = watch.commentsReadable();
  if (operation !== 'Details') return;
  const { ids } = (values['variables'] ?? {}) as { readonly ids?: readonly string[] };
  for (const id of ids ?? []) {
    const task = TaskId.parse(id.slice(id.indexOf('_') + 1));
    reads.startable.set(task, watch.mayStart(task));
  }
}

/** One task of the answer cannot be read: null, with its reason beside. */
function withHole(answer: Answer, size: number): Answer {
  const { data, errors = [] } = answer.data as { readonly data: Values; readonly errors?: readonly unknown[] };
  const { nodes } = data;
  if (!Array.isArray(nodes) || nodes.length === 0) return answer;
  const at = Math.floor(size * nodes.length);
  const hole = { type: 'INTERNAL', message: 'Something is wrong with this one', path: ['nodes', at] };
  return {
    ...answer,
    data: { data: { ...data, nodes: nodes.map((node, i) => (i === at ? null : node)) }, errors: [...errors, hole] },
  };
}
