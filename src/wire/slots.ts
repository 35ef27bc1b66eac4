// Owns filling the slots of a prompt template: text in, text out, no logic in between.
import { bugFault } from '../domain/fault.ts';

export interface Template {
  /** File name below prompts/, for the message. */
  readonly name: string;
  readonly text: string;
}

const SLOT = /\{\{([a-z_]+)\}\}/g;

/** One pass: what is put in is never looked at again, so that `{{role}}` in an issue stays what it is. */
export function fillSlots({ name, text }: Template, slots: Readonly<Record<string, string>>): string {
  return text.replaceAll(SLOT, (_, slot: string) => {
    const value = Object.hasOwn(slots, slot) ? slots[slot] : undefined;
    if (value !== undefined) return value;
    throw bugFault({
      title: 'Unknown slot in a prompt',
      cause: `prompts/${name} names {{${slot}}}`,
      remedy: `Use only these: ${Object.keys(slots).join(', ')}.`,
    });
  });
}
