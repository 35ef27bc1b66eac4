// Owns the end of an attempt: check the hand-in, push it, open the pull request, wake the next tick. Runs no code of it.
import { foldJournal, liveWith, siblingsOf } from '../domain/fold-journal.ts';
import type { Brief } from '../domain/brief.ts';
import type { CommitSha } from '../domain/ids.ts';
import type { Claimed, Settled, TaskJournal } from '../domain/journal.ts';
import { checkpointBeside, outrunBy } from '../core/instances.ts';
import { parseBrief } from '../wire/brief.ts';
import { renderCommitMessage } from '../wire/commit-message.ts';
import { renderPullBody, renderPullTitle } from '../wire/pr-body.ts';
import type { PullAbout } from '../wire/pr-body.ts';
import type { Delivery } from '../wire/report-text.ts';
import { sha256 } from '../domain/digest.ts';
import { judge } from './judge.ts';
import type { Verdict } from './judge.ts';
import { owedPrice, writePrice } from './price.ts';
import type { Price } from './price.ts';
import type { DeliverAsk, DeliverPorts } from './ports.ts';

/**
 * A journal that moves under us is read again this often before we leave it to the next tick, and once more for each
 * attempt beside ours: they began together with one time limit, so all of them may end together too.
 */
const PUSH_ROUNDS_MAX = 3;
const NOT_TAKEN = 'GitHub took no push on any try; what was handed in stays an artifact, and the next tick goes on';

export async function deliver(ports: DeliverPorts, ask: DeliverAsk): Promise<Delivery> {
  const brief = await readBrief(ports, ask);
  const chain = await ports.work.fetch(brief);
  const journal = foldJournal(chain.records);
  const held = holder(journal, ask);
  if (held.kind === 'not_ours')
    return tellPrice(ports, { ask, held, price: await owedPrice(ports, { ask, brief, journal }) });
  const verdict = await judge(ports, { ask, brief, claim: held.claim });
  const delivery = await settle(ports, { ask, brief, held, verdict, tip: chain.tip });
  if (delivery.kind === 'not_ours') return tellPrice(ports, { ask, held: delivery, price: priceIn(verdict) });
  await ports.wake();
  return delivery;
}

/** What another leg handed in says nothing of this one. */
function priceIn({ settled, findings }: Verdict): Price | null {
  return findings.some(({ rule }) => rule === 'hand_in_mismatch') ? null : settled;
}

interface Unsettled {
  readonly ask: DeliverAsk;
  readonly held: NotOurs;
  readonly price: Price | null;
}

/** Settled by somebody else, it cost what it cost. */
async function tellPrice(ports: DeliverPorts, { ask, held, price }: Unsettled): Promise<NotOurs> {
  if (price === null || !(await writePrice(ports, ask, { seconds: price.seconds, usage: price.usage }))) return held;
  return { ...held, why: `${held.why}; what it cost is written down` };
}

/** The brief is ours, so without it (or with another one) nothing can be checked and nothing is pushed. */
async function readBrief(ports: DeliverPorts, ask: DeliverAsk): Promise<Brief | null> {
  try {
    const text = await ports.artifacts.brief();
    return sha256(text) === ask.brief.sha256 ? parseBrief(text) : null;
  } catch (error) {
    ports.log.warning(`The brief cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

interface Holding {
  readonly kind: 'held';
  readonly claim: Claimed;
  readonly journal: TaskJournal;
}

type NotOurs = Extract<Delivery, { readonly kind: 'not_ours' }>;
type Held = Holding | NotOurs;

/** The journal alone says whether this leg still holds the task; a person's cancel or skip has settled it. */
function holder(journal: TaskJournal, ask: DeliverAsk): Held {
  const live = liveWith(journal, ask.attempt);
  if (live === null) return { kind: 'not_ours', why: 'the attempt was already settled' };
  if (live.claim.run !== ask.run) return { kind: 'not_ours', why: `the attempt is run ${live.claim.run}'s` };
  return { kind: 'held', claim: live.claim, journal };
}

interface Settling {
  readonly ask: DeliverAsk;
  readonly brief: Brief | null;
  readonly held: Holding;
  readonly verdict: Verdict;
  readonly tip: CommitSha | null;
}

async function settle(ports: DeliverPorts, settling: Settling): Promise<Delivery> {
  let { tip, verdict, held } = settling;
  const rounds_max = PUSH_ROUNDS_MAX + siblingsOf(held.journal, held.claim).length;
  let why = 'the journal moved on every try; the next tick settles it';
  for (let round = 1; round <= rounds_max && tip !== null; round += 1) {
    verdict = besideOthers(verdict, held);
    const pushed = await pushVerdict(ports, { ...settling, verdict, held, tip });
    if (pushed.kind === 'pushed') return open(ports, { ...settling, verdict, held }, pushed.head);
    if (pushed.kind === 'not_taken') why = NOT_TAKEN;
    if (pushed.kind === 'branch_moved') verdict = withoutWork(verdict, pushed.detail);
    const chain = await ports.work.fetch(null);
    const now = holder(foldJournal(chain.records), settling.ask);
    if (now.kind === 'not_ours') return now;
    held = now;
    tip = chain.tip;
  }
  return { kind: 'not_ours', why };
}

/** One checkpoint stands on the branch of attempts side by side; a later one stays an artifact. */
function besideOthers(verdict: Verdict, { journal, claim }: Holding): Verdict {
  if (verdict.work === null || verdict.settled.outcome === 'delivered') return verdict;
  return checkpointBeside(journal, claim) === null ? verdict : { ...verdict, work: null };
}

function pushVerdict(ports: DeliverPorts, { ask, held, verdict, tip }: Settling & { readonly tip: CommitSha }) {
  const at = ports.clock.now();
  const { claim, journal } = held;
  const work =
    verdict.work === null
      ? null
      : {
          branch: claim.branch,
          expected: checkpointBeside(journal, claim) ?? claim.continues,
          commit: {
            tree: verdict.work.tree,
            parent: verdict.work.parent,
            message: renderCommitMessage(verdict.work.about),
            at,
          },
        };
  return ports.work.push({
    task: ask.task,
    journal: {
      expected: tip,
      records: (head) => {
        const settled = { ...verdict.settled, at, head };
        return [settled, ...outrunBy(settled, held)];
      },
    },
    work,
  });
}

/** Somebody pushed to the branch while the attempt ran: theirs stays, ours is kept as the artifact. */
function withoutWork(verdict: Verdict, detail: string): Verdict {
  return { ...verdict, work: null, settled: { ...verdict.settled, outcome: 'refused', detail } };
}

async function open(ports: DeliverPorts, settling: Settling, head: CommitSha | null): Promise<Delivery> {
  const { held, verdict, brief } = settling;
  const { claim } = held;
  const settled: Settled = { ...verdict.settled, head };
  const done = {
    kind: 'settled' as const,
    settled,
    branch: head === null ? null : claim.branch,
    findings: verdict.findings,
  };
  if (head === null || brief === null || settled.outcome !== 'delivered')
    return { ...done, pull: null, pull_problem: null };
  const about = aboutPull(settling, brief, settled);
  const opened = await ports.pulls.open({
    branch: claim.branch,
    base: brief.repository.default_branch,
    title: ports.redact(renderPullTitle(about)),
    body: ports.redact(renderPullBody(about)),
    draft: brief.pull_request.draft,
    reviewers: brief.pull_request.reviewers,
  });
  if ('number' in opened) return { ...done, pull: opened, pull_problem: null };
  if (opened.kind === 'forbidden') await rememberForbidden(ports, settling, opened.detail);
  return { ...done, pull: null, pull_problem: opened.detail };
}

function aboutPull({ ask, held: { claim }, verdict }: Settling, brief: Brief, settled: Settled): PullAbout {
  return {
    task: ask.task,
    attempt: ask.attempt,
    issue: brief.issue?.number ?? null,
    closes_issue: brief.auto_close,
    issue_title: brief.issue?.title ?? brief.asked?.text.split('\n')[0] ?? '',
    title: verdict.title,
    summary: settled.summary,
    engine: claim.engine,
    model: claim.model,
    proof: settled.proof,
    usage: settled.usage,
    seconds: settled.seconds,
    run_url: ask.run_url,
    isolated: verdict.isolated,
  };
}

/** Written down so that the next tick asks a person instead of trying what the repository forbids. */
async function rememberForbidden(ports: DeliverPorts, { ask }: Settling, detail: string): Promise<void> {
  const { tip } = await ports.work.fetch(null);
  if (tip === null) return;
  const at = ports.clock.now();
  await ports.work.push({
    task: ask.task,
    journal: { expected: tip, records: () => [{ kind: 'pr_refused', at, detail }] },
    work: null,
  });
}
