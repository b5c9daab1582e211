import { maxNesting, type TypeFact } from '@coxswain/machinery';
import { type Decoded, type DecodeOptions, decodeValue } from './decode-json.ts';
import { plainJson } from './plain-json.ts';
import { parseYaml } from './yaml/parse-yaml.ts';

/**
 * As `decodeJson`, of the first document of a YAML text. Without a type the values are only parsed.
 *
 * @throws YamlSyntaxError, DecodeError with Go's text
 */
export function decodeYaml(
  input: string | Uint8Array,
  type: TypeFact | undefined,
  options: DecodeOptions,
): Decoded {
  const { value, duplicates } = parseYaml(input);
  const strictErrors = options.strict && duplicates !== '' ? [duplicates] : [];
  if (type === undefined) return { object: plainJson(value, maxNesting), strictErrors };
  const decoded = decodeValue(value ?? {}, type, options);
  return { object: decoded.object, strictErrors: [...strictErrors, ...decoded.strictErrors] };
}

/** Splits a YAML stream at its `---` lines; documents of nothing but comments and blanks are left out. */
export function splitYamlDocuments(text: string): string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/^---(?:[ \t]+#.*|[ \t]*)\r?(?:\n|$)/m)
    .filter((document) => document.split('\n').some((line) => !/^\s*(?:#.*)?$/.test(line)));
}
