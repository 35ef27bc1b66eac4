// Owns the configuration as a file, for whoever asks about it or wants it changed; most ticks load nothing of it.
import type { PolicyTexts } from '../domain/policy.ts';
import { CONFIG_PATH } from '../domain/setting.ts';
import type { ConfigChange, ConfigEdit, SettingPlaces } from '../domain/setting.ts';
import { editPolicyText } from './policy-edit.ts';
import { placesOf } from './policy-places.ts';
import type { PolicyVariables } from './resolve-policy.ts';

export function configFile(variables: PolicyVariables): {
  places(texts: PolicyTexts): SettingPlaces;
  edit(texts: PolicyTexts, change: ConfigChange): ConfigEdit;
} {
  const places = (texts: PolicyTexts): SettingPlaces => placesOf(texts, variables);
  return {
    places,
    edit: (texts, change) =>
      hidesOthers(change, places(texts)) ? WOULD_HIDE : editPolicyText(texts.repository, change),
  };
}

/** A list of jobs takes the place of the organisation's whole: the diff of the first one would not show what goes. */
function hidesOthers({ kind }: ConfigChange, places: SettingPlaces): boolean {
  const place = places.get('jobs');
  return kind === 'add_job' && place?.kind === 'file' && place.layer === 'organisation';
}

const WOULD_HIDE: ConfigEdit = {
  kind: 'refused',
  problem: {
    line: null,
    key: 'jobs',
    problem: "are the organisation's here, and a list in this repository's file takes the place of all of them",
    remedy: `Write \`jobs:\` in ${CONFIG_PATH} by hand once, with all that are to run.`,
  },
};
