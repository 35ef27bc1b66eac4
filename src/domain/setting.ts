// Owns the words for a single setting: its key, what it is, and who set it.

/** null: it has its default. */
export type SettingPlace =
  | { readonly kind: 'file'; readonly layer: 'repository' | 'organisation'; readonly line: number }
  | { readonly kind: 'variable'; readonly name: string }
  | null;

export type SettingValue = string | number | boolean | null | readonly number[];

export interface Setting {
  /** As it is written in the file, with dots between the levels. */
  readonly key: string;
  readonly value: SettingValue;
  readonly place: SettingPlace;
}

/** Who set which key, by the keys that hold a value; a key that is missing has its default. */
export type SettingPlaces = ReadonlyMap<string, NonNullable<SettingPlace>>;
