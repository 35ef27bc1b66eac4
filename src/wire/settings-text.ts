// Owns how settings are told: a table for people, one JSON object for other programs.
import type { PolicyOrigin } from '../domain/policy.ts';
import type { Setting, SettingPlace, SettingValue } from '../domain/setting.ts';
import { cutChars } from './cut.ts';
import { inlineCode } from './escape.ts';
import { renderPolicyOrigin } from './policy-text.ts';

const VALUE_CHARS_MAX = 300;

export function renderSettings(settings: readonly Setting[], origin: PolicyOrigin): string {
  const rows = settings.map(({ key, value, place }) => `| \`${key}\` | ${valueText(value)} | ${placeText(place)} |`);
  return [
    ...(origin.kind === 'newest' ? [] : [renderPolicyOrigin(origin), '']),
    '| Setting | Value | Set by |',
    '| --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/** By their keys as they are written in the file. */
export function renderSettingsJson(settings: readonly Setting[]): string {
  return JSON.stringify(Object.fromEntries(settings.map(({ key, value }) => [key, value])));
}

function valueText(value: SettingValue): string {
  if (value === null) return 'not set';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  const text = cutChars(Array.isArray(value) ? value.join(', ') : String(value), VALUE_CHARS_MAX);
  return text === '' ? 'none' : inlineCode(text).replaceAll('|', '\\|');
}

function placeText(place: SettingPlace): string {
  if (place === null) return 'default';
  if (place.kind === 'variable') return `repository variable \`${place.name}\``;
  return place.layer === 'repository' ? `line ${place.line}` : `organisation's file, line ${place.line}`;
}
