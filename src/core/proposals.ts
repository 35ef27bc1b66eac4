// Owns changes of the configuration that people ask for: whether one is proposed, and that it is, until GitHub answers.
import type { Proposal } from '../domain/decision.ts';
import { sha256 } from '../domain/digest.ts';
import { BranchName } from '../domain/ids.ts';
import type { Instant } from '../domain/ids.ts';
import { isBefore, plusMinutes } from '../domain/instant.ts';
import type { Commanded } from '../domain/journal.ts';
import type { RefusalNotice } from '../domain/notice.ts';
import { changeKey, changeOf, settingsUnder } from '../domain/setting.ts';
import type { ConfigChange, ConfigEdit } from '../domain/setting.ts';
import { commandOf } from '../domain/spoken.ts';
import type { Draft } from './draft.ts';
import { record } from './draft.ts';
import type { World } from './world.ts';

/** A change that GitHub will not take is not asked for any longer. */
const ASKED_MINUTES_MAX = 24 * 60;
const DIGEST_CHARS = 12;

/** null: it is proposed. */
export function judgeChange(change: ConfigChange, { snapshot }: World): RefusalNotice | null {
  const edit = snapshot.config_edits?.get(changeKey(change)) ?? UNREAD;
  switch (edit.kind) {
    case 'edited':
      return null;
    case 'same':
      return { kind: 'already_set' };
    case 'refused':
      return { kind: 'wrong_setting', problem: edit.problem };
  }
}

/** null: there is such a setting, or none is named. */
export function judgeKey(key: string | null, { policy }: World): RefusalNotice | null {
  if (key === null || settingsUnder(key, policy).length > 0) return null;
  const problem = 'is not a setting that this repository has';
  const remedy = 'See docs/configuration.md for the keys there are; `/orch settings` shows those of the queue.';
  return { kind: 'wrong_setting', problem: { line: null, key, problem, remedy } };
}

const UNREAD: ConfigEdit = {
  kind: 'refused',
  problem: { line: null, key: '', problem: 'The configuration was not read', remedy: 'Say it again in a minute.' },
};

/** null: it changes nothing any more. */
export function proposalOf(asked: Pick<Proposal, 'from' | 'by' | 'change'>, { snapshot }: World): Proposal | null {
  const edit = snapshot.config_edits?.get(changeKey(asked.change));
  if (edit?.kind !== 'edited') return null;
  return { ...asked, branch: branchOf(asked.change, edit.before), before: edit.before, after: edit.after };
}

/** The same wish on the same file is the same branch, and so the same pull request. */
function branchOf(change: ConfigChange, before: string | null): BranchName {
  return BranchName.parse(`orch/config-${sha256(JSON.stringify([change, before])).slice(0, DIGEST_CHARS)}`);
}

/** null: the file says so already, or cannot. */
export function branchFor(change: ConfigChange, { snapshot }: World): BranchName | null {
  const edit = snapshot.config_edits?.get(changeKey(change));
  return edit?.kind === 'edited' ? branchOf(change, edit.before) : null;
}

/** Asked for again until it is known what came of it. */
export function propose(draft: Draft, world: World): Draft {
  return draft.journal.changes.reduce((so_far, change) => proposeOne(so_far, change, world), draft);
}

function proposeOne(draft: Draft, commanded: Commanded, world: World): Draft {
  const { from, by, at } = commanded;
  const change = changeOf(commandOf(commanded));
  const proposal = change === null || isOld(at, world) ? null : proposalOf({ from, by, change }, world);
  if (proposal !== null) return { ...draft, proposals: [...draft.proposals, proposal] };
  const settled = {
    kind: 'proposed',
    at: world.snapshot.at,
    from,
    pr: null,
    detail: isOld(at, world) ? 'GitHub did not take it within a day.' : 'It changes nothing any more.',
  } as const;
  return record(draft, [settled], { kind: 'drops_change', by });
}

export function isOld(at: Instant, { snapshot }: World): boolean {
  return isBefore(plusMinutes(at, ASKED_MINUTES_MAX), snapshot.at);
}
