// Owns result.json: what the attempt claims of itself, cut to what deliver reads.
import type { HandIn } from '../../domain/hand-in.ts';
import { ModelName } from '../../domain/ids.ts';
import type { CommitSha, Digest } from '../../domain/ids.ts';
import { UNKNOWN_USAGE } from '../../domain/outcome.ts';
import { cutChars, tailBytes } from '../../wire/cut.ts';
import type { AttemptAsk, Installed } from '../ports.ts';
import type { Judgement } from './outcome.ts';
import type { Worked } from './rounds.ts';

/** Everything known when an attempt ends; what it did not come to is null. */
export interface Course {
  readonly judgement: Judgement;
  readonly engine_started: boolean;
  readonly installed: Installed | null;
  readonly worked: Worked | null;
  readonly isolated: boolean;
  readonly seconds: number;
  readonly bundle_head: CommitSha | null;
  readonly prompt_sha256: Digest | null;
}

const PROOF_TAIL_BYTES_MAX = 8_000;
const DENIALS_MAX = 100;
const DETAIL_CHARS_MAX = 500;
const SUMMARY_CHARS_MAX = 4_000;
const WORD_CHARS_MAX = 1_000;
const TITLE_CHARS_MAX = 300;
const NAME_CHARS_MAX = 100;
const SESSION_CHARS_MAX = 200;

export function handInOf(ask: AttemptAsk, course: Course): HandIn {
  const { worked, judgement } = course;
  const report = worked?.report ?? null;
  return {
    version: 1,
    task: ask.task,
    attempt: ask.attempt,
    engine: ask.brief.engine.id,
    engine_version: cutOrNull(report?.version ?? course.installed?.version ?? null, NAME_CHARS_MAX),
    model: ModelName.safeParse(report?.model ?? ask.brief.model).data ?? null,
    outcome: judgement.outcome,
    engine_started: course.engine_started,
    isolated: course.isolated,
    seconds: course.seconds,
    usage: report?.usage ?? UNKNOWN_USAGE,
    exit_code: report?.exit_code ?? null,
    session: cutOrNull(report?.session ?? null, SESSION_CHARS_MAX),
    bundle_head: course.bundle_head,
    detail: cutChars(judgement.detail, DETAIL_CHARS_MAX),
    title: cutOrNull(report?.title ?? null, TITLE_CHARS_MAX),
    summary: cutChars(report?.summary ?? '', SUMMARY_CHARS_MAX),
    remaining: cutChars(report?.remaining ?? '', SUMMARY_CHARS_MAX),
    proof: (worked?.proof ?? []).map((result) => ({
      ...result,
      command: result.command.map((word) => cutChars(word, WORD_CHARS_MAX)),
      tail: tailBytes(result.tail, PROOF_TAIL_BYTES_MAX),
    })),
    proof_rounds: worked?.proof_rounds ?? 0,
    not_before: report?.not_before ?? null,
    brief_sha256: ask.brief_sha256,
    prompt_sha256: course.prompt_sha256,
    denials: (report?.denials ?? []).slice(0, DENIALS_MAX).map((denial) => cutChars(denial, DETAIL_CHARS_MAX)),
  };
}

function cutOrNull(text: string | null, chars_max: number): string | null {
  return text === null ? null : cutChars(text, chars_max);
}
