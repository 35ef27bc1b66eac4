// Owns which settings of the queue people and programs are told, with their values in force and who set them.
import type { Policy } from '../domain/policy.ts';
import { settingsUnder } from '../domain/setting.ts';
import type { Setting, SettingPlace, SettingPlaces, SettingValue } from '../domain/setting.ts';

/** In the order people are shown them: who starts what, how much at once, how often, how long, for how much. */
export function settingsOf(policy: Policy, places: SettingPlaces): readonly Setting[] {
  return valuesOf(policy).map(([key, value]) => ({ key, value, place: placeOf(key, places) }));
}

/** One, or all below it. */
export function settingsBelow(key: string, policy: Policy, places: SettingPlaces): readonly Setting[] {
  return settingsUnder(key, policy).map(([each, value]) => ({ key: each, value, place: placeOf(each, places) }));
}

function valuesOf(policy: Policy): readonly (readonly [key: string, value: SettingValue])[] {
  const { intake, engines, budget, circuit, cooldown_minutes, timeout_minutes } = policy;
  return [
    ['intake.label', intake.label],
    ['intake.permission', intake.permission],
    ['assignment', policy.assignment],
    ['parallel_max', policy.parallel_max],
    ['parallel_min', policy.parallel_min],
    ...engines.map(({ id, parallel_max }) => [`engines.${id}.parallel_max`, parallel_max] as const),
    ...engines.map(({ id, weight }) => [`engines.${id}.weight`, weight] as const),
    ['instances_max', policy.instances_max],
    ['runners_max', policy.runners_max],
    ['overlap', policy.overlap],
    ['patience_hours', policy.patience_hours],
    ['attempts_max', policy.attempts_max],
    ['infra_attempts_max', policy.infra_attempts_max],
    ['attempts_per_hour_max', policy.attempts_per_hour_max],
    ['backoff_minutes', policy.backoff_minutes],
    ['timeout_minutes.simple', timeout_minutes.simple],
    ['timeout_minutes.medium', timeout_minutes.medium],
    ['timeout_minutes.complex', timeout_minutes.complex],
    ['budget.task.usd', budget.task.usd],
    ['budget.task.tokens', budget.task.tokens],
    ['budget.day.usd', budget.day.usd],
    ['budget.day.tokens', budget.day.tokens],
    ['budget.month.usd', budget.month.usd],
    ['budget.month.tokens', budget.month.tokens],
    ['stop_on_failure', policy.stop_on_failure],
    ['circuit.tasks_max', circuit.tasks_max],
    ['circuit.window_minutes', circuit.window_minutes],
    ['circuit.cooldown_minutes', circuit.cooldown_minutes],
    ['cooldown_minutes.engine', cooldown_minutes.engine],
    ['cooldown_minutes.model', cooldown_minutes.model],
    ['sweep_hours_max', policy.sweep_hours_max],
    ['notify', policy.notify],
  ];
}

/** One value may stand for several, as in `timeout_minutes: 30`. */
function placeOf(key: string, places: SettingPlaces): SettingPlace {
  const levels = key.split('.');
  for (let depth = levels.length; depth > 0; depth -= 1) {
    const place = places.get(levels.slice(0, depth).join('.'));
    if (place !== undefined) return place;
  }
  return null;
}
