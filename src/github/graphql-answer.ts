// Owns what GraphQL answers: data, errors beside it, or errors alone.

export interface GraphqlError {
  readonly message: string;
  readonly type: string;
  readonly path: readonly (string | number)[];
}

export interface GraphqlAnswer {
  readonly data: Readonly<Record<string, unknown>>;
  readonly errors: readonly GraphqlError[];
}

/** An answer with errors and no data at all. */
export class GraphqlFailure extends Error {
  readonly errors: readonly GraphqlError[];

  constructor(errors: readonly GraphqlError[]) {
    super(errors.map(({ message }) => message).join('; ') || 'GraphQL answered without data');
    this.errors = errors;
  }
}
