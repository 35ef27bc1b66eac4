// Owns the mirror on a Projects v2 board: our fields created when absent, only differing values written, best effort.
import { z } from 'zod';
import { personFault } from '../domain/fault.ts';
import type { MirrorProject, ProjectFields } from '../domain/effect.ts';
import { NodeId } from '../domain/ids.ts';
import { TASK_STATES } from '../domain/task.ts';
import type { Client } from './client.ts';

export interface Board {
  readonly owner: string;
  readonly number: number;
}

/** Our own names: a board's built-in `Status` belongs to its people. */
const FIELDS = {
  status: { name: 'Orch status', type: 'SINGLE_SELECT' },
  engine: { name: 'Orch engine', type: 'TEXT' },
  complexity: { name: 'Orch complexity', type: 'TEXT' },
  attempts: { name: 'Orch attempts', type: 'NUMBER' },
  pr: { name: 'Orch PR', type: 'TEXT' },
  cost_usd: { name: 'Orch cost (USD)', type: 'NUMBER' },
} as const;
type FieldKey = keyof typeof FIELDS;
const KEYS: readonly FieldKey[] = ['status', 'engine', 'complexity', 'attempts', 'pr', 'cost_usd'];

const Field = z.object({
  id: NodeId,
  name: z.string(),
  options: z.array(z.object({ id: z.string(), name: z.string() })).optional(),
});
type Field = z.infer<typeof Field>;

const Found = z.object({
  repositoryOwner: z
    .object({
      projectV2: z
        .object({ id: NodeId, fields: z.object({ nodes: z.array(z.union([Field, z.looseObject({})]).nullable()) }) })
        .nullish(),
    })
    .nullish(),
});

const Value = z.object({
  text: z.string().nullish(),
  number: z.number().nullish(),
  name: z.string().nullish(),
  field: z.object({ name: z.string() }).nullish(),
});

const Item = z.object({ id: NodeId, fieldValues: z.object({ nodes: z.array(Value.nullable()) }) });
type Item = z.infer<typeof Item>;

const FIELD_SELECTION = `... on ProjectV2Field { id name } ... on ProjectV2SingleSelectField { id name options { id name } }`;

const FIND = `query Board($owner: String!, $number: Int!) {
  repositoryOwner(login: $owner) {
    ... on Organization { projectV2(number: $number) { id fields(first: 50) { nodes { ${FIELD_SELECTION} } } } }
    ... on User { projectV2(number: $number) { id fields(first: 50) { nodes { ${FIELD_SELECTION} } } } }
  }
}`;

const CREATE = `mutation CreateField($input: CreateProjectV2FieldInput!) {
  createProjectV2Field(input: $input) { projectV2Field { ${FIELD_SELECTION} } }
}`;

const ITEM_SELECTION = `id
  fieldValues(first: 30) {
    nodes {
      ... on ProjectV2ItemFieldTextValue { text field { ... on ProjectV2FieldCommon { name } } }
      ... on ProjectV2ItemFieldNumberValue { number field { ... on ProjectV2FieldCommon { name } } }
      ... on ProjectV2ItemFieldSingleSelectValue { name field { ... on ProjectV2FieldCommon { name } } }
    }
  }`;

const ADD = `mutation AddItem($input: AddProjectV2ItemByIdInput!) {
  addProjectV2ItemById(input: $input) { item { ${ITEM_SELECTION} } }
}`;

/** The board's newest: a draft is looked for soon after it was made, and again while its task goes on. */
const DRAFTS = `query Drafts($id: ID!) {
  node(id: $id) {
    ... on ProjectV2 { items(last: 100) { nodes { ${ITEM_SELECTION} content { ... on DraftIssue { body } } } } }
  }
}`;

const ADD_DRAFT = `mutation AddDraft($input: AddProjectV2DraftIssueInput!) {
  addProjectV2DraftIssue(input: $input) { projectItem { ${ITEM_SELECTION} } }
}`;

interface OpenBoard {
  readonly id: NodeId;
  readonly fields: ReadonlyMap<string, Field>;
}

/** The board is found once per process; adding an item that is there already gives it back. */
export function createMirror(client: Client, board: Board): (effect: MirrorProject) => Promise<void> {
  let opened: Promise<OpenBoard> | null = null;
  return async ({ item: wanted, fields }) => {
    opened ??= openBoard(client, board);
    const { id, fields: known } = await opened;
    const item = wanted.kind === 'issue' ? await addIssue(client, id, wanted.id) : await addDraft(client, id, wanted);
    const held = new Map(
      item.fieldValues.nodes.flatMap((value): [string, string | number | null][] =>
        value?.field == null ? [] : [[value.field.name, value.text ?? value.number ?? value.name ?? null]],
      ),
    );
    await writeDifferences(client, { project: id, item: item.id, known, held, fields });
  };
}

async function addIssue(client: Client, projectId: NodeId, contentId: NodeId): Promise<Item> {
  const { data } = await client.mutate(ADD, { input: { projectId, contentId } });
  return z.object({ addProjectV2ItemById: z.object({ item: Item }) }).parse(data).addProjectV2ItemById.item;
}

const Drafts = z.object({
  node: z.object({
    items: z.object({
      nodes: z.array(Item.extend({ content: z.object({ body: z.string().nullish() }).nullish() }).nullable()),
    }),
  }),
});

/** GitHub makes another draft each time it is asked: so the board is looked at first. */
async function addDraft(
  client: Client,
  projectId: NodeId,
  { title, body, marker }: MirrorProject['item'] & { readonly kind: 'draft' },
): Promise<Item> {
  const { data } = await client.query(DRAFTS, { id: projectId });
  const found = Drafts.parse(data).node.items.nodes.find((item) => item?.content?.body?.includes(marker) === true);
  if (found != null) return found;
  const made = await client.mutate(ADD_DRAFT, { input: { projectId, title, body } });
  return z.object({ addProjectV2DraftIssue: z.object({ projectItem: Item }) }).parse(made.data).addProjectV2DraftIssue
    .projectItem;
}

async function openBoard(client: Client, { owner, number }: Board): Promise<OpenBoard> {
  const { data } = await client.query(FIND, { owner, number });
  const project = Found.parse(data).repositoryOwner?.projectV2 ?? null;
  if (project === null) throw notReachable(owner, number);
  const fields = new Map(project.fields.nodes.flatMap((node): [string, Field][] => fieldIn(node)));
  for (const key of KEYS) {
    if (!fields.has(FIELDS[key].name)) fields.set(FIELDS[key].name, await createField(client, project.id, key));
  }
  return { id: project.id, fields };
}

function fieldIn(node: unknown): [string, Field][] {
  const parsed = Field.safeParse(node);
  return parsed.success ? [[parsed.data.name, parsed.data]] : [];
}

const Created = z.object({ createProjectV2Field: z.object({ projectV2Field: Field }) });

async function createField(client: Client, projectId: NodeId, key: FieldKey): Promise<Field> {
  const { name, type } = FIELDS[key];
  const options =
    type === 'SINGLE_SELECT'
      ? { singleSelectOptions: TASK_STATES.map((state) => ({ name: state, color: 'GRAY', description: '' })) }
      : {};
  const { data } = await client.mutate(CREATE, { input: { projectId, name, dataType: type, ...options } });
  return Created.parse(data).createProjectV2Field.projectV2Field;
}

interface Differences {
  readonly project: NodeId;
  readonly item: NodeId;
  readonly known: ReadonlyMap<string, Field>;
  readonly held: ReadonlyMap<string, string | number | null>;
  readonly fields: ProjectFields;
}

/** All differing values in one request; a value that is unknown to us is left as it is. */
async function writeDifferences(client: Client, { project, item, known, held, fields }: Differences): Promise<void> {
  const inputs = KEYS.flatMap((key) => {
    const field = known.get(FIELDS[key].name);
    const wanted = fields[key];
    if (field === undefined || wanted === null || held.get(field.name) === wanted) return [];
    const value = valueOf(field, wanted);
    return value === null ? [] : [{ projectId: project, itemId: item, fieldId: field.id, value }];
  });
  if (inputs.length === 0) return;
  const declared = inputs.map((_, i) => `$i${i}: UpdateProjectV2ItemFieldValueInput!`).join(', ');
  const each = inputs
    .map((_, i) => `m${i}: updateProjectV2ItemFieldValue(input: $i${i}) { clientMutationId }`)
    .join('\n');
  await client.mutate(
    `mutation SetFields(${declared}) {\n${each}\n}`,
    Object.fromEntries(inputs.map((input, i) => [`i${i}`, input])),
  );
}

/** null: somebody took the option away; the board's people decide what it offers. */
function valueOf(field: Field, wanted: string | number): Readonly<Record<string, unknown>> | null {
  if (field.options !== undefined) {
    const option = field.options.find(({ name }) => name === wanted);
    return option === undefined ? null : { singleSelectOptionId: option.id };
  }
  return typeof wanted === 'number' ? { number: wanted } : { text: wanted };
}

function notReachable(owner: string, number: number) {
  return personFault({
    title: 'The project board cannot be reached',
    cause: `project ${number} of ${owner} is not there for this token; GITHUB_TOKEN never reaches Projects v2`,
    remedy:
      'Give the GitHub App "organization projects: write", or pass `project-token`; or remove `project` from .github/orch.yml.',
  });
}
