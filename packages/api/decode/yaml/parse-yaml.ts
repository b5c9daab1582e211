import { textOf } from '../decode-json.ts';
import { construct } from './construct.ts';
import { jsonAsYaml } from './json-as-yaml.ts';
import { parseDocument } from './parse-nodes.ts';
import { YamlSyntaxError } from './yaml-syntax-error.ts';

export interface ParsedYaml {
  /** JSON; numbers that no double holds are a `NumberLiteral`. */
  readonly value: unknown;
  /** go-yaml's complaint about keys that a mapping sets twice; '' when there are none. */
  readonly duplicates: string;
}

/**
 * Parses the first document of a YAML text into JSON values; a repeated key takes its last value.
 *
 * @throws YamlSyntaxError with go-yaml's text
 */
export function parseYaml(input: string | Uint8Array): ParsedYaml {
  try {
    const text = textOf(input);
    const json = jsonAsYaml(text);
    if (json !== undefined) return { value: json, duplicates: '' };
    const node = parseDocument(text, typeof input === 'string' ? undefined : input);
    if (node === undefined) return { value: null, duplicates: '' };
    const { value, duplicates } = construct(node);
    return { value, duplicates: told(duplicates) };
  } catch (cause) {
    // Nesting is followed on the stack where values are made, and aliases nest without end.
    if (cause instanceof RangeError) throw new YamlSyntaxError('yaml: exceeded max depth', { cause });
    throw cause;
  }
}

function told(duplicates: readonly string[]): string {
  if (duplicates.length === 0) return '';
  return ['yaml: unmarshal errors:', ...duplicates.map((line) => `  ${line}`)].join('\n');
}
