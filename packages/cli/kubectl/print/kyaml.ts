/** A document of KYAML (sigs.k8s.io/yaml/kyaml): YAML in flow style, its strings quoted, its keys sorted. */
export function formatKyaml(value: unknown): string {
  return `---\n${node(value, 0)}\n`;
}

/** What nests deep is gone through in loops. @param depth of the collection around the value */
function node(value: unknown, depth: number): string {
  if (typeof value === 'string') return quoted(value, depth + 1);
  if (typeof value !== 'object' || value === null) return String(value ?? null);
  return Array.isArray(value) ? sequence(value, depth) : mapping(value, depth);
}

function sequence(items: readonly unknown[], depth: number): string {
  if (items.length === 0) return '[]';
  // Collections stand in the brackets of their list, scalars on lines of their own.
  let text = '';
  if (items.every((item) => typeof item === 'object' && item !== null)) {
    for (const item of items) text += `${text === '' ? '' : ', '}${node(item, depth)}`;
    return `[${text}]`;
  }
  for (const item of items) text += `${indent(depth + 1)}${node(item, depth + 1)},\n`;
  return `[\n${text}${indent(depth)}]`;
}

function mapping(object: object, depth: number): string {
  const entries = Object.entries(object).filter(([, member]) => member !== undefined);
  if (entries.length === 0) return '{}';
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  let text = '';
  for (const entry of entries) {
    text += `${indent(depth + 1)}${keyText(entry[0])}: ${node(entry[1], depth + 1)},\n`;
  }
  return `{\n${text}${indent(depth)}}`;
}

function indent(depth: number): string {
  return '  '.repeat(depth);
}

function keyText(key: string): string {
  const plain = /^[\p{L}\p{N}_](?:[\p{L}\p{N}_./-]*[\p{L}\p{N}_])?$/u.test(key) && !isMistakable(key);
  return plain ? key : `"${[...key].map((char) => (char === '\n' ? '\\n' : escaped(char))).join('')}"`;
}

/** Whether some parser of YAML would take the bare text for something else than a string. */
function isMistakable(text: string): boolean {
  if (/^(?:null|~|true|t|y|yes|on|false|f|n|no|off)$/i.test(text)) return true;
  const number = text.replaceAll('_', '');
  if (/^[-+]?(?:0[xX][\da-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|\d+)$/.test(number)) return true;
  if (/^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(number)) return true;
  if (/^[-+]?(?:inf|infinity|nan|\.inf|\.nan)$/i.test(number)) return true;
  if (/^[-+]?[1-9][\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/.test(text)) return true;
  return /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt ]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d*)?(?:Z|[-+]\d\d:\d\d)?)?$/.test(text);
}

/** A text of several lines is folded, so that its lines stand below each other. */
function quoted(text: string, depth: number): string {
  if (!text.includes('\n')) return `"${[...text].map(escaped).join('')}"`;
  const lines = text.split('\n');
  const last = lines.pop() as string;
  const begin = (line: string): string => indent(depth) + (/^[^\S\n]/u.test(line) ? '\\' : ' ');
  const body = lines.map((line) => `${begin(line)}${[...line].map(escaped).join('')}\\n\\\n`).join('');
  const rest = last === '' ? '' : `${begin(last)}${[...last].map(escaped).join('')}\\\n`;
  return `"\\\n${body}${rest}${indent(depth)}"`;
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\0': '\\0',
  '\x1b': '\\e',
  '\x85': '\\N',
  '\xa0': '\\_',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

function escaped(char: string): string {
  const short = escapes[char];
  if (short !== undefined) return short;
  if (char === ' ' || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(char)) return char;
  const code = char.codePointAt(0) as number;
  const hex = code.toString(16);
  if (code < 0x20 || code === 0x7f) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
