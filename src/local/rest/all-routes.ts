// Owns the list of REST operations the local GitHub answers; the first template that matches wins.
import { ACTIONS_ROUTES } from './actions-routes.ts';
import { APP_ROUTES } from './app-routes.ts';
import { ARTIFACT_ROUTES } from './artifact-routes.ts';
import { CHECK_ROUTES } from './check-routes.ts';
import { COMMENT_ROUTES } from './comment-routes.ts';
import { ISSUE_ROUTES } from './issue-routes.ts';
import { OBJECT_ROUTES } from './object-routes.ts';
import { PULL_ROUTES } from './pull-routes.ts';
import { REF_ROUTES } from './ref-routes.ts';
import { REPOSITORY_ROUTES } from './repository-routes.ts';
import { REVIEW_ROUTES } from './review-routes.ts';
import type { Route } from './router.ts';

/** Comments stand before issues: `/issues/comments` is no issue's number. */
export const REST_ROUTES: readonly Route[] = [
  ...REPOSITORY_ROUTES,
  ...COMMENT_ROUTES,
  ...ISSUE_ROUTES,
  ...PULL_ROUTES,
  ...REVIEW_ROUTES,
  ...REF_ROUTES,
  ...ACTIONS_ROUTES,
  ...CHECK_ROUTES,
  ...APP_ROUTES,
  ...OBJECT_ROUTES,
  ...ARTIFACT_ROUTES,
];
