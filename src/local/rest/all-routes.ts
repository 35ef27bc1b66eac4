// Owns the list of REST operations the local GitHub answers; the first template that matches wins.
import { ARTIFACT_ROUTES } from './artifact-routes.ts';
import { CODE_ROUTES } from './code-routes.ts';
import { OBJECT_ROUTES } from './object-routes.ts';
import type { Route } from './router.ts';
import { ISSUE_ROUTES } from './routes.ts';

export const REST_ROUTES: readonly Route[] = [...ISSUE_ROUTES, ...CODE_ROUTES, ...OBJECT_ROUTES, ...ARTIFACT_ROUTES];
