import { maxNesting, type TypeFact } from '@coxswain/machinery';
import { decodeProtobufAs, openProtobuf } from '../protobuf/envelope.ts';
import { ProtobufError } from '../protobuf/wire-reader.ts';
import { type Decoded, decodeParsedJson, decodeValue, readAgain, textOf } from './decode-json.ts';
import { duplicateFields } from './duplicate-fields.ts';
import { namesTwice } from './json-text.ts';
import { plainJson } from './plain-json.ts';
import { parseWithTypeMeta, type TypeMeta, typeMetaOf } from './type-meta.ts';
import { parseYaml } from './yaml/parse-yaml.ts';

export type DocumentFormat = 'json' | 'yaml' | 'protobuf';

/** A document that tells its kind and is not decoded yet. */
export interface DocumentSource {
  readonly meta: TypeMeta;
  /** As Go would write it after reading it into the type. To be asked for once: what was parsed becomes part of it. */
  decode(type: TypeFact, strict: boolean): Decoded;
  /** What the document says, for kinds without a Go type: no protobuf has such. */
  untyped(strict: boolean): Decoded;
}

/**
 * Reads as much of a document as tells its version and kind.
 *
 * @throws TypeMetaError, YamlSyntaxError, ProtobufError with Go's text
 */
export function openDocument(bytes: Uint8Array, format: DocumentFormat): DocumentSource {
  switch (format) {
    case 'protobuf':
      return protobufSource(bytes);
    case 'yaml':
      return yamlSource(bytes);
    case 'json':
      return jsonSource(textOf(bytes));
  }
}

function jsonSource(text: string): DocumentSource {
  const value = parseWithTypeMeta(text);
  return {
    meta: typeMetaOf(value),
    decode: (type, strict) => decodeParsedJson(text, value, type, { strict }),
    untyped: (strict) => {
      const object = readAgain(text, value);
      return { object, strictErrors: strict && namesTwice(text, value) ? duplicateFields(text) : [] };
    },
  };
}

function yamlSource(bytes: Uint8Array): DocumentSource {
  const { value, duplicates } = parseYaml(bytes);
  const source = valueSource(value, duplicates === '' ? [] : [duplicates]);
  return {
    ...source,
    untyped: (strict) => {
      const { object, strictErrors } = source.untyped(strict);
      return { object: plainJson(object, maxNesting), strictErrors };
    },
  };
}

/** A document that is parsed already. @param repeated what it says twice */
export function valueSource(value: unknown, repeated: readonly string[] = []): DocumentSource {
  const own = (strict: boolean): readonly string[] => (strict ? repeated : []);
  return {
    meta: typeMetaOf(value),
    decode: (type, strict) => {
      const { object, strictErrors } = decodeValue(value ?? {}, type, { strict });
      return { object, strictErrors: [...own(strict), ...strictErrors] };
    },
    untyped: (strict) => ({ object: value, strictErrors: [...own(strict)] }),
  };
}

function protobufSource(bytes: Uint8Array): DocumentSource {
  const document = openProtobuf(bytes);
  return {
    meta: document,
    decode: (type) => ({ object: decodeProtobufAs(document, type), strictErrors: [] }),
    untyped: () => {
      throw new ProtobufError(
        'object *unstructured.Unstructured does not implement the protobuf marshalling interface and cannot be encoded to a protobuf message',
      );
    },
  };
}
