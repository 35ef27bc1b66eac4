// Owns the issues by which Orch says something about itself: what it saw, in figures, and what a person can do.
import type { Finding } from '../domain/finding.ts';
import { FINDING_QUIET_DAYS, FINDING_WINDOW_DAYS, findingKey } from '../domain/finding.ts';
import type { Instant } from '../domain/ids.ts';
import type { JobName } from '../domain/job.ts';
import type { Policy } from '../domain/policy.ts';
import { renderAmount, renderCount, renderInstant, renderList } from './amount-text.ts';
import { renderBody } from './body.ts';
import { cutChars } from './cut.ts';
import { inlineCode } from './escape.ts';
import { renderTask } from './link.ts';
import { renderMarker } from './marker.ts';
import { outcomeAdvice, outcomePredicate } from './outcome-text.ts';

export interface FindingAbout {
  readonly job: JobName;
  readonly at: Instant;
  readonly policy: Pick<Policy, 'intake' | 'timeout_minutes' | 'budget'>;
}

interface Words {
  /** Without figures: it stays true while they grow. */
  readonly title: string;
  readonly seen: string;
  readonly advice: string;
}

/** `marker` is the same for each finding of one key: it is what finds the issue again. */
export function renderFinding(
  finding: Finding,
  { job, at, policy }: FindingAbout,
): { readonly title: string; readonly body: string; readonly marker: string } {
  const { title, seen, advice } = wordsFor(finding, policy);
  const marker = renderMarker('finding', { key: findingKey(finding) });
  const about = `The job ${inlineCode(job)} found this in the history of Orch itself, ${renderInstant(at)}. It starts nothing: close it, or change something and then close it. While it is open, and for ${FINDING_QUIET_DAYS} days after it was said or closed, it is not said again. Should an engine work on it, somebody who may gives it the label ${inlineCode(policy.intake.label)}.`;
  const sections = [`**Seen:** ${seen}`, `**To do:** ${advice}`, about].map((text) => ({ text, rank: 0 }));
  return { title, body: renderBody(sections, marker), marker };
}

function wordsFor(finding: Finding, policy: FindingAbout['policy']): Words {
  switch (finding.kind) {
    case 'engine_fails':
      return engineWords(finding);
    case 'proof_fails':
      return {
        title: `${inlineCode(cutChars(finding.command, TITLE_COMMAND_CHARS_MAX))} fails on many tasks`,
        seen: `Within ${WINDOW}, ${inlineCode(finding.command)} was the last word on ${renderCount(finding.tasks, 'task')}, and failed on ${finding.failed} of them.`,
        advice:
          "Run it on the default branch first. If it passes there, say in the repository's own documents for engines what it expects; if it is slow or flaky, take it out of `verify:` until it is not.",
      };
    case 'people_wait':
      return {
        title: 'Tasks wait for people for a long time',
        seen: `${renderCount(finding.tasks, 'task')} ${finding.tasks === 1 ? 'has' : 'have'} needed a person for more than ${finding.days} days, longest ${renderList(finding.longest.map(renderTask), 'and')}.`,
        advice:
          'Each says in its comment what it needs. `/orch queue needs_review` lists them, `/orch skip` puts one aside, and `notify: errors` calls whoever let a task in.',
      };
    case 'time_runs_out':
      return {
        title: `Attempts on ${finding.complexity} tasks run out of time`,
        seen: `Within ${WINDOW}, ${finding.ended} of ${renderCount(finding.tries, 'attempt')} on ${finding.complexity} tasks reached the time limit, which is ${renderCount(policy.timeout_minutes[finding.complexity], 'minute')}.`,
        advice: `Raise \`timeout_minutes.${finding.complexity}\`, cut such issues smaller, or make \`setup:\` and \`verify:\` faster: all of it runs within the limit.`,
      };
    case 'circuit_opens':
      return {
        title: 'The same failure stops all starts again and again',
        seen: `Within ${WINDOW}, new starts were held back ${finding.times} times, since one task after the other failed in one way: the attempt ${outcomePredicate(finding.outcome)}.`,
        advice:
          outcomeAdvice(finding.outcome) ??
          'Look at the logs of the attempts that failed: the cause lies outside of the tasks.',
      };
    case 'limit_met':
      return {
        title: `${finding.engine}${finding.model === null ? '' : ` with ${finding.model}`} meets its limit nearly every day`,
        seen: `On ${finding.days} of the last ${finding.of_days} days an attempt ran into the limit of the model.`,
        advice: `Raise the limit with the vendor, give \`engines.${finding.engine}.weight\` a smaller figure, or lower \`engines.${finding.engine}.parallel_max\`.`,
      };
    case 'budget_reached': {
      const limit = policy.budget.day[finding.unit];
      const figure = limit === null ? 'it was' : `${renderAmount(finding.unit, limit)} now`;
      return {
        title: 'The budget of a day is used up on many days',
        seen: `On ${finding.days} of the last ${finding.of_days} days \`budget.day.${finding.unit}\` (${figure}) was reached, and nothing more started.`,
        advice:
          'Raise it if the work is worth it; else route simple tasks to cheaper models (`model_map:`), or let fewer issues in.',
      };
    }
  }
}

const TITLE_COMMAND_CHARS_MAX = 60;
const WINDOW = `${FINDING_WINDOW_DAYS} days`;

function engineWords(finding: Finding & { readonly kind: 'engine_fails' }): Words {
  const { engine, complexity, failed, tries, others_failed, others_tries } = finding;
  return {
    title: `${engine} fails far more often than others on ${complexity} tasks`,
    seen: `Within ${WINDOW}, ${failed} of ${renderCount(tries, 'attempt')} of ${engine} on ${complexity} tasks failed; of the other engines ${others_failed} of ${others_tries}.`,
    advice: `Lower \`engines.${engine}.weight\`, or send ${complexity} tasks elsewhere by \`rules:\`; a larger model for it stands under \`model_map.${complexity}\`.`,
  };
}
