import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PathItem } from './operation.ts';
import type { Schema } from './schema.ts';

/** Descriptions, read at build time from where upstream publishes them; all may be missing. */
interface Prose {
  /** By definition and field; the type's own text is under `''`. */
  readonly types: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** By place and name of a parameter, such as `query limit`; before them a verb, or path and verb, where it differs. */
  readonly parameters: Readonly<Record<string, string>>;
  /** By verb and path, of what is no resource: `get /version/`. */
  readonly operations: Readonly<Record<string, string>>;
}

const places = [
  // Bundled, this file is in `dist/chunks`.
  join(import.meta.dirname, '..', 'prose.json'),
  join(import.meta.dirname, '..', '..', '..', 'dist', 'prose.json'),
];
let loaded: Prose | undefined;

function prose(): Prose {
  if (loaded === undefined) {
    const place = places.find((p) => existsSync(p));
    loaded =
      place === undefined
        ? { types: {}, parameters: {}, operations: {} }
        : (JSON.parse(readFileSync(place, 'utf8')) as Prose);
  }
  return loaded;
}

/** The description of a type, or of one of its fields; undefined where none is at hand. */
export function describeType(definition: string, field = ''): string | undefined {
  const texts = prose().types[definition];
  return texts !== undefined && Object.hasOwn(texts, field) ? texts[field] : undefined;
}

/** Adds descriptions to a definition's schema. */
export function describeSchema(definition: string, schema: Schema): Schema {
  const own = describeType(definition);
  if (own !== undefined) schema['description'] = own;
  for (const [name, property] of Object.entries<Schema>(schema['properties'] ?? {})) {
    const text = withEnum(describeType(definition, name), property['enum']);
    if (text !== undefined) property['description'] = text;
  }
  return schema;
}

/** Upstream lists the values of an enumeration below the text. */
function withEnum(text: string | undefined, values: readonly string[] | undefined): string | undefined {
  if (values === undefined || text?.includes('Possible enum values:')) return text;
  const list = values.map((value) => ` - \`${JSON.stringify(value)}\``).join('\n');
  return `${text === undefined || text === '' ? '' : `${text}\n\n`}Possible enum values:\n${list}`;
}

/** Adds descriptions to a path's operations and their parameters. */
export function describePath(path: string, item: PathItem): PathItem {
  const { parameters: texts, operations } = prose();
  const describe = (verb: string, owner: { parameters?: Schema[] } | undefined): void => {
    for (const parameter of owner?.parameters ?? []) {
      const key = `${parameter['in']} ${parameter['name']}`;
      if (key === 'path name') continue;
      const text = [`${path} ${verb} ${key}`, `${verb} ${key}`, key].find((k) => Object.hasOwn(texts, k));
      if (text !== undefined) parameter['description'] = texts[text];
    }
  };
  describe('', item);
  for (const [verb, operation] of Object.entries(item)) {
    if (Array.isArray(operation)) continue;
    describe(verb, operation);
    const text = operations[`${verb} ${path}`];
    if (text !== undefined) (operation as Schema)['description'] = text;
  }
  return item;
}
