import { ExitWith, Failure } from './error-text.ts';
import type { Session } from './session.ts';
import { kubectlCommand, type Verb } from './verb.ts';

const verb: Verb = {
  usage: 'explain TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group]',
  summary: 'Describe fields and structure of various resources.',
  flags: {
    'api-version': { type: 'string', help: 'Version to explain, as group/version' },
    output: { type: 'string', shorthand: 'o', default: 'plaintext', help: 'plaintext' },
    recursive: { type: 'bool', shorthand: 'R', default: 'false', help: 'Show the fields of fields' },
  },
  run,
};

export const explain = kubectlCommand('explain', verb);

/** kubectl's: descriptions are wrapped to this width, without their indentation. */
const wrapWidth = 76;

/** An OpenAPI v3 schema, as far as it is explained. */
interface Schema {
  readonly description?: string;
  readonly type?: string;
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly 'x-kubernetes-group-version-kind'?: readonly { group: string; version: string; kind: string }[];
}

type Schemas = Readonly<Record<string, Schema>>;

async function run(session: Session): Promise<number> {
  const { flags, args } = session;
  const [path] = args;
  if (path === undefined) {
    throw new Failure(
      'You must specify the type of resource to explain. Use "cox api-resources" for a complete list of supported resources.',
    );
  }
  if (args.length > 1) throw new Failure('We accept only this format: explain RESOURCE');
  const [type = '', ...fields] = path.replace(/\.$/, '').split('.');
  const wanted = flags.string('api-version');
  const discovery = await session.discovery();
  const found = await discovery.resourceFor(type).catch((error: Error) => {
    throw error instanceof Failure ? new ExitWith(1, error.message) : error;
  });
  const [group, version] = wanted === undefined ? [found.group, found.version] : splitVersion(wanted);
  const place = group === '' ? `api/${version}` : `apis/${group}/${version}`;
  const document = await (await session.rest()).json(`/openapi/v3/${place}`);
  const schemas = (document.components?.schemas ?? {}) as Schemas;
  const root = Object.values(schemas).find((schema) =>
    schema['x-kubernetes-group-version-kind']?.some(
      (gvk) => gvk.group === group && gvk.version === version && gvk.kind === found.kind,
    ),
  );
  if (root === undefined)
    throw new Failure(`GVR (${group}/${version}, Resource=${found.resource}) not found in OpenAPI schema`);
  session.out(
    `${group === '' ? '' : `GROUP:      ${group}\n`}KIND:       ${found.kind}\nVERSION:    ${version}\n\n`,
  );
  session.out(explainPath(schemas, root, fields, flags.bool('recursive')));
  return 0;
}

function splitVersion(text: string): [group: string, version: string] {
  const slash = text.indexOf('/');
  return slash < 0 ? ['', text] : [text.slice(0, slash), text.slice(slash + 1)];
}

/** The text about the field that a path of names leads to. Throws `Failure` where it leads nowhere. */
export function explainPath(
  schemas: Schemas,
  root: Schema,
  fields: readonly string[],
  recursive: boolean,
): string {
  let schema = root;
  for (const field of fields) {
    const next = propertiesOf(schemas, schema)?.[field];
    if (next === undefined) throw new Failure(`field "${field}" does not exist`);
    schema = next;
  }
  let text = '';
  const last = fields.at(-1);
  if (last !== undefined) {
    text += `FIELD: ${last} <${typeName(schemas, schema)}>\n`;
    text +=
      schema.enum === undefined ? '\n' : `ENUM:\n${schema.enum.map((value) => `    ${value}\n`).join('')}`;
    text += '\n';
  }
  const parts = descriptions(schemas, schema);
  text += 'DESCRIPTION:\n';
  text += parts.length === 0 ? '    <empty>\n' : `${parts.map(wrapped).join('')}    \n`;
  const properties = propertiesOf(schemas, schema);
  if (properties !== undefined) text += `FIELDS:\n${fieldLines(schemas, schema, recursive, 1, new Set())}`;
  return `${text}\n`;
}

function fieldLines(
  schemas: Schemas,
  schema: Schema,
  recursive: boolean,
  level: number,
  above: ReadonlySet<Schema>,
): string {
  const owner = resolved(schemas, schema);
  const required = owner.required ?? [];
  const indent = '  '.repeat(level);
  const entries = Object.entries(propertiesOf(schemas, schema) ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries
    .map(([name, field]) => {
      const mark = required.includes(name) ? ' -required-' : '';
      let text = `${indent}${name}\t<${typeName(schemas, field)}>${mark}\n`;
      if (field.enum !== undefined) text += `${indent}enum: ${enumText(field.enum)}\n`;
      if (!recursive) {
        const description = field.description ?? '';
        return `${text}${description === '' ? '    <no description>\n' : wrapped(description)}\n`;
      }
      const target = resolved(schemas, field);
      // A type that holds itself would never end.
      if (above.has(target)) return text;
      return text + fieldLines(schemas, field, true, level + 1, new Set([...above, target]));
    })
    .join('');
}

function enumText(values: readonly unknown[]): string {
  const shown = values
    .slice(0, 4)
    .map((value) => (value === '' ? '""' : value))
    .join(', ');
  return values.length > 4 ? `${shown}, ....` : shown;
}

/** The object type behind references, lists and maps. */
function resolved(schemas: Schemas, schema: Schema): Schema {
  if (schema.$ref !== undefined) {
    const target = schemas[schema.$ref.split('/').at(-1) as string];
    return target === undefined ? schema : resolved(schemas, target);
  }
  if (schema.allOf?.[0] !== undefined) return resolved(schemas, schema.allOf[0]);
  if (schema.items !== undefined) return resolved(schemas, schema.items);
  if (typeof schema.additionalProperties === 'object') return resolved(schemas, schema.additionalProperties);
  return schema;
}

function propertiesOf(schemas: Schemas, schema: Schema): Readonly<Record<string, Schema>> | undefined {
  return resolved(schemas, schema).properties;
}

function typeName(schemas: Schemas, schema: Schema): string {
  if (schema.$ref !== undefined) {
    const { type } = resolved(schemas, schema);
    // Names of types that are mere texts in JSON, such as Time, tell nothing.
    return type === undefined || type === 'object' ? (schema.$ref.split('.').at(-1) as string) : type;
  }
  if (schema.allOf?.[0] !== undefined) return typeName(schemas, schema.allOf[0]);
  if (schema.items !== undefined) return `[]${typeName(schemas, schema.items)}`;
  if (typeof schema.additionalProperties === 'object') {
    return `map[string]${typeName(schemas, schema.additionalProperties)}`;
  }
  return schema.type === 'object' || schema.type === undefined ? 'Object' : schema.type;
}

/** What the field says of itself, then what its type says. */
function descriptions(schemas: Schemas, schema: Schema): string[] {
  const own = schema.description ?? '';
  const target = resolved(schemas, schema);
  const below = target === schema ? '' : (target.description ?? '');
  return [own, below].filter((text) => text !== '');
}

function wrapped(text: string): string {
  const lines = text.split('\n').flatMap((line) => {
    const out: string[] = [];
    let current = '';
    const lead = /^\s*/.exec(line)?.[0] ?? '';
    for (const word of line.trim().split(/\s+/)) {
      if (current !== '' && current.length + 1 + word.length > wrapWidth) {
        out.push(current);
        current = word;
      } else current = current === '' ? lead + word : `${current} ${word}`;
    }
    return [...out, current];
  });
  return lines.map((line) => `    ${line}\n`).join('');
}
