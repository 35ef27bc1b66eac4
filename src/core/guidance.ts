// Owns whether a comment says anything besides the guidance that was taken from it.

export interface Taken {
  /** Of the comments that this person wrote in that second. */
  readonly texts: readonly string[];
  readonly mention: string;
}

/** From its end: each text with the address before it, until nothing is left. */
export function isGuidanceAlone(body: string, { texts, mention }: Taken): boolean {
  let rest = body.replaceAll(/\r\n?/g, '\n').trim();
  let left = texts;
  for (let round = 0; round < texts.length && rest !== ''; round += 1) {
    const next = left.flatMap((text, at) => withoutLast(rest, text, mention).map((shorter) => ({ shorter, at })))[0];
    if (next === undefined) return false;
    rest = next.shorter;
    left = left.toSpliced(next.at, 1);
  }
  return rest === '';
}

const ADDRESS = /(?:^|\n) {0,3}(\S{1,120})\s+(?:[`*]*say[`*.,:;!?]*\s+)?$/i;

/** Empty: it does not end like this. */
function withoutLast(rest: string, text: string, mention: string): readonly string[] {
  if (!rest.endsWith(text)) return [];
  const address = ADDRESS.exec(rest.slice(0, rest.length - text.length));
  const word = address?.[1]?.toLowerCase();
  const speaks = word === '/orch' || (mention !== '' && word?.replace(/[,:]$/, '') === mention.toLowerCase());
  return address === null || !speaks ? [] : [rest.slice(0, address.index).trimEnd()];
}
