import { maxNesting, type TypeFact } from '@coxswain/machinery';
import { planOf } from './decode-plan.ts';
import { Decoder } from './decoder.ts';
import { JsonSyntaxError, parseJsonExactly } from './json-parser.ts';
import { jsonTextTraits } from './json-text.ts';

export interface DecodeOptions {
  /** Collect unknown fields and fields named twice; else they are dropped in silence. */
  readonly strict: boolean;
}

export interface Decoded {
  /** The object as Go would write it again. */
  readonly object: any;
  /** `unknown field "spec.x"`, `duplicate field "data.a"`, in document order; empty unless strict. */
  readonly strictErrors: string[];
}

/**
 * Decodes a JSON document into a type as upstream's serializer does.
 *
 * @param input text, or bytes in UTF-8
 * @throws DecodeError, JsonSyntaxError with Go's text
 */
export function decodeJson(input: string | Uint8Array, type: TypeFact, options: DecodeOptions): Decoded {
  const text = textOf(input);
  const value = parseFast(text);
  if (value !== undefined) {
    const traits = jsonTextTraits(text);
    if (traits.depth > maxNesting) throw new JsonSyntaxError('exceeded max depth');
    if (traits.plainNumbers && (!options.strict || traits.members === countMembers(value))) {
      return run(new Decoder(options.strict, undefined, true), type, value);
    }
  }
  const parsed = parseJsonExactly(text);
  return run(new Decoder(options.strict, parsed.repeated), type, parsed.value);
}

/** As `decodeJson`, of a value that was parsed already: a patched object, say. */
export function decodeValue(value: unknown, type: TypeFact, options: DecodeOptions): Decoded {
  return run(new Decoder(options.strict), type, value);
}

function run(decoder: Decoder, type: TypeFact, value: unknown): Decoded {
  const object = decoder.decode(planOf(type), value);
  return { object, strictErrors: decoder.strictErrors };
}

/**
 * Parses a JSON document without a type, such as a patch.
 *
 * @throws SyntaxError where the text is no JSON, JsonSyntaxError where it is nested too deep
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (jsonTextTraits(text).depth > maxNesting) throw new JsonSyntaxError('exceeded max depth');
  return value;
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

export function textOf(input: string | Uint8Array): string {
  return typeof input === 'string' ? input : utf8.decode(input);
}

/** Undefined where the text is no JSON: the exact parser has the error's text. */
function parseFast(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += countMembers(item);
    return count;
  }
  for (const key of Object.keys(value)) count += 1 + countMembers((value as Record<string, unknown>)[key]);
  return count;
}
