// Owns the GraphQL text: one request reads all that a tick needs of the API.

/** Fields the published schema lacks (it predates issue dependencies); asked for in this one place. */
const DEPENDENCIES = 'blockedBy(first: 50) { nodes { number title state } }';

const PULL = `
  id number state isDraft isCrossRepository headRefName headRefOid baseRefName changedFiles closedAt
  mergedBy { login }
`;

const COMMENT = 'id viewerDidAuthor body author { login } editor { login }';

/** 5 connections: 501 nodes asked for by 100 tasks, 5 points. */
const TASK = (dependencies: boolean) => `
  id number title body state stateReason createdAt updatedAt
  author { login }
  labels(first: 50) { nodes { name } }
  timelineItems(last: 30, itemTypes: [LABELED_EVENT, REOPENED_EVENT]) {
    nodes {
      __typename
      ... on LabeledEvent { createdAt actor { __typename login } label { name } }
      ... on ReopenedEvent { createdAt actor { __typename login } }
    }
  }
  comments(last: 20) { totalCount nodes { ${COMMENT} } }
  closedByPullRequestsReferences(first: 5, includeClosedPrs: true) { nodes { ${PULL} } }
  ${dependencies ? DEPENDENCIES : ''}
`;

const RATE = 'rateLimit { cost remaining limit }';

export interface ObserveShape {
  readonly dependencies: boolean;
  readonly named: boolean;
  readonly listed: boolean;
  readonly ids: boolean;
  /** Branch names of tasks whose pull request no issue links. */
  readonly heads: number;
}

export function observeQuery({ dependencies, named, listed, ids, heads }: ObserveShape): string {
  const variables = [
    '$owner: String!, $name: String!',
    ...(named ? ['$issue: Int!'] : []),
    ...(listed ? ['$filter: IssueFilters, $first: Int!, $after: String'] : []),
    ...(ids ? ['$ids: [ID!]!'] : []),
    ...Array.from({ length: heads }, (_, i) => `$head${i}: String!`),
  ];
  const by_head = Array.from(
    { length: heads },
    (_, i) =>
      `head${i}: pullRequests(headRefName: $head${i}, first: 5, orderBy: { field: CREATED_AT, direction: DESC }) { nodes { ${PULL} } }`,
  );
  return `query Observe(${variables.join(', ')}) {
    ${RATE}
    repository(owner: $owner, name: $name) {
      id
      url
      defaultBranchRef { name target { oid } }
      policy: object(expression: "HEAD:.github/orch.yml") { ... on Blob { text } }
      labels(first: 100) { nodes { id name } }
      ${named ? `named: issueOrPullRequest(number: $issue) { __typename ... on Issue { ${TASK(dependencies)} } ... on PullRequest { headRefName } }` : ''}
      ${listed ? `issues(filterBy: $filter, first: $first, after: $after, orderBy: { field: UPDATED_AT, direction: ASC }) { pageInfo { hasNextPage endCursor } nodes { ${TASK(dependencies)} } }` : ''}
      ${by_head.join('\n')}
    }
    ${ids ? `nodes(ids: $ids) { __typename ... on Issue { ${TASK(dependencies)} repository { nameWithOwner } } }` : ''}
  }`;
}

export function pageQuery(dependencies: boolean): string {
  return `query Page($owner: String!, $name: String!, $filter: IssueFilters, $first: Int!, $after: String) {
    ${RATE}
    repository(owner: $owner, name: $name) {
      issues(filterBy: $filter, first: $first, after: $after, orderBy: { field: UPDATED_AT, direction: ASC }) {
        pageInfo { hasNextPage endCursor } nodes { ${TASK(dependencies)} }
      }
    }
  }`;
}

export function detailsQuery(dependencies: boolean, heads: number): string {
  const variables = Array.from({ length: heads }, (_, i) => `, $head${i}: String!`).join('');
  const by_head = Array.from(
    { length: heads },
    (_, i) =>
      `head${i}: pullRequests(headRefName: $head${i}, first: 5, orderBy: { field: CREATED_AT, direction: DESC }) { nodes { ${PULL} } }`,
  );
  return `query Details($owner: String!, $name: String!, $ids: [ID!]!${variables}) {
    ${RATE}
    repository(owner: $owner, name: $name) { url ${by_head.join('\n')} }
    nodes(ids: $ids) {
      __typename
      ... on Issue {
        ${TASK(dependencies)}
        repository { nameWithOwner }
        thread: comments(last: 50) { totalCount nodes { body createdAt authorAssociation author { login } } }
      }
    }
  }`;
}

export const COMMENTS_BY_ID = `query CommentsById($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on IssueComment { ${COMMENT} } } }`;

/** Whether issues named in `Depends on #n` are open; at most 50 a request. */
export function statesQuery(numbers: readonly number[]): string {
  const each = numbers.map(
    (number) => `issue${number}: issueOrPullRequest(number: ${number}) { __typename ... on Issue { title state } }`,
  );
  return `query States($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { url ${each.join('\n')} } }`;
}

/** Earlier versions of the configuration file, newest first. */
export const POLICY_HISTORY = `query PolicyHistory($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    defaultBranchRef {
      target {
        ... on Commit {
          history(first: 20, path: ".github/orch.yml") {
            nodes { oid file(path: ".github/orch.yml") { object { ... on Blob { text } } } }
          }
        }
      }
    }
  }
}`;

export const POLICY_OF = `query PolicyOf($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) { policy: object(expression: "HEAD:.github/orch.yml") { ... on Blob { text } } }
}`;
