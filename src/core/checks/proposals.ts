// Owns the invariants of a change to the configuration: asked for, on a branch of its own, that file alone.
import { sameSource } from '../../domain/fold-journal.ts';
import type { ProposeAsked, ProposeChange } from '../../domain/effect.ts';
import { changeOf, CONFIG_PATH } from '../../domain/setting.ts';
import { effectsOf, journalAfter } from './checked.ts';
import type { Checked, Violation } from './checked.ts';

export function checkProposals(checked: Checked): readonly Violation[] {
  const here = effectsOf(checked.plan, 'propose_change');
  const asked = effectsOf(checked.plan, 'propose_asked');
  return [
    ...[...here, ...asked].flatMap((effect) => checkPatch(effect, checked)),
    ...here.flatMap((effect) => (isWanted(effect, checked) ? [] : [unasked(effect)])),
    ...asked.flatMap((effect) => (isInInbox(effect, checked) ? [] : [unasked(effect)])),
  ];
}

function unasked(effect: ProposeChange | ProposeAsked): Violation {
  const task = 'task' in effect ? effect.task : null;
  return { invariant: 'the configuration changes by a word only', task, detail: effect.proposal.branch };
}

function isWanted({ task, from }: ProposeChange, checked: Checked): boolean {
  return journalAfter(task, checked)?.changes.some((change) => sameSource(change.from, from)) ?? false;
}

/** It leaves the inbox when GitHub has answered, and not before. */
function isInInbox({ entry }: ProposeAsked, { plan, snapshot }: Checked): boolean {
  const found = snapshot.inbox.find(({ run, tip }) => run === entry.run && tip === entry.expected);
  const is_asked = found !== undefined && found.ask.kind === 'word' && changeOf(found.ask.command) !== null;
  return is_asked && !effectsOf(plan, 'clear_inbox').some(({ run }) => run === entry.run);
}

function checkPatch(effect: ProposeChange | ProposeAsked, { snapshot }: Checked): readonly Violation[] {
  const { branch, base, base_sha, path } = effect.proposal;
  const { default_branch, base: head } = snapshot.repository;
  const holds =
    /^orch\/config-[0-9a-f]+$/.test(branch) && base === default_branch && base_sha === head && path === CONFIG_PATH;
  const task = 'task' in effect ? effect.task : null;
  return holds
    ? []
    : [{ invariant: 'a change of the configuration stays on a branch of its own', task, detail: branch }];
}
