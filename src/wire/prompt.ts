// Owns the text an engine is given: our rules and role from templates, the task's material in sections with budgets.
import type { Brief, Passage } from '../domain/brief.ts';
import { sha256 } from '../domain/digest.ts';
import { personFault } from '../domain/fault.ts';
import type { Digest } from '../domain/ids.ts';
import type { ProofResult } from '../domain/outcome.ts';
import type { Role } from '../domain/task.ts';
import { renderCount, renderMinutes } from './amount-text.ts';
import { byteLength, cutBytes, cutChars, tailBytes } from './cut.ts';
import { inlineCode, plainLine } from './escape.ts';
import { fenced, renderPassage, renderSaid } from './passage.ts';
import { fillSlots } from './slots.ts';
import type { Template } from './slots.ts';

export interface PromptTemplates {
  readonly rules: Template;
  /** The file of `rolePrompt`. */
  readonly role: Template;
}

export interface Prompt {
  readonly text: string;
  readonly sha256: Digest;
  /** What each section came to, for the log and for tests. */
  readonly sections: readonly { readonly name: string; readonly bytes: number }[];
}

/** Bytes of UTF-8; a section that has more is cut, and says by how much. */
export const SECTION_BYTES_MAX = {
  title: 500,
  body: 24_000,
  thread: 24_000,
  comment: 6_000,
  relations: 4_000,
  past: 12_000,
  past_attempt: 2_500,
  list: 4_000,
  failure: 8_000,
} as const;

const RELATIONS_MAX = 20;
const FAILURES_MAX = 5;

/** Name of a role's file below prompts/. */
export function rolePrompt(role: Role): string {
  if (role === 'code' || role === 'audit') return `${role}.md`;
  throw personFault({
    title: `The role ${role} does not run yet`,
    cause: `there is no prompts/${role}.md`,
    remedy: 'Take the role out of `rules:` in `.github/orch.yml`, or use `code`.',
  });
}

export function renderPrompt(templates: PromptTemplates, brief: Brief): Prompt {
  const sections = sectionsOf(brief).filter(({ text }) => text !== '');
  const material = sections.map(({ text }) => text).join('\n\n');
  const role = fillSlots(templates.role, {}).trim();
  const text = fillSlots(templates.rules, { ...rulesSlots(brief), role, material });
  return {
    text,
    sha256: sha256(text),
    sections: sections.map((section) => ({ name: section.name, bytes: byteLength(section.text) })),
  };
}

/** What goes back to the engine when the repository's own commands fail on its work. */
export function renderFeedback(template: Template, failed: readonly ProofResult[]): string {
  const failures = failed.slice(0, FAILURES_MAX).map(({ command, exit_code, tail }) => {
    const head = `${inlineCode(cutChars(command.join(' '), 500))} ended with exit code ${exit_code}. The end of its output:`;
    return `${head}\n${fenced(tailBytes(tail, SECTION_BYTES_MAX.failure), SECTION_BYTES_MAX.failure + 100)}`;
  });
  const more = failed.length - failures.length;
  return fillSlots(template, { failures: [...failures, ...(more > 0 ? [`and ${more} more`] : [])].join('\n\n') });
}

function rulesSlots(brief: Brief): Readonly<Record<string, string>> {
  const { repository, branch, timeout_minutes, sandbox, gate, verify } = brief;
  return {
    repository: `${repository.owner}/${repository.name}`,
    branch,
    time: renderMinutes(timeout_minutes),
    sandbox: SANDBOX[sandbox],
    protected_paths: cutBytes(gate.protected_paths.map(inlineCode).join(', ') || 'none', SECTION_BYTES_MAX.list),
    verify: verifyText(verify),
  };
}

const SANDBOX: Readonly<Record<Brief['sandbox'], string>> = {
  on: 'You are in a sandbox: files outside the checkout and most of the network are out of reach. Package registries can be reached. Do not try to get around it.',
  off: 'Use the network for package registries and documentation only.',
};

function verifyText(verify: Brief['verify']): string {
  if (verify.length === 0) return 'Nothing checks your work but you and the reviewer.';
  const commands = verify.map((command) => inlineCode(command.join(' '))).join(', then ');
  return `When you stop, these commands are run on your files, and must pass: ${cutBytes(commands, SECTION_BYTES_MAX.list)}.`;
}

interface Section {
  readonly name: string;
  readonly text: string;
}

function sectionsOf(brief: Brief): readonly Section[] {
  return [
    { name: 'issue', text: issueSection(brief) },
    {
      name: 'asked',
      text: brief.asked === null ? '' : `## What was asked\n\n${renderPassage(brief.asked, SECTION_BYTES_MAX.body)}`,
    },
    { name: 'thread', text: threadSection(brief) },
    { name: 'relations', text: relationsSection(brief) },
    { name: 'profile', text: profileSection(brief) },
    { name: 'past', text: pastSection(brief) },
  ];
}

function issueSection({ issue }: Brief): string {
  if (issue === null) return '';
  const title = cutBytes(plainLine(issue.title), SECTION_BYTES_MAX.title);
  return `## Issue #${issue.number}\n\n${renderPassage({ ...issue.body, text: `Title: ${title}\n\n${issue.body.text}` }, SECTION_BYTES_MAX.body)}`;
}

/** The newest words count most: when there are too many, the oldest go. */
function threadSection({ thread, thread_cut }: Brief): string {
  if (thread.length === 0) return '';
  const kept = newestWithin(thread);
  const left = thread.length - kept.length;
  const note =
    left > 0
      ? [`[cut: ${renderCount(left, 'older comment')} left out]`]
      : thread_cut
        ? ['[cut: older comments left out]']
        : [];
  return ['## Comments, oldest first', ...note, ...kept].join('\n\n');
}

function newestWithin(thread: readonly Passage[]): readonly string[] {
  const kept: string[] = [];
  let left = SECTION_BYTES_MAX.thread;
  for (const passage of thread.toReversed()) {
    const text = renderPassage(passage, SECTION_BYTES_MAX.comment);
    left -= byteLength(text);
    if (left < 0) break;
    kept.unshift(text);
  }
  return kept;
}

function relationsSection({ relations }: Brief): string {
  if (relations.length === 0) return '';
  const rows = relations
    .slice(0, RELATIONS_MAX)
    .map(
      ({ issue, title, open }) => `#${issue} (${open ? 'still open' : 'closed'}): ${cutChars(plainLine(title), 80)}`,
    );
  const more = relations.length - rows.length;
  return `## Issues it depends on\n\n${fenced([...rows, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'), SECTION_BYTES_MAX.relations)}`;
}

/** Ids out of the repository's own configuration; the router may choose among them and say nothing else. */
function profileSection({ profile: { skills, tools, constraints } }: Brief): string {
  const rows = [
    ...(skills.length === 0 ? [] : [`- Skills to use: ${skills.map(inlineCode).join(', ')}`]),
    ...(tools.length === 0 ? [] : [`- Tools to use: ${tools.map(inlineCode).join(', ')}`]),
    ...(constraints.length === 0 ? [] : [`- Constraints to keep: ${constraints.map(inlineCode).join(', ')}`]),
  ];
  return rows.length === 0
    ? ''
    : cutBytes(`## From the repository's configuration\n\n${rows.join('\n')}`, SECTION_BYTES_MAX.list);
}

function pastSection({ past, continues, attempt }: Brief): string {
  if (past.length === 0 && continues === null) return '';
  const here =
    continues === null
      ? 'Nothing of it is in the checkout.'
      : 'The work so far is in the checkout already: look at what it changed, and go on from there.';
  const told = past.map(({ number, engine, outcome, detail, summary }) => {
    const words = [`Outcome: ${outcome}${detail === '' ? '' : ` – ${detail}`}`, summary]
      .filter((part) => part.trim() !== '')
      .join('\n\n');
    return renderSaid(`${engine} in attempt ${number}`, words, SECTION_BYTES_MAX.past_attempt);
  });
  return cutSections(['## Earlier attempts', `This is attempt ${attempt}. ${here}`, ...told]);
}

/** Whole pieces only: a cut in the middle would leave a fence open. */
function cutSections(parts: readonly string[]): string {
  const [head = '', about = '', ...told] = parts;
  const kept: string[] = [];
  let left = SECTION_BYTES_MAX.past;
  for (const text of told.toReversed()) {
    left -= byteLength(text);
    if (left < 0) break;
    kept.unshift(text);
  }
  const missing = told.length - kept.length;
  return [
    head,
    about,
    ...(missing > 0 ? [`[cut: ${renderCount(missing, 'older attempt')} left out]`] : []),
    ...kept,
  ].join('\n\n');
}
