// Owns faults on demand: which request fails how, before or after it took effect.

export type FaultKind =
  | 'status'
  | 'status_after_commit'
  | 'timeout_after_commit'
  | 'drop'
  | 'secondary_limit'
  | 'rate_limit'
  | 'graphql_error_200';

export interface FaultRule {
  readonly fault: FaultKind;
  /** `rest`, `graphql` or `git`. */
  readonly kind?: string;
  readonly method?: string;
  /** Part of the path, or of what a GraphQL call is: its operation's name, then its fields. */
  readonly what?: string | RegExp;
  readonly status?: number;
  /** Replaces the words of the refusal. */
  readonly message?: string;
  /** Once when absent. */
  readonly times?: number;
}

export interface Faults {
  add(rule: FaultRule): void;
  /** The rule that hits, consumed once. */
  take(asked: { readonly kind: string; readonly method: string; readonly what: string }): FaultRule | null;
  clear(): void;
}

export function createFaults(): Faults {
  const rules: { rule: FaultRule; left: number }[] = [];
  return {
    add: (rule) => rules.push({ rule, left: rule.times ?? 1 }),
    take: ({ kind, method, what }) => {
      const hit = rules.find(
        ({ rule, left }) =>
          left > 0 && (rule.kind ?? kind) === kind && (rule.method ?? method) === method && fits(rule.what ?? '', what),
      );
      if (hit === undefined) return null;
      hit.left -= 1;
      return hit.rule;
    },
    clear: () => {
      rules.length = 0;
    },
  };
}

function fits(wanted: string | RegExp, what: string): boolean {
  return typeof wanted === 'string' ? what.includes(wanted) : wanted.test(what);
}
