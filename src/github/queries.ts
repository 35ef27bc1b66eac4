// Owns the GraphQL text: one request reads all that a tick needs of the API.

/** Relations reach into other repositories, whose issues have the same numbers. */
const RELATED = 'number title state repository { nameWithOwner }';

/** Fields that older servers lack; asked for in this one place. */
const DEPENDENCIES = `
  blockedBy(first: 50) { nodes { ${RELATED} } }
  subIssues(first: 100) { nodes { ${RELATED} } }
  parent { number repository { nameWithOwner } }
`;

const PULL = `
  id number state isDraft isCrossRepository headRefName headRefOid baseRefName changedFiles closedAt reviewDecision
  mergedBy { login }
`;

const COMMENT = 'id viewerDidAuthor body author { login } editor { login }';

/** 6 connections: 601 nodes asked for by 100 tasks, 6 points. */
const TASK = (dependencies: boolean) => `
  id number title body state stateReason createdAt updatedAt
  author { login }
  labels(first: 100) { nodes { id name } }
  milestone { title state dueOn }
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

/** What may stand under a number: an issue, or a pull request, whose branch tells its task. */
const SUBJECT = (dependencies: boolean) => `
  __typename
  ... on Issue { ${TASK(dependencies)} }
  ... on PullRequest { id headRefName isCrossRepository }
`;

/** An issue that was transferred keeps its id, and has another repository's number. */
const NODE = (dependencies: boolean) => `
  __typename
  ... on Issue { ${TASK(dependencies)} repository { nameWithOwner } }
`;

const LISTED = (dependencies: boolean) => `
  issues(filterBy: $filter, first: $first, after: $after, orderBy: { field: UPDATED_AT, direction: ASC }) {
    totalCount pageInfo { hasNextPage endCursor } nodes { __typename ${TASK(dependencies)} }
  }
`;

const NEWEST = (dependencies: boolean) => `
  newest: issues(filterBy: $filter, first: $first, after: $newest, orderBy: { field: UPDATED_AT, direction: DESC }) {
    totalCount pageInfo { hasNextPage endCursor } nodes { __typename ${TASK(dependencies)} }
  }
`;

const RATE = 'rateLimit { cost remaining limit }';

/** Titles, branch and label names are other people's text: they travel as variables `head0`, `label0` and so on. */
function each(name: string, count: number, render: (variable: string, alias: string) => string): string {
  return Array.from({ length: count }, (_, i) => render(`$${name}${i}`, `${name}${i}`)).join('\n');
}

function declared(name: string, count: number): string {
  return Array.from({ length: count }, (_, i) => `, $${name}${i}: String!`).join('');
}

const BY_HEAD = (variable: string, alias: string) =>
  `${alias}: pullRequests(headRefName: ${variable}, first: 5, orderBy: { field: CREATED_AT, direction: DESC }) { nodes { ${PULL} } }`;

const BY_NUMBER = (number: number) => `pull${number}: pullRequest(number: ${number}) { ${PULL} }`;

const BY_NAME = (variable: string, alias: string) => `${alias}: label(name: ${variable}) { id name }`;

export interface ObserveShape {
  readonly dependencies: boolean;
  readonly named: boolean;
  readonly ids: boolean;
  /** Labels whose ids are asked for by name. */
  readonly labels: number;
  /** Branch names of tasks whose pull request no issue links. */
  readonly heads: number;
}

export function observeQuery({ dependencies, named, ids, labels, heads }: ObserveShape): string {
  const variables = `$owner: String!, $name: String!, $filter: IssueFilters, $first: Int!, $after: String${
    named ? ', $issue: Int!' : ''
  }${ids ? ', $ids: [ID!]!' : ''}${declared('label', labels)}${declared('head', heads)}`;
  return `query Observe(${variables}) {
    ${RATE}
    repository(owner: $owner, name: $name) {
      id
      url
      defaultBranchRef { name target { oid } }
      policy: object(expression: "HEAD:.github/orch.yml") { ... on Blob { text } }
      ${each('label', labels, BY_NAME)}
      ${named ? `named: issueOrPullRequest(number: $issue) { ${SUBJECT(dependencies)} }` : ''}
      ${LISTED(dependencies)}
      ${each('head', heads, BY_HEAD)}
    }
    ${ids ? `nodes(ids: $ids) { ${NODE(dependencies)} }` : ''}
  }`;
}

export function pageQuery(dependencies: boolean, ends: 'oldest' | 'both'): string {
  const is_both = ends === 'both';
  return `query Page($owner: String!, $name: String!, $filter: IssueFilters, $first: Int!, $after: String${
    is_both ? ', $newest: String' : ''
  }) {
    ${RATE}
    repository(owner: $owner, name: $name) { ${LISTED(dependencies)} ${is_both ? NEWEST(dependencies) : ''} }
  }`;
}

export function nodesQuery(dependencies: boolean): string {
  return `query Nodes($ids: [ID!]!) { ${RATE} nodes(ids: $ids) { ${NODE(dependencies)} } }`;
}

/** At most 20 a request. */
export function subjectsQuery(numbers: readonly number[], dependencies: boolean): string {
  const subjects = numbers.map(
    (number) => `subject${number}: issueOrPullRequest(number: ${number}) { ${SUBJECT(dependencies)} }`,
  );
  return `query Subjects($owner: String!, $name: String!) {
    ${RATE}
    repository(owner: $owner, name: $name) { url ${subjects.join('\n')} }
  }`;
}

export function detailsQuery(dependencies: boolean, heads: number): string {
  return `query Details($owner: String!, $name: String!, $ids: [ID!]!${declared('head', heads)}) {
    ${RATE}
    repository(owner: $owner, name: $name) { url ${each('head', heads, BY_HEAD)} }
    nodes(ids: $ids) {
      ${NODE(dependencies)}
      ... on Issue { thread: comments(last: 50) { totalCount nodes { body createdAt authorAssociation author { login } } } }
    }
  }`;
}

/** Pull requests that no issue links, or not among its first: 50 connections at most, a point. */
export function pullsQuery(heads: number, numbers: readonly number[]): string {
  return `query Pulls($owner: String!, $name: String!${declared('head', heads)}) {
    ${RATE}
    repository(owner: $owner, name: $name) { url ${each('head', heads, BY_HEAD)} ${numbers.map(BY_NUMBER).join('\n')} }
  }`;
}

export const COMMENTS_BY_ID = `query CommentsById($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on IssueComment { ${COMMENT} } } }`;

/** Whether issues named in `Depends on #n` are open; at most 50 a request. */
export function statesQuery(numbers: readonly number[]): string {
  const states = numbers.map(
    (number) =>
      `issue${number}: issueOrPullRequest(number: ${number}) { ... on Issue { title state } ... on PullRequest { title pull_state: state } }`,
  );
  return `query States($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { url ${states.join('\n')} } }`;
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
