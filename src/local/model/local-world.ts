// Owns what people do by hand: each verb is one person acting in the browser, by login and number.
import { addSubIssue } from './sub-issues.ts';
import * as actions from './actions.ts';
import * as comments from './comments.ts';
import * as issues from './issues.ts';
import { createMilestone, setMilestone } from './milestones.ts';
import * as pulls from './pulls.ts';
import { deleteRef } from './refs.ts';
import type { Comment, Elsewhere, Issue, Job, Milestone, Project, ProjectField, Run } from './state.ts';
import { Refused } from './state.ts';
import { World } from './world.ts';

export type TokenAsk =
  | {
      readonly kind: 'job';
      readonly run: number;
      readonly job: number;
      readonly permissions: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'pat'; readonly login: string }
  | { readonly kind: 'app'; readonly permissions: Readonly<Record<string, string>> };

export interface NewProject {
  /** The repository's owner when absent. */
  readonly owner?: string;
  readonly owner_kind?: Project['owner_kind'];
  readonly number: number;
  readonly title: string;
}

export class LocalWorld extends World {
  openIssue(by: string, title: string, body = '', labels: readonly string[] = []): Issue {
    return issues.openIssue(this, this.as(by), { title, body, labels });
  }

  label(by: string, number: number, label: string): void {
    issues.addLabel(this, this.as(by), this.issue(number), label);
  }

  unlabel(by: string, number: number, label: string): void {
    issues.removeLabel(this, this.as(by), this.issue(number), label);
  }

  comment(by: string, number: number, body: string): Comment {
    return comments.addComment(this, this.as(by), this.issue(number), body);
  }

  editComment(by: string, id: number, body: string): void {
    comments.editComment(this, this.as(by), this.commentBy(id), body);
  }

  deleteComment(by: string, id: number): void {
    comments.deleteComment(this, this.as(by), this.commentBy(id));
  }

  close(by: string, number: number, reason: 'completed' | 'not_planned' = 'completed'): void {
    issues.closeIssue(this, this.as(by), this.issue(number), reason);
  }

  reopen(by: string, number: number): void {
    issues.reopenIssue(this, this.as(by), this.issue(number));
  }

  deleteIssue(by: string, number: number): void {
    issues.deleteIssue(this, this.as(by), this.issue(number));
  }

  /** `to`: where it is from then on. */
  transferIssue(by: string, number: number, to: Elsewhere): void {
    issues.transferIssue(this, this.as(by), this.issue(number), to);
  }

  adopt(parent: number, child: number): void {
    addSubIssue(this, { parent: this.issue(parent), child: this.issue(child), replaces: false });
  }

  /** Puts an issue under a milestone, which is made when there is none of that title. */
  plan(by: string, number: number, { title, due_on }: { readonly title: string; readonly due_on?: string }): Milestone {
    const known = [...this.milestones.values()].find((one) => one.title === title);
    const milestone = known ?? createMilestone(this, this.as(by), { title, due_on: due_on ?? null });
    setMilestone(this, this.issue(number), milestone);
    return milestone;
  }

  /** `number` waits for `blocker`. */
  block(number: number, blocker: number): void {
    issues.addDependency(this, this.issue(number), this.issue(blocker));
  }

  unblock(number: number, blocker: number): void {
    issues.removeDependency(this, this.issue(number), this.issue(blocker));
  }

  editIssue(by: string, number: number, change: { readonly title?: string; readonly body?: string }): void {
    const { title, body } = this.issue(number);
    issues.editIssue(this, this.as(by), this.issue(number), { title, body, ...change });
  }

  openPull(by: string, pull: Omit<pulls.NewPull, 'draft'> & { readonly draft?: boolean }): Issue {
    return pulls.createPull(this, this.as(by), { draft: false, ...pull });
  }

  /** Its text is what links it to issues. */
  editPull(by: string, number: number, change: { readonly title?: string; readonly body?: string }): void {
    const { title, body } = this.issue(number);
    pulls.editPull(this, this.as(by), this.issue(number), { title, body, ...change });
  }

  mergePull(by: string, number: number, method: 'merge' | 'squash' | 'rebase' = 'merge'): string {
    return pulls.mergePull(this, this.as(by), this.issue(number), { method });
  }

  closePull(by: string, number: number): void {
    pulls.closePull(this, this.as(by), this.issue(number));
  }

  reopenPull(by: string, number: number): void {
    pulls.reopenPull(this, this.as(by), this.issue(number));
  }

  /** Commits files on top of a branch and pushes them; `null` removes a file. Gives back the commit. */
  push(
    by: string,
    branch: string,
    files: Readonly<Record<string, string | null>>,
    message = `Change ${branch}`,
  ): string {
    const ref = `refs/heads/${branch}`;
    const from = this.git.resolve(ref);
    const to = this.git.commitFiles(branch, files, message);
    pulls.refsMoved(this, this.as(by), [{ ref, from, to }]);
    return to;
  }

  deleteBranch(by: string, branch: string): void {
    deleteRef(this, this.as(by), `refs/heads/${branch}`);
  }

  issueToken(ask: TokenAsk): string {
    switch (ask.kind) {
      case 'job':
        return actions.issueJobToken(this, ask);
      case 'pat':
        return actions.issueUserToken(this, ask.login);
      case 'app':
        return actions.issueAppToken(this, ask.permissions);
    }
  }

  /** A board with the two fields every new one has. */
  addProject({ owner = this.options.owner, owner_kind = 'Organization', number, title }: NewProject): Project {
    const option = (name: string) => ({ id: `O${this.id()}`, name });
    const fields: ProjectField[] = [
      { id: `PVTF_${this.id()}`, name: 'Title', type: 'TITLE', options: [] },
      {
        id: `PVTSSF_${this.id()}`,
        name: 'Status',
        type: 'SINGLE_SELECT',
        options: ['Todo', 'In Progress', 'Done'].map(option),
      },
    ];
    const project: Project = { id: `PVT_${this.id()}`, owner, owner_kind, number, title, fields, items: [] };
    this.projects.push(project);
    return project;
  }

  /** A run under way, with a job that a token can be issued for. */
  addRun(run: { readonly event?: string; readonly actor?: string; readonly title?: string } = {}): Run {
    return actions.openRun(this, { event: 'workflow_dispatch', actor: this.options.owner, title: 'Orch', ...run });
  }

  /** Its token dies when the job is completed. */
  addJob(
    run: number,
    name: string,
    permissions: Readonly<Record<string, string>> = {},
  ): { readonly job: Job; readonly token: string } {
    const job = actions.openJob(this, { run, name });
    actions.startJob(this, job.id);
    return { job, token: actions.issueJobToken(this, { run, job: job.id, permissions }) };
  }

  /** A conclusion completes it. */
  updateJob(id: number, change: { readonly status?: 'queued' | 'in_progress'; readonly conclusion?: string }): void {
    if (change.conclusion !== undefined) actions.closeJob(this, id, change.conclusion);
    else if (change.status === 'in_progress') actions.startJob(this, id);
  }

  /** From the Actions tab: its jobs and what they left go with it. */
  deleteRun(run: number): void {
    actions.deleteRun(this, run);
  }

  closeRun(run: number, conclusion: string): void {
    actions.closeRun(this, run, conclusion);
  }

  commentBy(id: number): Comment {
    const comment = this.comments.get(id);
    if (comment === undefined) throw new Refused(404, 'Not Found');
    return comment;
  }
}
