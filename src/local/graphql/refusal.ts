// Owns refusals that GraphQL reports beside the data, with GitHub's `type`.

export class GraphqlRefusal extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

export function notFound(message: string): GraphqlRefusal {
  return new GraphqlRefusal('NOT_FOUND', message);
}
