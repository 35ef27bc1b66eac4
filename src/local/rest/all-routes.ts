// Owns the list of REST operations the local GitHub answers; the first template that matches wins.
import { CODE_ROUTES } from './code-routes.ts';
import type { Route } from './router.ts';
import { ISSUE_ROUTES } from './routes.ts';

export const REST_ROUTES: readonly Route[] = [...ISSUE_ROUTES, ...CODE_ROUTES];
