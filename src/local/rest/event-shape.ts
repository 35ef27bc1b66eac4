// Owns the shape of an issue's events, and the order in which lists of issues and comments are given.
import type { Issue, IssueEvent } from '../model/state.ts';
import { labelShape, personShape, repoUrl, type Place } from './shapes.ts';

/** More events than any issue has, so that ids do not meet. */
const EVENTS_MAX = 10_000;

export function eventShape(
  issue: Issue,
  { event, at }: { readonly event: IssueEvent; readonly at: number },
  place: Place,
): Readonly<Record<string, unknown>> {
  // Events have no ids of their own in the model: they are never addressed, only listed.
  const id = issue.number * EVENTS_MAX + at;
  const label = event.label === null ? undefined : place.world.labels.get(event.label.toLowerCase());
  const { name, color } = label === undefined ? { name: event.label, color: 'ededed' } : labelShape(label, place);
  return {
    id,
    node_id: `EV_${id}`,
    url: `${repoUrl(place)}/issues/events/${id}`,
    actor: personShape(event.by, place),
    event: event.kind,
    commit_id: null,
    commit_url: null,
    created_at: event.at,
    performed_via_github_app: null,
    ...(event.label === null ? {} : { label: { name, color } }),
  };
}

interface Dated {
  readonly created_at: string;
  readonly updated_at: string;
  readonly number: number;
}

/** By `sort` and `direction` of the query: newest created first when it names neither. */
export function changed<T extends Dated>(all: readonly T[], query: URLSearchParams): readonly T[] {
  const key = query.get('sort') === 'updated' ? 'updated_at' : 'created_at';
  const sign = query.get('direction') === 'asc' ? 1 : -1;
  return all.toSorted((one, other) => sign * (compare(one[key], other[key]) || one.number - other.number));
}

/** All instants here have one form, so their texts sort as they do. */
function compare(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
