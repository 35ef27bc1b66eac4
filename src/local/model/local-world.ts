// Owns what people do by hand: each verb is one person acting in the browser, by login and number.
import { issueAppToken, issueJobToken, issueUserToken } from './actions.ts';
import * as comments from './comments.ts';
import * as issues from './issues.ts';
import * as pulls from './pulls.ts';
import { deleteRef } from './refs.ts';
import type { Comment, Issue } from './state.ts';
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

  /** `number` waits for `blocker`. */
  block(number: number, blocker: number): void {
    issues.addDependency(this, this.issue(number), this.issue(blocker));
  }

  openPull(by: string, pull: Omit<pulls.NewPull, 'draft'> & { readonly draft?: boolean }): Issue {
    return pulls.createPull(this, this.as(by), { draft: false, ...pull });
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
        return issueJobToken(this, ask);
      case 'pat':
        return issueUserToken(this, ask.login);
      case 'app':
        return issueAppToken(this, ask.permissions);
    }
  }

  commentBy(id: number): Comment {
    const comment = this.comments.get(id);
    if (comment === undefined) throw new Refused(404, 'Not Found');
    return comment;
  }
}
