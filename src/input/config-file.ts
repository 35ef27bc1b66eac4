// Owns the configuration as a file, for whoever asks about it or wants it changed; most ticks load nothing of it.
import type { PolicyTexts } from '../domain/policy.ts';
import type { ConfigChange, ConfigEdit, SettingPlaces } from '../domain/setting.ts';
import { editPolicyText } from './policy-edit.ts';
import { placesOf } from './policy-places.ts';
import type { PolicyVariables } from './resolve-policy.ts';

export function configFile(variables: PolicyVariables): {
  places(texts: PolicyTexts): SettingPlaces;
  edit(text: string | null, change: ConfigChange): ConfigEdit;
} {
  return { places: (texts) => placesOf(texts, variables), edit: editPolicyText };
}
