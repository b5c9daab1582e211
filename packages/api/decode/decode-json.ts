import { maxNesting, readJson, type TypeFact } from '@coxswain/machinery';
import { planOf } from './decode-plan.ts';
import { Decoder } from './decoder.ts';
import { goString } from './go-string.ts';
import { JsonSyntaxError, parseJsonExactly } from './json-parser.ts';
import { countMembers, jsonTextTraits, tooDeep } from './json-text.ts';
import { plainJson } from './plain-json.ts';

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
  return decodeParsedJson(text, parseFast(text), type, options);
}

/**
 * The same where the text is parsed already.
 *
 * @param value what `parseFast` gives of the text; it becomes part of the object
 */
export function decodeParsedJson(
  text: string,
  value: unknown,
  type: TypeFact,
  options: DecodeOptions,
): Decoded {
  if (value === null) return run(new Decoder(options.strict), type, {});
  if (value !== undefined) {
    const traits = jsonTextTraits(text);
    if (traits.depth > maxNesting) throw new JsonSyntaxError(tooDeep);
    if (traits.plainNumbers && traits.members === countMembers(value)) {
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
  return readAgain(text, JSON.parse(text));
}

/**
 * What a text says, where it is known what `JSON.parse` makes of it: the same, but for whole numbers that no double
 * holds.
 *
 * @throws JsonSyntaxError where it is nested too deep, DecodeError where no double holds a number
 */
export function readAgain(text: string, value: unknown): unknown {
  const { depth, plainNumbers } = jsonTextTraits(text);
  if (depth > maxNesting) throw new JsonSyntaxError(tooDeep);
  if (plainNumbers) return value;
  return mayBeInfinite.test(text) ? plainJson(parseJsonExactly(text).value, maxNesting) : readJson(text);
}

/** What a number beyond all doubles looks like: Go refuses it, by the text. */
const mayBeInfinite = /[eE]\+?\d{3}|\d{309}/;

export function textOf(input: string | Uint8Array): string {
  return typeof input === 'string' ? input : goString(input);
}

/** Undefined where the text is no JSON: the exact parser has the error's text. */
export function parseFast(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}
