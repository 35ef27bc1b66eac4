// Owns chance: numbers that a seed and a name alone decide, so that leaving one thing out moves nothing else.

/** 0 … 1, the same for the same seed, name and count. */
export function chance(seed: number, name: string, count: number): number {
  let hash = (0x9e_37_79_b9 ^ seed) >>> 0;
  for (let i = 0; i < name.length; i += 1) hash = Math.imul(hash ^ name.charCodeAt(i), 0x85_eb_ca_6b) ^ (hash >>> 13);
  hash = Math.imul(hash ^ count, 0xc2_b2_ae_35);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x7f_eb_35_2d);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x84_6c_a6_8b);
  hash ^= hash >>> 16;
  return (hash >>> 0) / 0x1_00_00_00_00;
}

/** One after the other, under one name. */
export class Dice {
  readonly #seed: number;
  readonly #name: string;
  #count = 0;

  constructor(seed: number, name: string) {
    this.#seed = seed;
    this.#name = name;
  }

  next(): number {
    this.#count += 1;
    return chance(this.#seed, this.#name, this.#count);
  }

  /** Whole, from `least` to `most`. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.next() * items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }
}
