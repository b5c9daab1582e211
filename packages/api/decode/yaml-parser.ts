import * as yaml from 'js-yaml';
import { duplicateKeys } from './yaml-duplicates.ts';
import { goYamlSchema } from './yaml-schema.ts';
import { YamlSyntaxError, yamlToJson } from './yaml-to-json.ts';

export interface ParsedYaml {
  readonly value: unknown;
  /** go-yaml's complaint about keys that a mapping sets twice; '' when there are none. */
  readonly duplicates: string;
}

/** Parses the first document of a YAML text into JSON values; a repeated key takes its last value. */
export function parseYaml(text: string): ParsedYaml {
  try {
    return { value: load(text, false), duplicates: '' };
  } catch (cause) {
    if (overflows(cause)) throw new YamlSyntaxError(tooDeep, { cause });
    if (!(cause instanceof yaml.YAMLException)) throw cause;
    if (isAfterFlow(text, cause)) return parseYaml(text.slice(0, cause.mark.position));
    if (cause.reason !== 'duplicated mapping key')
      throw new YamlSyntaxError(goMessage(text, cause), { cause });
    return { value: parseLeniently(text), duplicates: duplicateKeys(text) };
  }
}

/** go-yaml stops reading where a document in flow style ends: what follows may be anything. */
function isAfterFlow(text: string, { reason, mark }: yaml.YAMLException): boolean {
  return (
    reason.startsWith('end of the stream or a document separator') &&
    mark.position < text.length &&
    /^\s*[[{]/.test(text)
  );
}

function parseLeniently(text: string): unknown {
  try {
    return load(text, true);
  } catch (cause) {
    if (overflows(cause)) throw new YamlSyntaxError(tooDeep, { cause });
    if (!(cause instanceof yaml.YAMLException)) throw cause;
    throw new YamlSyntaxError(goMessage(text, cause), { cause });
  }
}

function load(text: string, json: boolean): unknown {
  const documents: unknown[] = [];
  yaml.loadAll(text, (document) => documents.push(document), { schema: goYamlSchema, json });
  return yamlToJson(documents[0] ?? null);
}

const tooDeep = 'yaml: exceeded max depth';

/** The parser follows nesting on the stack. Where that ends while it compiles an expression, it is told so. */
function overflows(cause: unknown): boolean {
  return (
    cause instanceof RangeError || (cause instanceof SyntaxError && cause.message.includes('Stack overflow'))
  );
}

/** js-yaml's reasons by what libyaml says at the same place; `scanner` errors count lines from one. */
const reasons: readonly (readonly [reason: RegExp, go: string, scanner: boolean])[] = [
  [/^missed comma between flow collection entries|^expected the node content, but found ','/, '', false],
  [/^unexpected end of the stream within a flow collection/, '', false],
  [
    /^unexpected end of the stream within a (?:single|double) quoted scalar/,
    'found unexpected end of stream',
    true,
  ],
  [
    /^unexpected end of the document within a (?:single|double) quoted scalar/,
    'found unexpected document indicator',
    true,
  ],
  [/multiline key may not be an implicit key/, "could not find expected ':'", true],
  [/^bad indentation of a mapping entry/, 'did not find expected key', false],
  [/^bad indentation of a sequence entry/, "did not find expected '-' indicator", false],
  [/^end of the stream or a document separator is expected/, 'did not find expected <document start>', false],
  [/^tab characters must not be used in indentation/, 'found character that cannot start any token', true],
  [/^unknown escape sequence/, 'found unknown escape character', true],
  [
    /^incomplete explicit mapping pair|^can not read an implicit mapping pair/,
    'mapping values are not allowed in this context',
    true,
  ],
  [/^the stream contains non-printable characters/, 'control characters are not allowed', true],
];

function goMessage(text: string, error: yaml.YAMLException): string {
  const alias = /^unidentified alias "(.*)"/.exec(error.reason);
  if (alias) return `yaml: unknown anchor '${alias[1]}' referenced`;
  const scanned = scannerReason(text[error.mark.position] ?? '');
  const found = scanned ?? reasons.find(([reason]) => reason.test(error.reason));
  const rest = text.slice(error.mark.position).trim();
  const atEnd = rest === '' || !text.slice(error.mark.position).includes('\n');
  let { line } = error.mark;
  // go-yaml counts from zero, adds one for the scanner's errors, and ends the last line when the text does not.
  if (found?.[2] === true ? line > 0 : atEnd && !text.endsWith('\n')) line++;
  const where = line === 0 ? '' : `line ${line}: `;
  const what = found === undefined ? error.reason : found[1] === '' ? flowReason(text, error) : found[1];
  return `yaml: ${where}${what}`;
}

/** The character where js-yaml stopped tells what libyaml's scanner would not take. */
function scannerReason(ch: string): (typeof reasons)[number] | undefined {
  if (ch === ':') return [/^/, 'mapping values are not allowed in this context', true];
  if (ch === '@' || ch === '`' || ch === '%')
    return [/^/, 'found character that cannot start any token', true];
  return undefined;
}

function flowReason(text: string, error: yaml.YAMLException): string {
  const before = text.slice(0, error.mark.position);
  const inMapping = before.lastIndexOf('{') > before.lastIndexOf('[');
  return `did not find expected ',' or '${inMapping ? '}' : ']'}'`;
}
