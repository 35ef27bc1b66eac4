// Owns reading an engine's event without trusting its shape: a missing or odd field is null, never an error.

export type Event = Readonly<Record<string, unknown>>;

/** One line of NDJSON; null for everything that is not a JSON object. */
export function parseEvent(text: string): Event | null {
  if (!text.trimStart().startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isEvent(value) ? value : null;
  } catch {
    return null;
  }
}

export function objectAt(event: Event, ...path: readonly string[]): Event | null {
  const value = valueAt(event, path);
  return isEvent(value) ? value : null;
}

export function textAt(event: Event, ...path: readonly string[]): string | null {
  const value = valueAt(event, path);
  return typeof value === 'string' ? value : null;
}

export function numberAt(event: Event, ...path: readonly string[]): number | null {
  const value = valueAt(event, path);
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** A whole number that is not negative; what usage counters must be. */
export function countAt(event: Event, ...path: readonly string[]): number | null {
  const value = numberAt(event, ...path);
  return value !== null && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** The objects of a list; anything else in it is left out. */
export function objectsAt(event: Event, ...path: readonly string[]): readonly Event[] {
  const value = valueAt(event, path);
  return Array.isArray(value) ? value.filter(isEvent) : [];
}

/** The objects among an object's values, whatever they are called. */
export function childrenOf(event: Event): readonly Event[] {
  return Object.values(event).filter(isEvent);
}

export function textsAt(event: Event, ...path: readonly string[]): readonly string[] {
  const value = valueAt(event, path);
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function valueAt(event: Event, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (isEvent(value) && Object.hasOwn(value, key) ? value[key] : undefined),
    event,
  );
}

function isEvent(value: unknown): value is Event {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
