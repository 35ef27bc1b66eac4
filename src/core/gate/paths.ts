// Owns which paths and link targets a hand-in may contain.

const PATH_CHARS_MAX = 500;
const SEGMENT_BYTES_MAX = 255;

/** Characters that reorder or hide text when a reviewer reads the name. */
const DECEPTIVE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/u;

/** NTFS and HFS+ read these as `.git`; git refuses them too when told to, which is not everywhere. */
const GIT_LOOKALIKE = /^(?:\.git|git~\d+)(?:[ .:].*)?$/i;
const IGNORABLE = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/** Why a path is refused, or null. */
export function unsafePath(path: string): string | null {
  if (path.length > PATH_CHARS_MAX) return `the path is longer than ${PATH_CHARS_MAX} characters`;
  if (DECEPTIVE.test(path)) return 'the path holds control, zero-width or direction characters';
  if (path.startsWith('/') || path.includes('\\')) return 'the path is absolute or holds a backslash';
  const bad = path.split('/').find((segment) => unsafeSegment(segment));
  return bad === undefined ? null : 'the path has an empty, relative, too long or `.git`-like part';
}

function unsafeSegment(segment: string): boolean {
  if (segment === '' || segment === '.' || segment === '..') return true;
  if (GIT_LOOKALIKE.test(segment.replaceAll(IGNORABLE, ''))) return true;
  return new TextEncoder().encode(segment).length > SEGMENT_BYTES_MAX;
}

/**
 * True when following the link from where it stands can leave the repository or enter its `.git`. A `..` after a name goes
 * up from wherever that name leads, which is another place once it is a link: links that each stay inside then lead out
 * together.
 */
export function symlinkEscapes(path: string, target: string): boolean {
  if (target === '' || target.startsWith('/') || target.includes('\\') || DECEPTIVE.test(target)) return true;
  const steps = target.split('/').filter((segment) => segment !== '' && segment !== '.');
  const named = steps.findIndex((segment) => segment !== '..');
  const ups = named < 0 ? steps.length : named;
  const below = steps.slice(ups);
  const folders = path.split('/').length - 1;
  return ups > folders || below.includes('..') || below.some((segment) => GIT_LOOKALIKE.test(segment));
}
