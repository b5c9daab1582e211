import {
  bool,
  bytes,
  type CelType,
  double,
  duration,
  dyn,
  int,
  listOf,
  mapOf,
  type ObjectType,
  string,
  timestamp,
} from '../types.ts';

/** What a structural schema says of types. */
export interface TypedSchema {
  readonly type?: string;
  readonly format?: string;
  readonly items?: TypedSchema;
  readonly properties?: Readonly<Record<string, TypedSchema>>;
  readonly additionalProperties?: TypedSchema | boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
}

const reserved: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

/** A property's name as expressions write it; undefined where they cannot. */
export function escapeName(name: string): string | undefined {
  if (reserved.has(name)) return `__${name}__`;
  if (!/^[A-Za-z_./-][\w./-]*$/.test(name)) return undefined;
  return name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__');
}

/** What is known of the metadata in rules. */
const metadata = objectType(
  'objectMeta',
  new Map([
    ['name', string],
    ['generateName', string],
  ]),
);

/** The type that expressions see of a schema's values; undefined where they may not look at them. */
export function celTypeOf(schema: TypedSchema, isResource: boolean): CelType | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) return dyn;
  switch (schema.type) {
    case 'array': {
      const items = schema.items === undefined ? undefined : celTypeOf(schema.items, embeds(schema.items));
      return items === undefined ? undefined : listOf(items);
    }
    case 'object':
      return celTypeOfObject(schema, isResource);
    case 'string':
      return textType(schema.format);
    case 'boolean':
      return bool;
    case 'number':
      return double;
    case 'integer':
      return int;
    default:
      return undefined;
  }
}

const embeds = (schema: TypedSchema): boolean => schema['x-kubernetes-embedded-resource'] === true;

function textType(format: string | undefined): CelType {
  switch (format) {
    case 'byte':
      return bytes;
    case 'duration':
      return duration;
    case 'date':
    case 'date-time':
      return timestamp;
    default:
      return string;
  }
}

function celTypeOfObject(schema: TypedSchema, isResource: boolean): CelType | undefined {
  const additional = schema.additionalProperties;
  if (typeof additional === 'object') {
    const values = celTypeOf(additional, embeds(additional));
    return values === undefined ? undefined : mapOf(string, values);
  }
  const fields = new Map<string, CelType>();
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const type = celTypeOf(property, embeds(property));
    if (type !== undefined) fields.set(name, type);
  }
  if (isResource) {
    fields.set('apiVersion', string);
    fields.set('kind', string);
    fields.set('metadata', metadata);
  }
  return objectType('object', fields);
}

/** @param fields types by the names in JSON */
function objectType(
  name: string,
  fields: ReadonlyMap<string, CelType>,
): ObjectType & {
  jsonName(field: string): string;
} {
  const escaped = new Map<string, string>();
  for (const field of fields.keys()) {
    const text = escapeName(field);
    if (text !== undefined) escaped.set(text, field);
  }
  return {
    kind: 'object',
    name,
    field: (field) => {
      const own = escaped.get(field);
      return own === undefined ? undefined : fields.get(own);
    },
    names: () => [...escaped.keys()],
    jsonName: (field) => escaped.get(field) ?? field,
  };
}
