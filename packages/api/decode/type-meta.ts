import { parseFast } from './decode-json.ts';
import { JsonSyntaxError, NumberLiteral, parseJsonExactly } from './json-parser.ts';

/** What a document says of its kind; '' where it says nothing. */
export interface TypeMeta {
  readonly apiVersion: string;
  readonly kind: string;
}

/** The version and kind of a document cannot be told; the message is upstream's. */
export class TypeMetaError extends Error {
  override readonly name = 'TypeMetaError';
  readonly code = 'ERR_TYPE_META';
}

/** Go prints the anonymous struct that upstream reads the two fields into. */
const goType =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/**
 * Reads apiVersion and kind as upstream's SimpleMetaFactory does: with the standard library, that is without
 * regard to case.
 *
 * @throws TypeMetaError
 */
export function readTypeMeta(text: string): TypeMeta {
  return typeMetaOf(parseWithTypeMeta(text));
}

/** Parses a document whose apiVersion and kind are to be read; broken ones are told of as if they were read. */
export function parseWithTypeMeta(text: string): unknown {
  return parseFast(text) ?? parseOrThrow(text);
}

function parseOrThrow(text: string): unknown {
  try {
    return parseJsonExactly(text).value;
  } catch (cause) {
    if (!(cause instanceof JsonSyntaxError)) throw cause;
    throw new TypeMetaError(`couldn't get version/kind; json parse error: ${cause.message}`, { cause });
  }
}

/** The same of a value that is parsed already. */
export function typeMetaOf(value: unknown): TypeMeta {
  if (value === null) return { apiVersion: '', kind: '' };
  const shown = kindOf(value);
  if (shown !== 'object') fail(`cannot unmarshal ${shown} into Go value of type ${goType}`);
  const members = value as Record<string, unknown>;
  let apiVersion = '';
  let kind = '';
  let misfit: string | undefined;
  for (const key in members) {
    const name = key.length === 4 || key.length === 10 ? key.toLowerCase() : '';
    if (name !== 'kind' && name !== 'apiversion') continue;
    const member = members[key];
    if (typeof member === 'string') {
      if (name === 'kind') kind = member;
      else apiVersion = member;
    } else if (member !== null) {
      const field = name === 'kind' ? 'kind' : 'apiVersion';
      misfit ??= `cannot unmarshal ${kindOf(member)} into Go struct field .${field} of type string`;
    }
  }
  if (misfit !== undefined) fail(misfit);
  if (apiVersion.split('/').length > 2) {
    throw new TypeMetaError(`unexpected GroupVersion string: ${apiVersion}`);
  }
  return { apiVersion, kind };
}

function fail(message: string): never {
  throw new TypeMetaError(`couldn't get version/kind; json parse error: json: ${message}`);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (value instanceof NumberLiteral) return 'number';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
