// Owns finding the operation of GitHub's description that a method and a path belong to.
import { isObject, listAt, objectAt, textAt, type JsonObject } from './json.ts';

export interface Operation {
  readonly template: string;
  /** Lower case, as the description's key. */
  readonly method: string;
  readonly description: JsonObject;
}

export type FindOperation = (method: string, pathname: string) => Operation | undefined;

interface Candidate extends Operation {
  readonly pattern: RegExp;
}

function parameterPattern(parameter: unknown): string {
  const type = textAt(objectAt(parameter, 'schema'), 'type');
  if (isObject(parameter) && parameter['x-multi-segment'] === true) return '.+';
  return type === 'integer' ? '[0-9]+' : '[^/]+';
}

function templatePattern(template: string, parameters: readonly unknown[]): RegExp {
  const patterns = new Map(parameters.map((parameter) => [textAt(parameter, 'name'), parameterPattern(parameter)]));
  const source = template
    .split(/\{([^}]+)\}/)
    .map((part, index) =>
      index % 2 === 0 ? part.replace(/[.*+?^$()|[\]\\]/g, '\\$&') : (patterns.get(part) ?? '[^/]+'),
    );
  return new RegExp(`^${source.join('')}$`);
}

function literalLength(template: string): number {
  return template.replaceAll(/\{[^}]+\}/g, '').length;
}

/** Of two templates that match, the one with more literal text is meant: `/issues/comments` is no issue number. */
function byLiteralLength(one: Candidate, other: Candidate): number {
  return literalLength(other.template) - literalLength(one.template);
}

/** `paths` is the description's object of that name. */
export function operationFinder(paths: JsonObject): FindOperation {
  const candidates = Object.entries(paths)
    .flatMap(([template, item]) =>
      Object.entries(isObject(item) ? item : {}).map(([method, description]): Candidate => {
        const pattern = templatePattern(template, listAt(description, 'parameters'));
        return { template, method, description: isObject(description) ? description : {}, pattern };
      }),
    )
    .sort(byLiteralLength);
  return (method, pathname) =>
    candidates.find((candidate) => candidate.method === method.toLowerCase() && candidate.pattern.test(pathname));
}
