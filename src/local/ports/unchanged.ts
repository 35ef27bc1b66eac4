// Owns the sameness of answers: what says the same as before is the same object, so that its reader may know it again.

type Shape = Readonly<Record<string, unknown>>;

const told = new WeakMap<object, Shape>();

/** The answer given before about `subject`, where the new one says nothing else. */
export function asBefore(subject: object, shape: Shape): Shape {
  const before = told.get(subject);
  if (before !== undefined && isSame(before, shape)) return before;
  told.set(subject, shape);
  return shape;
}

/** Of values as JSON has them. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => isSame(item, b[i]));
  if (!isShape(a) || !isShape(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => isSame(a[key], b[key]));
}

function isShape(value: unknown): value is Shape {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
