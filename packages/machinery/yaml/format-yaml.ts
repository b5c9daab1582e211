import { goFloat } from '../go-float.ts';
import { analyzeScalar, resolvesToOther } from './yaml-scalar.ts';

/** Lines are folded at the first space past this column, as go-yaml does. */
const bestWidth = 80;

/** YAML as go-yaml (version 2) writes it, which is what the server answers and `-o yaml` prints. */
export function formatYaml(value: unknown): string {
  const emitter = new Emitter();
  emitter.write(value);
  return `${emitter.text}\n`;
}

type Place = 'root' | 'key' | 'item';

interface OpenCollection {
  readonly place: Place;
  readonly indent: number;
  /** Of a mapping; absent for a sequence. */
  readonly keys: readonly string[] | undefined;
  readonly values: readonly unknown[];
  /** Index of the value that is written next. */
  next: number;
}

class Emitter {
  text = '';
  /** Where the last line begins. */
  #lineStart = 0;

  /** Collections that are not written to their ends yet, the innermost last: values nest deeper than a stack holds. */
  readonly #open: OpenCollection[] = [];

  write(value: unknown): void {
    this.#node(value, -1, 'root');
    for (let innermost = this.#open.at(-1); innermost !== undefined; innermost = this.#open.at(-1)) {
      this.#writeOn(innermost);
    }
  }

  /** @param indent of the collection around the value */
  #node(value: unknown, indent: number, place: Place): void {
    const space = place === 'root' ? '' : ' ';
    if (Array.isArray(value)) this.#sequence(value, indent, place);
    else if (typeof value === 'object' && value !== null) this.#mapping(value, indent, place);
    else if (typeof value === 'string') {
      this.text += space;
      this.#string(value, indent + 2 - (indent < 0 ? 1 : 0));
    } else this.text += space + scalarText(value);
  }

  #sequence(items: readonly unknown[], indent: number, place: Place): void {
    if (items.length === 0) {
      this.text += place === 'root' ? '[]' : ' []';
      return;
    }
    // A list below a key stands at the key's own column.
    const own = place === 'root' ? 0 : place === 'key' ? indent : indent + 2;
    this.#open.push({ place, indent: own, keys: undefined, values: items, next: 0 });
  }

  #mapping(object: object, indent: number, place: Place): void {
    const entries = Object.entries(object).filter(([, member]) => member !== undefined);
    if (entries.length === 0) {
      this.text += place === 'root' ? '{}' : ' {}';
      return;
    }
    const own = place === 'root' ? 0 : indent + 2;
    entries.sort(([a], [b]) => compareKeys(a, b));
    const [keys, values] = [entries.map(([key]) => key), entries.map(([, member]) => member)];
    this.#open.push({ place, indent: own, keys, values, next: 0 });
  }

  #writeOn(collection: OpenCollection): void {
    const { place, indent, keys, values } = collection;
    const i = collection.next++;
    if (i === values.length) {
      this.#open.pop();
      return;
    }
    if (place === 'item' && i === 0) this.text += ' ';
    else this.#lineAt(indent);
    if (keys === undefined) {
      this.text += '-';
      this.#node(values[i], indent, 'item');
    } else {
      this.#key(keys[i] as string);
      this.text += ':';
      this.#node(values[i], indent, 'key');
    }
  }

  #lineAt(indent: number): void {
    if (this.text === '') this.text += ' '.repeat(indent);
    else this.#break(indent);
  }

  #break(indent: number): void {
    this.text += '\n';
    this.#lineStart = this.text.length;
    this.text += ' '.repeat(indent);
  }

  #key(key: string): void {
    const facts = analyzeScalar(key);
    const long = Buffer.byteLength(key) > 128;
    if (long) this.text += '? ';
    if (!resolvesToOther(key) && facts.plain && key !== '') this.text += key;
    else if (resolvesToOther(key) || !facts.single) this.text += doubleQuoted(key);
    else this.text += `'${key.replaceAll("'", "''")}'`;
    if (long) this.#break(0);
  }

  #string(value: string, indent: number): void {
    const facts = analyzeScalar(value);
    if (value.includes('\n')) {
      if (facts.block) this.#literal(value, indent);
      else this.#doubleQuoted(value, indent);
    } else if (resolvesToOther(value)) this.#doubleQuoted(value, indent);
    else if (facts.plain) this.#folded(value, indent, false);
    else if (facts.single) this.#singleQuoted(value, indent);
    else this.#doubleQuoted(value, indent);
  }

  #literal(value: string, indent: number): void {
    this.text += '|';
    if (value.startsWith(' ') || value.startsWith('\n')) this.text += '2';
    if (!value.endsWith('\n')) this.text += '-';
    else if (value === '\n' || value.endsWith('\n\n')) this.text += '+';
    const lines = (value.endsWith('\n') ? value.slice(0, -1) : value).split('\n');
    for (const line of lines) {
      this.#break(line === '' ? 0 : indent);
      this.text += line;
    }
  }

  #singleQuoted(value: string, indent: number): void {
    this.text += "'";
    this.#folded(value.replaceAll("'", "''"), indent, true);
    this.text += "'";
  }

  /** Writes text that may be cut at single spaces. */
  #folded(value: string, indent: number, quoted: boolean): void {
    let column = this.#column();
    if (column + value.length <= bestWidth || !value.includes(' ')) {
      this.text += value;
      return;
    }
    for (let i = 0; i < value.length; i++) {
      const char = value[i] as string;
      const single = char === ' ' && value[i - 1] !== ' ' && value[i + 1] !== ' ';
      const inside = !quoted || (i > 0 && i < value.length - 1);
      if (single && column > bestWidth && inside) {
        this.#break(indent);
        column = indent;
      } else {
        this.text += char;
        if (!isLowSurrogate(char)) column++;
      }
    }
  }

  #doubleQuoted(value: string, indent: number): void {
    this.text += '"';
    let column = this.#column();
    const chars = [...value];
    let spaces = false;
    chars.forEach((char, i) => {
      if (char === ' ' && !spaces && column > bestWidth && i > 0 && i < chars.length - 1) {
        this.#break(indent);
        column = indent;
        if (chars[i + 1] === ' ') {
          this.text += '\\';
          column++;
        }
        spaces = true;
        return;
      }
      const written = escaped(char);
      this.text += written;
      column += written.length;
      spaces = char === ' ';
    });
    this.text += '"';
  }

  #column(): number {
    return this.text.length - this.#lineStart;
  }
}

function isLowSurrogate(char: string): boolean {
  return char >= '\uDC00' && char <= '\uDFFF';
}

function scalarText(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  // go-yaml reads the JSON that Go writes: whole numbers of up to 64 bits, with a sign or without, and others.
  return typeof value === 'number' && !(Number.isInteger(value) && value < 2 ** 64 && value > -(2 ** 63))
    ? goFloat(value)
    : String(value);
}

function doubleQuoted(value: string): string {
  return `"${[...value].map(escaped).join('')}"`;
}

const escapes: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\x85': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

function escaped(char: string): string {
  const short = escapes[char];
  if (short !== undefined) return short;
  const code = char.codePointAt(0) as number;
  if (code >= 0x20 && code <= 0x7e) return char;
  // What is beyond the basic plane counts as unprintable there.
  if (code >= 0xa0 && code <= 0xfffd && code !== 0xfeff && !(code >= 0xd800 && code <= 0xdfff)) return char;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** go-yaml's order of keys: numbers within them count as numbers, letters stand last. */
export function compareKeys(a: string, b: string): number {
  const at = firstDifference(a, b);
  if (at === undefined) return a.length - b.length;
  const p = charAt(a, at);
  const q = charAt(b, at);
  const [left, right] = [isLetter(p), isLetter(q)];
  if (left && right) return p < q ? -1 : 1;
  if (left || right) return right ? -1 : 1;
  const [m, n] = [digitsAt(a, at), digitsAt(b, at)];
  // Digits before it belong to the number, of which a nought would be lost.
  const ahead = (p === '0' || q === '0') && endsInNumber(a, at) ? '1' : '';
  const difference = Number(ahead + m) - Number(ahead + n);
  if (difference !== 0) return difference;
  if (m.length !== n.length) return m.length - n.length;
  return p < q ? -1 : 1;
}

/** Where the first character stands that is not the same; undefined where one text begins with the other. */
function firstDifference(a: string, b: string): number | undefined {
  const end = Math.min(a.length, b.length);
  let at = 0;
  while (at < end && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  // In the second half of a character it is the character that differs.
  if (at > 0 && isHighSurrogate(a.charCodeAt(at - 1))) {
    if (at < end || isLowSurrogate(a[at] ?? '') || isLowSurrogate(b[at] ?? '')) at--;
  }
  return at < end ? at : undefined;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

function charAt(text: string, at: number): string {
  return String.fromCodePoint(text.codePointAt(at) as number);
}

function isLetter(char: string): boolean {
  const code = char.charCodeAt(0);
  if (code < 0x80) return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
  return /\p{L}/u.test(char);
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function digitsAt(text: string, at: number): string {
  let end = at;
  while (isDigit(text.charCodeAt(end))) end++;
  return text.slice(at, end);
}

/** Whether the digits before a place are more than noughts. */
function endsInNumber(text: string, at: number): boolean {
  for (let i = at - 1; i >= 0 && isDigit(text.charCodeAt(i)); i--) {
    if (text[i] !== '0') return true;
  }
  return false;
}
