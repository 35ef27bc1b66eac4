// Owns comments and reactions: written, edited and deleted by people and by tokens.
import { checkText, issuePayload, touch } from './issues.ts';
import { Refused, type Actor, type Comment, type Issue, type Reaction } from './state.ts';
import type { World } from './world.ts';

export function addComment(world: World, actor: Actor, issue: Issue, body: string): Comment {
  checkText(body, 'IssueComment');
  const at = world.now();
  const comment: Comment = {
    id: world.id(),
    issue: issue.number,
    author: actor.person,
    body,
    created_at: at,
    updated_at: at,
    editor: null,
    edited_at: null,
    reactions: new Map(),
  };
  world.comments.set(comment.id, comment);
  const beside = world.comments_by_issue.get(issue.number) ?? new Set();
  world.comments_by_issue.set(issue.number, beside.add(comment));
  touch(world, issue);
  emitComment(world, actor, comment, 'created');
  return comment;
}

function emitComment(world: World, actor: Actor, comment: Comment, action: string): void {
  const { id, body, author, created_at, updated_at } = comment;
  const user = { login: author.login, id: author.id, type: author.type };
  world.emit('issue_comment', actor, {
    action,
    issue: issuePayload(world, world.issue(comment.issue)),
    comment: { id, node_id: `IC_${id}`, body, user, created_at, updated_at },
  });
}

export function editComment(world: World, actor: Actor, comment: Comment, body: string): void {
  checkText(body, 'IssueComment');
  if (body === comment.body) return;
  comment.body = body;
  comment.updated_at = world.now();
  comment.editor = actor.person;
  comment.edited_at = comment.updated_at;
  touch(world, world.issue(comment.issue));
  emitComment(world, actor, comment, 'edited');
}

export function deleteComment(world: World, actor: Actor, comment: Comment): void {
  world.comments.delete(comment.id);
  world.comments_by_issue.get(comment.issue)?.delete(comment);
  touch(world, world.issue(comment.issue));
  emitComment(world, actor, comment, 'deleted');
}

/** `created` is false when it was there: GitHub answers 200 then instead of 201. */
export function react(
  world: World,
  actor: Actor,
  comment: Comment,
  content: string,
): { readonly reaction: Reaction; readonly created: boolean } {
  const key = `${actor.person.login} ${content}`;
  const known = comment.reactions.get(key);
  if (known !== undefined) return { reaction: known, created: false };
  const reaction: Reaction = { id: world.id(), by: actor.person, content, at: world.now() };
  comment.reactions.set(key, reaction);
  return { reaction, created: true };
}

/** One's own; 404 when there is none. */
export function unreact(actor: Actor, comment: Comment, content: string): Reaction {
  const key = `${actor.person.login} ${content}`;
  const known = comment.reactions.get(key);
  if (known === undefined) throw new Refused(404, 'Not Found');
  comment.reactions.delete(key);
  return known;
}

/** Oldest first. */
export function commentsOf(world: World, issue: number): readonly Comment[] {
  return [...(world.comments_by_issue.get(issue) ?? [])];
}
