// Owns the list of GraphQL mutations; a document runs its own one after the other, each with its own outcome.
import { ISSUE_MUTATIONS } from './issue-mutations.ts';
import type { Mutation } from './lookups.ts';
import { PROJECT_MUTATIONS } from './project-mutations.ts';
import { PULL_MUTATIONS } from './pull-mutations.ts';

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  ...ISSUE_MUTATIONS,
  ...PULL_MUTATIONS,
  ...PROJECT_MUTATIONS,
};
