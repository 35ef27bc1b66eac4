// Owns faults on demand: which request fails how, before or after it took effect, and which is answered truly but badly.
import type { WireAnswer } from './wire.ts';

interface Which {
  /** `rest`, `graphql` or `git`. */
  readonly kind?: string;
  readonly method?: string;
  /** Part of the path, or of what a GraphQL call is: its operation's name, then its mutations. */
  readonly what?: string | RegExp;
  /** So many that fit go by unharmed first: 2 means the third one. */
  readonly skip?: number;
  /** Once when absent. */
  readonly times?: number;
}

/** Answered by the fault, before the deed or after it. */
export interface Hit extends Which {
  readonly fault:
    | 'status'
    | 'status_after_commit'
    | 'timeout_after_commit'
    | 'drop'
    | 'secondary_limit'
    | 'rate_limit'
    | 'graphql_error_200';
  readonly status?: number;
  /** Replaces the words of the refusal. */
  readonly message?: string;
}

export type Alteration =
  | (Which & { readonly fault: 'slow'; readonly ms: number })
  /**
   * The same question has the answer it had first since the rule was added, as from a replica that lags behind. Only
   * lies count as `times`.
   */
  | (Which & { readonly fault: 'stale_read' })
  /** A GraphQL answer lacks one value; beside the data an error says so: `['repository', 'issue']`. */
  | (Which & { readonly fault: 'partial'; readonly path: readonly (string | number)[]; readonly message?: string });

export type FaultRule = Hit | Alteration;

export interface Asked {
  readonly kind: string;
  readonly method: string;
  readonly what: string;
}

export interface Question extends Asked {
  /** Two questions of the same text are the same. */
  readonly text: () => string;
  readonly reads: boolean;
}

export interface Altered {
  readonly answer: WireAnswer;
  readonly wait_ms: number;
}

export interface Faults {
  add(rule: FaultRule): void;
  /** The rule that answers instead, consumed once. */
  take(asked: Asked): Hit | null;
  /** What is made of a true answer. */
  alter(question: Question, answer: WireAnswer): Altered;
  clear(): void;
}

interface Waiting<Rule> {
  readonly rule: Rule;
  left: number;
  skips: number;
  readonly before: Map<string, WireAnswer>;
}

export function createFaults(): Faults {
  const hits: Waiting<Hit>[] = [];
  const alterations: Waiting<Alteration>[] = [];
  return {
    add: (rule) => {
      if (isAlteration(rule)) alterations.push(waiting(rule));
      else hits.push(waiting(rule));
    },
    take: (asked) => {
      const found = next(hits, asked);
      if (found === undefined) return null;
      found.left -= 1;
      return found.rule;
    },
    alter: (question, answer) => {
      const found = next(alterations, question);
      return found === undefined ? { answer, wait_ms: 0 } : altered(found, question, answer);
    },
    clear: () => {
      hits.length = 0;
      alterations.length = 0;
    },
  };
}

function isAlteration(rule: FaultRule): rule is Alteration {
  return rule.fault === 'slow' || rule.fault === 'stale_read' || rule.fault === 'partial';
}

function waiting<Rule extends Which>(rule: Rule): Waiting<Rule> {
  return { rule, left: rule.times ?? 1, skips: rule.skip ?? 0, before: new Map() };
}

/** The first rule that fits and has let by what it should. */
function next<Rule extends Which>(rules: readonly Waiting<Rule>[], asked: Asked): Waiting<Rule> | undefined {
  const fitting = rules.filter(({ rule, left }) => left > 0 && fits(rule, asked));
  for (const one of fitting) {
    if (one.skips === 0) return one;
    one.skips -= 1;
  }
  return undefined;
}

function fits(rule: Which, { kind, method, what }: Asked): boolean {
  const wanted = rule.what ?? '';
  return (
    (rule.kind ?? kind) === kind &&
    (rule.method ?? method) === method &&
    (typeof wanted === 'string' ? what.includes(wanted) : wanted.test(what))
  );
}

function altered(found: Waiting<Alteration>, question: Question, answer: WireAnswer): Altered {
  const { rule } = found;
  switch (rule.fault) {
    case 'slow':
      found.left -= 1;
      return { answer, wait_ms: rule.ms };
    case 'stale_read':
      return { answer: question.reads ? stale(found, question.text(), answer) : answer, wait_ms: 0 };
    case 'partial':
      found.left -= 1;
      return { answer: { ...answer, body: without(answer.body, rule) }, wait_ms: 0 };
  }
}

function stale(found: Waiting<Alteration>, text: string, answer: WireAnswer): WireAnswer {
  const before = found.before.get(text);
  if (before === undefined) {
    found.before.set(text, answer);
    return answer;
  }
  found.left -= 1;
  return before;
}

function without(body: unknown, { path, message }: Extract<Alteration, { readonly fault: 'partial' }>): unknown {
  const { data, errors = [] } = { ...(body as { readonly data?: unknown; readonly errors?: readonly unknown[] }) };
  const words = message ?? 'Something went wrong while executing your query.';
  return { data: nulled(data, path), errors: [...errors, { message: words, path }] };
}

function nulled(value: unknown, [first, ...rest]: readonly (string | number)[]): unknown {
  if (first === undefined) return null;
  if (Array.isArray(value)) return value.map((one: unknown, at) => (at === first ? nulled(one, rest) : one));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]: [string, unknown]) => [name, name === first ? nulled(one, rest) : one]),
  );
}
