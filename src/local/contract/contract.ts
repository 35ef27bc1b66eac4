// Owns the contract: GitHub's own descriptions as a judge over everything that crosses the local GitHub's wire.
import type { Exchange, Violation } from './exchange.ts';
import { createGraphqlContract, graphqlExchange, type GraphqlContract } from './graphql-contract.ts';
import { createRestContract, type RestContract } from './rest-contract.ts';

export interface Contract extends RestContract, GraphqlContract {
  /** Checks and remembers; never throws for what it finds. Hand it to the server as its hook. */
  onExchange(exchange: Exchange): void;
  /** What was found so far, each once, in the order of the wire. */
  violations(): readonly Violation[];
  /** How often each operation was seen: `issues/get`, or `graphql`. */
  seen(): ReadonlyMap<string, number>;
}

/** A broken server repeats itself; after this many different complaints nobody reads on. */
const violationsMax = 200;

function check(contract: RestContract & GraphqlContract, exchange: Exchange): readonly Violation[] {
  switch (exchange.surface) {
    case 'rest':
      return contract.checkRest(exchange);
    case 'graphql':
      return exchange.status === 200
        ? contract.checkGraphql(graphqlExchange(exchange.request_body, exchange.response_body))
        : [];
    case 'git':
    case 'results':
    case 'other':
      return [];
  }
}

function operation(contract: RestContract, exchange: Exchange): string {
  if (exchange.surface !== 'rest') return exchange.surface;
  return contract.operationOf(exchange.method, exchange.path) ?? `unknown ${exchange.method} ${exchange.path}`;
}

/** Costs nothing until the first exchange: descriptions are read and compiled when they are needed. */
export function createContract(): Contract {
  const both: RestContract & GraphqlContract = {
    ...createRestContract(),
    ...createGraphqlContract(),
  };
  const found = new Map<string, Violation>();
  const seen = new Map<string, number>();
  const remember = (violation: Violation): void => {
    const key = `${violation.kind} ${violation.where} ${violation.message}`;
    if (found.size < violationsMax) found.set(key, violation);
    else
      found.set('bound', {
        ...violation,
        message: `more than ${violationsMax} violations; the rest is not kept`,
      });
  };
  return {
    ...both,
    onExchange: (exchange) => {
      const name = operation(both, exchange);
      seen.set(name, (seen.get(name) ?? 0) + 1);
      check(both, exchange).forEach(remember);
    },
    violations: () => [...found.values()],
    seen: () => seen,
  };
}
