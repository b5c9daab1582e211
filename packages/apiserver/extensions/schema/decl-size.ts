import { escapeName } from '@coxswain/cel';
import type { Int64 } from '@coxswain/machinery';
import { additionalSchema, type Schema } from './schema.ts';

/** The largest request there may be: nothing in it is larger. */
const maxRequestBytes = 3 * 1024 * 1024;
/** A text's quotes. */
const quotes = 2;
const minStringBytes = 2;
const minBoolBytes = 4;
const minNumberBytes = 1;
const minDurationBytes = 3;
const minDateTimeBytes = 21;
const dateBytes = 12;
/** The longest duration and time there are, with their quotes. */
const maxTimeBytes = 32;
/** A character takes up to four bytes. */
const bytesPerCharacter = 4;

/** How large the values of a schema may be, as upstream estimates it for the cost of rules. */
export interface DeclSize {
  /** The bytes of the smallest JSON. */
  readonly minBytes: number;
  /** Items, entries, characters or bytes at most; 0 of what has no size. */
  readonly maxElements: number;
  /** Of the items of a list or the values of a map. */
  readonly elements?: DeclSize;
  readonly isMap?: boolean;
  /** Of an object: by the names that expressions use. */
  readonly fields?: ReadonlyMap<string, DeclSize>;
}

const text = (minBytes: number, maxElements: number): DeclSize => ({ minBytes, maxElements });
const anyText = text(minStringBytes, maxRequestBytes - quotes);
const metadata: DeclSize = {
  minBytes: 2,
  maxElements: 0,
  fields: new Map([
    ['name', anyText],
    ['generateName', anyText],
  ]),
};

/** How often values of at least so many bytes fit into one request. */
export function maxCardinality(minBytes: number): number {
  return Math.floor(maxRequestBytes / (minBytes + 1));
}

/** Undefined where expressions may not look at the values. */
export function declSizeOf(schema: Schema, isResource: boolean): DeclSize | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) {
    return text(minNumberBytes, characters(schema.maxLength) ?? maxRequestBytes - quotes);
  }
  switch (schema.type) {
    case 'array': {
      const { items } = schema;
      const elements = items === undefined ? undefined : declSizeOf(items, embeds(items));
      if (elements === undefined) return undefined;
      const fitting = Math.floor((maxRequestBytes - 2) / (elements.minBytes + 1));
      return { minBytes: 2, maxElements: positive(schema.maxItems) ?? fitting, elements };
    }
    case 'object':
      return sizeOfObject(schema, isResource);
    case 'string':
      return sizeOfText(schema);
    case 'boolean':
      return text(minBoolBytes, 0);
    case 'number':
    case 'integer':
      return text(minNumberBytes, 0);
    default:
      return undefined;
  }
}

const embeds = (schema: Schema): boolean => schema['x-kubernetes-embedded-resource'] === true;
const positive = (limit: Int64 | undefined): number | undefined =>
  limit === undefined ? undefined : Math.max(Number(limit), 0);

function characters(limit: Int64 | undefined): number | undefined {
  return limit === undefined ? undefined : Math.max(Number(limit), 0) * bytesPerCharacter;
}

function sizeOfObject(schema: Schema, isResource: boolean): DeclSize | undefined {
  const additional = additionalSchema(schema);
  if (additional !== undefined) {
    const elements = declSizeOf(additional, embeds(additional));
    if (elements === undefined) return undefined;
    // Beside the value, an entry has at least a key of two characters in quotes, a colon and a comma.
    const fitting = Math.floor((maxRequestBytes - 2) / (elements.minBytes + 6));
    return { minBytes: 2, maxElements: positive(schema.maxProperties) ?? fitting, elements, isMap: true };
  }
  const fields = new Map<string, DeclSize>();
  const required = new Set(schema.required ?? []);
  let minBytes = 2;
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const size = declSizeOf(property, embeds(property));
    if (size === undefined) continue;
    const escaped = escapeName(name);
    if (escaped !== undefined) fields.set(escaped, size);
    // Quotes, colon and comma.
    if (required.has(name) && property.default === undefined) minBytes += name.length + size.minBytes + 4;
  }
  if (isResource) {
    fields.set('apiVersion', anyText);
    fields.set('kind', anyText);
    fields.set('metadata', metadata);
  }
  return { minBytes, maxElements: 0, fields };
}

function sizeOfText(schema: Schema): DeclSize {
  switch (schema.format) {
    case 'byte':
      return text(minStringBytes, positive(schema.maxLength) ?? maxRequestBytes - quotes);
    case 'duration':
      return text(minDurationBytes, maxTimeBytes);
    case 'date':
      return text(dateBytes, dateBytes);
    case 'date-time':
      return text(minDateTimeBytes, maxTimeBytes);
    default:
  }
  const choices = (schema.enum ?? []).filter((one) => typeof one === 'string');
  const longest = Math.max(0, ...choices.map((one) => Buffer.byteLength(one)));
  const most = (schema.enum?.length ?? 0) > 0 ? longest : maxRequestBytes - quotes;
  return text(minStringBytes, characters(schema.maxLength) ?? most);
}

/** The size of what a path leads to; its first step is the variable. */
export function sizeAt(root: DeclSize, path: readonly string[]): DeclSize | undefined {
  let at: DeclSize | undefined = root;
  for (const step of path.slice(1)) {
    if (step === '@items' || step === '@values') at = at?.elements;
    else if (step === '@keys') at = at?.isMap === true ? text(minStringBytes, 0) : undefined;
    else at = at?.fields?.get(step);
    if (at === undefined) return undefined;
  }
  return at;
}
