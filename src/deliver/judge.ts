// Owns the verdict on a hand-in: what is settled, what is pushed, what is refused; nothing is written here.
import type { Brief } from '../domain/brief.ts';
import type { GateFinding } from '../domain/change.ts';
import type { CommitSha } from '../domain/ids.ts';
import { endingAlone } from '../domain/journal.ts';
import type { Claimed, Settled } from '../domain/journal.ts';
import type { HandIn } from '../domain/hand-in.ts';
import type { OutcomeKind } from '../domain/outcome.ts';
import { checkChange } from '../core/gate/check-change.ts';
import type { CommitAbout } from '../wire/commit-message.ts';
import { parseHandIn } from '../wire/hand-in.ts';
import type { DeliverAsk, DeliverPorts, HandInFiles, Work } from './ports.ts';

export interface Verdict {
  /** Complete but for `at` and `head`, which only the push knows. */
  readonly settled: Settled;
  readonly work: { readonly tree: string; readonly parent: CommitSha; readonly about: CommitAbout } | null;
  readonly findings: readonly GateFinding[];
  readonly title: string | null;
  readonly isolated: boolean;
}

export interface Case {
  readonly ask: DeliverAsk;
  readonly brief: Brief | null;
  readonly claim: Claimed;
}

const DETAIL_CHARS_MAX = 500;
const FINDINGS_NAMED_MAX = 3;

export async function judge(ports: DeliverPorts, { ask, brief, claim }: Case): Promise<Verdict> {
  if (brief === null || claim.brief_sha256 !== ask.brief.sha256) {
    return nothing(ports, claim, {
      outcome: 'infra',
      started: ask.attempt_started,
      detail: 'the frozen brief is missing or not the one that was claimed',
    });
  }
  const handed = await handedIn(ports, { ask, brief, claim });
  switch (handed.kind) {
    case 'missing':
      return nothing(ports, claim, silence(ask, handed.missing));
    case 'invalid':
      return nothing(ports, claim, {
        outcome: 'refused',
        started: true,
        detail: `result.json cannot be read: ${handed.problem}`,
      });
    case 'mismatch':
      return refuse(ports, claim, handed.hand_in, [handed.finding]);
    case 'handed':
      return judgeWork(ports, { brief, claim, hand_in: handed.hand_in, files: handed.files });
  }
}

type HandedIn =
  | { readonly kind: 'missing'; readonly missing: string }
  | { readonly kind: 'invalid'; readonly problem: string }
  | { readonly kind: 'mismatch'; readonly hand_in: HandIn; readonly finding: GateFinding }
  | { readonly kind: 'handed'; readonly hand_in: HandIn; readonly files: HandInFiles };

/** What the attempt left, as far as it is this one's. */
export async function handedIn(ports: DeliverPorts, expected: Case & { readonly brief: Brief }): Promise<HandedIn> {
  const handed = await ports.artifacts.handIn();
  if ('missing' in handed) return { kind: 'missing', missing: handed.missing };
  const parsed = parseHandIn(handed.files.result);
  if (parsed.kind === 'invalid') return { kind: 'invalid', problem: parsed.problem };
  const { hand_in } = parsed;
  const finding = mismatchOf(hand_in, expected);
  if (finding !== null) return { kind: 'mismatch', hand_in, finding };
  return { kind: 'handed', hand_in, files: handed.files };
}

/** No hand-in: an attempt that had started an engine crashed; one that had not is the infrastructure's fault. */
function silence(ask: DeliverAsk, missing: string): Ending {
  if (ask.attempt_result === 'cancelled')
    return { outcome: 'cancelled', started: ask.attempt_started, detail: 'the job was cancelled' };
  const started = ask.attempt_started;
  return {
    outcome: started ? 'crashed' : 'infra',
    started,
    detail: `the attempt left no hand-in (${missing}; job ${ask.attempt_result})`,
  };
}

interface Ending {
  readonly outcome: OutcomeKind;
  readonly started: boolean;
  readonly detail: string;
}

function nothing(ports: DeliverPorts, claim: Claimed, { outcome, started, detail }: Ending): Verdict {
  const settled = endingAlone({
    at: ports.clock.now(),
    attempt: claim.attempt,
    outcome,
    engine_started: started,
    seconds: 0,
    detail: cut(ports.redact(detail)),
    by: 'deliver',
  });
  return { settled, work: null, findings: [], title: null, isolated: true };
}

/** The hand-in says whose it is; another leg's is not ours to deliver. */
function mismatchOf(
  hand_in: HandIn,
  { brief, claim }: { readonly brief: Brief; readonly claim: Claimed },
): GateFinding | null {
  const same =
    hand_in.task === brief.task &&
    hand_in.attempt === claim.attempt &&
    hand_in.engine === claim.engine &&
    hand_in.brief_sha256 === claim.brief_sha256;
  return same ? null : { rule: 'hand_in_mismatch', path: null, detail: 'the hand-in belongs to another attempt' };
}

interface Handed {
  readonly brief: Brief;
  readonly claim: Claimed;
  readonly hand_in: HandIn;
  readonly files: HandInFiles;
}

async function judgeWork(ports: DeliverPorts, { brief, claim, hand_in, files }: Handed): Promise<Verdict> {
  if (files.bundle === null) return withoutBundle(ports, claim, hand_in);
  const parent = claim.continues ?? claim.base;
  const read = await ports.work.change(files.bundle, parent);
  const { change } = read;
  const findings = [...checkChange(change, brief.gate), ...findSecrets(ports, read)];
  if (findings.length > 0) return refuse(ports, claim, hand_in, findings);
  if (change.entries.length === 0) return withoutBundle(ports, claim, hand_in);
  return {
    settled: settledOf(ports, claim, hand_in, { files: change.entries.length }),
    work: { tree: change.tree, parent, about: aboutOf(ports, brief, hand_in) },
    findings: [],
    title: hand_in.title,
    isolated: hand_in.isolated,
  };
}

/** A claim of success without a change in git is no success. */
function withoutBundle(ports: DeliverPorts, claim: Claimed, hand_in: HandIn): Verdict {
  const settled = settledOf(ports, claim, hand_in, { files: 0 });
  const outcome = settled.outcome === 'delivered' ? 'no_evidence' : settled.outcome;
  return {
    settled: { ...settled, outcome },
    work: null,
    findings: [],
    title: hand_in.title,
    isolated: hand_in.isolated,
  };
}

function refuse(ports: DeliverPorts, claim: Claimed, hand_in: HandIn, findings: readonly GateFinding[]): Verdict {
  const settled = settledOf(ports, claim, hand_in, { files: 0 });
  return {
    settled: { ...settled, outcome: 'refused', detail: cut(ports.redact(named(findings))) },
    work: null,
    findings,
    title: hand_in.title,
    isolated: hand_in.isolated,
  };
}

function named(findings: readonly GateFinding[]): string {
  const first = findings
    .slice(0, FINDINGS_NAMED_MAX)
    .map(({ path, detail }) => `${path === null ? '' : `${path} `}${detail}`);
  const more = findings.length - first.length;
  return `${first.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function findSecrets(
  ports: DeliverPorts,
  { change, contents }: Awaited<ReturnType<Work['change']>>,
): readonly GateFinding[] {
  const findings: GateFinding[] = [];
  for (const { path, text } of contents) {
    findings.push(
      ...ports
        .findSecrets(text)
        .map((kind): GateFinding => ({ rule: 'secret', path, detail: `holds what looks like ${kind}` })),
    );
  }
  const names = ports.findSecrets(change.entries.map((entry) => entry.path).join('\n'));
  return [
    ...findings,
    ...names.map((kind): GateFinding => ({
      rule: 'secret',
      path: null,
      detail: `a file name holds what looks like ${kind}`,
    })),
  ];
}

function settledOf(
  ports: DeliverPorts,
  claim: Claimed,
  hand_in: HandIn,
  { files }: { readonly files: number },
): Settled {
  return {
    kind: 'settled',
    at: ports.clock.now(),
    attempt: claim.attempt,
    outcome: hand_in.outcome,
    engine_started: hand_in.engine_started,
    seconds: hand_in.seconds,
    usage: hand_in.usage,
    head: null,
    files,
    detail: cut(ports.redact(hand_in.detail)),
    summary: ports.redact(hand_in.summary),
    proof: hand_in.proof.map((result) => ({ ...result, tail: ports.redact(result.tail) })),
    not_before: hand_in.not_before,
    by: 'deliver',
  };
}

function aboutOf(ports: DeliverPorts, brief: Brief, hand_in: HandIn): CommitAbout {
  return {
    task: brief.task,
    attempt: brief.attempt,
    engine: hand_in.engine,
    model: hand_in.model,
    title: ports.redact(hand_in.title ?? brief.issue?.title ?? ''),
    summary: ports.redact(hand_in.summary),
    checkpoint: hand_in.outcome !== 'delivered',
  };
}

function cut(text: string): string {
  return Array.from(text).slice(0, DETAIL_CHARS_MAX).join('');
}
