// Owns the words for how an attempt ended: a short one for tables, a predicate for sentences, and what helps.
import type { OutcomeKind } from '../domain/outcome.ts';
import type { EngineId } from '../domain/task.ts';

interface OutcomeWords {
  /** For a table cell. */
  readonly short: string;
  /** "Attempt 2 …" */
  readonly predicate: string;
  /** What a person can look at before trying again; null when there is nothing to do but that. */
  readonly advice: string | null;
}

const WORDS: Readonly<Record<OutcomeKind, OutcomeWords>> = {
  delivered: { short: 'delivered', predicate: 'delivered its work', advice: null },
  no_change: {
    short: 'nothing to change',
    predicate: 'found that nothing needs to change',
    advice: null,
  },
  timeout: {
    short: 'time limit',
    predicate: 'reached its time limit',
    advice: 'A smaller issue, or a larger `timeout_minutes` in `.github/orch.yml`, helps.',
  },
  stalled: {
    short: 'went silent',
    predicate: 'said nothing for too long and was stopped',
    advice: 'Another engine often gets further.',
  },
  cancelled: { short: 'cancelled', predicate: 'was cancelled', advice: null },
  proof_failed: {
    short: 'proof failed',
    predicate: 'left the `verify` commands failing',
    advice: 'Check that these commands pass on the default branch.',
  },
  refused: {
    short: 'hand-in refused',
    predicate: 'handed in something that may not be pushed',
    advice:
      'Say in the issue what it must not touch, or allow it under `gate:` in `.github/orch.yml`. Its work is kept as an artifact of the run.',
  },
  rate_limit: {
    short: 'model limit',
    predicate: "ran into the model's limit",
    advice: 'Raise the limit with the vendor, or use another engine.',
  },
  auth: {
    short: 'key refused',
    predicate: 'had its key refused by the model',
    advice: "Check the engine's key in the repository's secrets, and its credit.",
  },
  model_unavailable: {
    short: 'model unavailable',
    predicate: 'could not reach its model',
    advice: 'Check the name of the model, in the label or under `model_map:`.',
  },
  context_overflow: {
    short: 'too much context',
    predicate: 'needed more context than its model has',
    advice: 'Split the issue, or name the files that matter.',
  },
  missing_tool: {
    short: 'tool missing',
    predicate: 'needs a tool that the runner does not have',
    advice: 'Use a runner that has it; `runs_on.attempt` in `.github/orch.yml` names one.',
  },
  permission_denied: {
    short: 'tool refused',
    predicate: 'was refused a tool that it needed',
    advice: 'Say in the issue how to do without it.',
  },
  invalid_output: {
    short: 'unreadable answer',
    predicate: 'gave an answer that could not be read',
    advice: 'Another model or engine often helps.',
  },
  no_evidence: {
    short: 'no change found',
    predicate: 'said that it was done, and had changed nothing',
    advice: 'Say in the issue which files should change.',
  },
  failed: { short: 'failed', predicate: 'said that it could not do it', advice: 'Read its own words below.' },
  crashed: { short: 'crashed', predicate: 'ended without a word', advice: 'The log may say more.' },
  infra: {
    short: 'not started',
    predicate: 'never got its engine started',
    advice: 'The log says what was missing on the runner.',
  },
};

export function outcomeWord(outcome: OutcomeKind): string {
  return WORDS[outcome].short;
}

export function outcomePredicate(outcome: OutcomeKind): string {
  return WORDS[outcome].predicate;
}

/** `engine`: of the attempt, so that advice about its key can name the secret. */
export function outcomeAdvice(outcome: OutcomeKind, engine: EngineId | null = null): string | null {
  const secret = engine === null ? null : SECRETS[engine];
  if (outcome !== 'auth' || secret === null) return WORDS[outcome].advice;
  return `Check \`${secret}\` in the repository's secrets, and its credit.`;
}

/** As the caller file names them; the key of a custom engine is named by whoever set it up. */
const SECRETS: Readonly<Record<EngineId, string | null>> = {
  claude: 'ANTHROPIC_API_KEY',
  codex: 'OPENAI_API_KEY',
  custom: null,
};

/** `no_change` is an answer, not an error. */
export function isTrouble(outcome: OutcomeKind): boolean {
  return outcome !== 'delivered' && outcome !== 'no_change' && outcome !== 'cancelled';
}
