// Owns the proof that the contract judges: right exchanges pass, and each kind of wrong one is caught and named.
import { beforeAll, describe, expect, test } from 'vitest';
import { createContract, type Contract } from '../../src/local/contract/contract.ts';
import type { Exchange, ViolationKind } from '../../src/local/contract/exchange.ts';

const label = {
  id: 1,
  node_id: 'LA_1',
  url: 'http://127.0.0.1/repos/acme/shop/labels/agent-todo',
  name: 'agent-todo',
  description: null,
  color: 'ededed',
  default: false,
};
const refused = {
  message: 'Not Found',
  documentation_url: 'https://docs.github.com/rest',
  status: '404',
};

function rest(exchange: Partial<Exchange> & Pick<Exchange, 'method' | 'path' | 'status'>): Exchange {
  return { surface: 'rest', request_body: undefined, response_body: undefined, ...exchange };
}

const labelRead = rest({
  method: 'GET',
  path: '/repos/acme/shop/labels/agent-todo',
  status: 200,
  response_body: label,
});
const labelMade = rest({
  method: 'POST',
  path: '/repos/acme/shop/labels',
  status: 201,
  request_body: { name: 'agent-todo', color: 'ededed' },
  response_body: label,
});

const issuesQuery = `query Issues($owner: String!, $first: Int!) {
  repository(owner: $owner, name: "shop") {
    issues(first: $first, states: [OPEN]) {
      totalCount
      nodes { number title createdAt author { login } blockedBy(first: 10) { nodes { number } } }
    }
  }
}`;
const issuesAnswer = {
  repository: {
    issues: {
      totalCount: 1,
      nodes: [
        {
          number: 7,
          title: 'Add a greeting',
          createdAt: '2026-11-20T10:00:00Z',
          author: { login: 'ada' },
          blockedBy: { nodes: [] },
        },
      ],
    },
  },
};

function graphql(query: string, variables: object, response_body: unknown): Exchange {
  return {
    surface: 'graphql',
    method: 'POST',
    path: '/graphql',
    status: 200,
    request_body: { query, variables },
    response_body,
  };
}

// Reading GitHub's schema takes 0.3 s, so the cases share one contract and look at the kinds each adds.
let contract: Contract;
beforeAll(() => {
  contract = createContract();
});

function judged(exchange: Exchange): readonly { kind: ViolationKind; message: string }[] {
  const before = contract.violations().length;
  contract.onExchange(exchange);
  return contract.violations().slice(before);
}

describe('REST, against GitHub’s OpenAPI description', () => {
  test('accepts what GitHub would ask and answer', () => {
    const right = [
      labelRead,
      labelMade,
      rest({
        method: 'GET',
        path: '/repos/acme/shop/labels?per_page=100&page=2',
        status: 200,
        response_body: [label],
      }),
      rest({
        method: 'GET',
        path: '/repos/acme/shop/git/ref/heads/main',
        status: 404,
        response_body: refused,
      }),
      rest({ method: 'DELETE', path: '/repos/acme/shop/labels/agent-todo', status: 204 }),
      rest({
        method: 'GET',
        path: '/repos/acme/shop/issues/comments?since=2026-11-20T10%3A00%3A00Z',
        status: 304,
      }),
    ];
    expect(right.flatMap(judged)).toEqual([]);
  });

  test('tells an issue’s comment from an issue', () => {
    expect(contract.operationOf('GET', '/repos/acme/shop/issues/comments')).toBe('issues/list-comments-for-repo');
    expect(contract.operationOf('GET', '/repos/acme/shop/issues/12')).toBe('issues/get');
    expect(contract.operationOf('GET', '/repos/acme/shop/issues/comments/12')).toBe('issues/get-comment');
    expect(contract.operationOf('GET', '/repos/acme/shop/compare/main...orch%2F7-greeting')).toBe(
      'repos/compare-commits-with-basehead',
    );
  });

  const { color: _color, ...colourless } = label;
  test.each<[string, Exchange, ViolationKind, RegExp]>([
    ['a required field is missing', { ...labelRead, response_body: colourless }, 'response_body', /'color'/],
    [
      'a field has another type',
      { ...labelRead, response_body: { ...label, id: '1' } },
      'response_body',
      /\/id must be integer/,
    ],
    [
      'a field is invented',
      { ...labelRead, response_body: { ...label, colour: 'red' } },
      'undocumented_field',
      /answered \/colour/,
    ],
    ['the status is another', { ...labelRead, status: 202 }, 'undocumented_status', /202/],
    [
      'the path is unknown',
      { ...labelRead, path: '/repos/acme/shop/lables' },
      'unknown_operation',
      /no such operation/,
    ],
    ['the method is unknown', { ...labelRead, method: 'PUT' }, 'unknown_operation', /no such operation/],
    ['the request lacks a field', { ...labelMade, request_body: { color: 'ededed' } }, 'request_body', /'name'/],
    ['the request has no body', { ...labelMade, request_body: undefined }, 'request_body', /requires a body/],
    [
      'the request invents a field',
      { ...labelMade, request_body: { name: 'x', colour: 'red' } },
      'undocumented_field',
      /sent \/colour/,
    ],
    ['the query is invented', { ...labelRead, path: `${labelRead.path}?fresh=true` }, 'query', /fresh/],
    [
      'a query value is impossible',
      { ...labelRead, path: '/repos/acme/shop/labels?page=two', response_body: [label] },
      'query',
      /page/,
    ],
    [
      'a deletion answers with a body',
      rest({ method: 'DELETE', path: '/repos/acme/shop/labels/x', status: 204, response_body: {} }),
      'response_body',
      /without a body/,
    ],
    ['an error is no error object', { ...labelRead, status: 404, response_body: [] }, 'response_body', /object/],
  ])('catches it when %s', (_title, exchange, kind, message) => {
    const found = judged(exchange);
    expect(found.map((violation) => violation.kind)).toEqual([kind]);
    expect(found[0]?.message).toMatch(message);
  });

  test('holds nobody to a promise that a failing server or a cut connection never made', () => {
    expect(judged({ ...labelRead, status: 502, response_body: '<html>' })).toEqual([]);
    expect(judged({ ...labelRead, status: 0, response_body: undefined })).toEqual([]);
  });

  test('lets a refused request be wrong, since refusing it is right', () => {
    const validation = {
      message: 'Validation Failed',
      documentation_url: 'https://docs.github.com/rest',
    };
    expect(judged({ ...labelMade, status: 422, request_body: {}, response_body: validation })).toEqual([]);
  });

  test('leaves git and artifacts to their real clients', () => {
    expect(judged({ ...labelRead, surface: 'git', path: '/acme/shop.git/info/refs' })).toEqual([]);
  });
});

describe('GraphQL, against GitHub’s schema and our marked extension', () => {
  const variables = { owner: 'acme', first: 50 };
  const issue = issuesAnswer.repository.issues.nodes[0];
  const answerWith = (change: object): unknown => ({
    data: { repository: { issues: { totalCount: 1, nodes: [{ ...issue, ...change }] } } },
  });

  test('accepts a document, its variables and an answer of its shape', () => {
    expect(judged(graphql(issuesQuery, variables, { data: issuesAnswer }))).toEqual([]);
  });

  test('accepts an error that leaves a nullable field empty, and an answer that is only an error', () => {
    const gone = {
      data: { repository: null },
      errors: [{ message: 'Could not resolve', path: ['repository'] }],
    };
    expect(judged(graphql(issuesQuery, variables, gone))).toEqual([]);
    expect(judged(graphql(issuesQuery, variables, { errors: [{ message: 'Something went wrong' }] }))).toEqual([]);
  });

  test('tells by its fields which type an answer of many types is', () => {
    const query = `query Board($id: ID!) { node(id: $id) { ... on ProjectV2 { field(name: "Status") {
      ... on ProjectV2Field { id } ... on ProjectV2SingleSelectField { id options { id name } } } } } }`;
    const answer = {
      data: { node: { field: { id: 'F1', options: [{ id: 'o1', name: 'Todo' }] } } },
    };
    expect(judged(graphql(query, { id: 'PVT_1' }, answer))).toEqual([]);
  });

  test.each<[string, Exchange, ViolationKind, RegExp]>([
    ['a field is misspelt', graphql(issuesQuery.replace('title', 'titel'), variables, {}), 'document', /titel/],
    ['the document is no GraphQL', graphql('query {', {}, {}), 'document', /Syntax Error/],
    [
      'records are asked for without a page',
      graphql(issuesQuery.replace('(first: 10)', ''), variables, {}),
      'document',
      /needs "first"/,
    ],
    ['a page is too large', graphql(issuesQuery, { ...variables, first: 101 }, {}), 'document', /101 records/],
    [
      'a field is deprecated',
      graphql('query Q { repository(owner: "a", name: "b") { pullRequest(number: 1) { databaseId } } }', {}, {}),
      'document',
      /deprecated/,
    ],
    ['a variable is missing', graphql(issuesQuery, { first: 5 }, {}), 'variables', /owner/],
    ['a variable has another type', graphql(issuesQuery, { ...variables, owner: 5 }, {}), 'variables', /owner/],
    ['a field is missing', graphql(issuesQuery, variables, { data: { repository: {} } }), 'result', /issues/],
    ['a required value is null', graphql(issuesQuery, variables, answerWith({ number: null })), 'result', /number/],
    ['a number is text', graphql(issuesQuery, variables, answerWith({ number: '7' })), 'result', /number/],
    [
      'a date is no date',
      graphql(issuesQuery, variables, answerWith({ createdAt: 'yesterday' })),
      'result',
      /DateTime/,
    ],
    [
      'more is answered than asked',
      graphql(issuesQuery, variables, answerWith({ body: 'x' })),
      'result',
      /not asked for/,
    ],
    ['neither data nor errors come', graphql(issuesQuery, variables, {}), 'result', /errors/],
  ])('catches it when %s', (_title, exchange, kind, message) => {
    const found = judged(exchange);
    expect(found.map((violation) => violation.kind)).toContain(kind);
    expect(found[0]?.message).toMatch(message);
  });

  test('refuses a call that could reach more than half a million nodes', () => {
    const query = `query Deep { repository(owner: "a", name: "b") { issues(first: 100) { nodes {
      comments(first: 100) { nodes { reactions(first: 100) { nodes { content } } } } } } } }`;
    expect(judged(graphql(query, {}, {})).map((violation) => violation.message)).toEqual([
      expect.stringMatching(/nodes; GitHub allows 500000/),
    ]);
  });
});

test('keeps each complaint once and counts what it saw', () => {
  const own = createContract();
  const wrong = { ...labelRead, response_body: {} };
  own.onExchange(wrong);
  const once = own.violations().length;
  own.onExchange(wrong);
  expect(own.violations()).toHaveLength(once);
  expect([...own.seen()]).toEqual([['issues/get-label', 2]]);
});
