import type { SeededRandom } from '../support/seeded-random.ts';

/** Pieces that mean something to one of the languages read here. */
const tokens = [
  '{',
  '}',
  '[',
  ']',
  '(',
  ')',
  '"',
  "'",
  ':',
  ',',
  '\n',
  '- ',
  '  ',
  '&a ',
  '*a',
  '!!',
  '<<: ',
  '---\n',
  '|\n',
  '#',
  'null',
  'true',
  '0',
  '-1',
  '1e999',
  '9223372036854775808',
  '9223372036854775807',
  '-9007199254740993',
  '0.1',
  'NaN',
  '\\u0000',
  '\\ud800',
  '\u0000',
  '\ufeff',
  '😀',
  '=',
  '==',
  '!=',
  '!',
  ' in ',
  ' notin ',
  '$patch',
  '$retainKeys',
  '$setElementOrder/',
  '__proto__',
  'constructor',
  '~1',
  '~0',
  '/-',
  'Ki',
  'E',
  'm',
  '+',
  '&&',
  '||',
  '?',
  '.all(x, x)',
  '.map(x, [x, x])',
  'size(',
  'dyn(',
  'has(',
  "matches('(a+)+')",
];

/** Changes a text in a few places of chance: bytes, tokens, pieces moved, doubled or of another text. */
export function mutateText(text: string, others: readonly string[], random: SeededRandom): string {
  let out = text;
  for (let i = random.below(4); i >= 0; i--) {
    const at = random.below(out.length + 1);
    const length = random.below(Math.min(out.length - at, 40) + 1);
    const piece = out.slice(at, at + length);
    const rest = out.slice(at + length);
    switch (random.below(7)) {
      case 0:
        out = out.slice(0, at) + rest;
        break;
      case 1:
        out = out.slice(0, at) + random.pick(tokens) + rest;
        break;
      case 2:
        out = out.slice(0, at) + piece.repeat(random.oneIn(20) ? 2_000 : 3) + rest;
        break;
      case 3: {
        const other = random.pick(others);
        const from = random.below(other.length + 1);
        out = out.slice(0, at) + other.slice(from, from + random.below(60)) + rest;
        break;
      }
      case 4:
        out =
          out.slice(0, at) +
          String.fromCharCode(random.below(random.oneIn(4) ? 0x10000 : 128)) +
          out.slice(at + 1);
        break;
      case 5: {
        const to = random.below(out.length + 1);
        out = out.slice(0, to) + piece + out.slice(to);
        break;
      }
      default:
        out = `${out.slice(0, at)}${random.pick(tokens)}${piece}${random.pick(tokens)}${rest}`;
    }
    if (out.length > 100_000) out = out.slice(0, 100_000);
  }
  return out;
}

/** The same for bytes. */
export function mutateBytes(
  bytes: Uint8Array,
  others: readonly Uint8Array[],
  random: SeededRandom,
): Uint8Array {
  let out = Buffer.from(bytes);
  for (let i = random.below(4); i >= 0; i--) {
    const at = random.below(out.length + 1);
    const length = random.below(Math.min(out.length - at, 24) + 1);
    const tail = out.subarray(at + length);
    const other = Buffer.from(random.pick(others));
    const from = random.below(other.length + 1);
    const middle = [
      () => Buffer.alloc(0),
      () => Buffer.from([random.below(256)]),
      () => Buffer.concat([out.subarray(at, at + length), out.subarray(at, at + length)]),
      () => other.subarray(from, from + random.below(60)),
      () => Buffer.alloc(1 + random.below(10), 0xff),
      () => Buffer.from([(random.below(32) << 3) | random.below(8), random.below(256)]),
    ];
    out = Buffer.concat([out.subarray(0, at), random.pick(middle)(), tail]);
    if (out.length > 100_000) out = out.subarray(0, 100_000);
  }
  return out;
}

/** Values that are odd wherever they stand. */
const oddValues: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e300,
  '',
  'x',
  '0',
  [],
  {},
  [null],
  [[]],
  { $patch: 'delete' },
  { $patch: 'replace' },
  { $retainKeys: ['a'] },
  'a'.repeat(300),
  '\u0000',
  { __proto__: null, a: 1 },
  [{ name: 'a' }, { name: 'a' }],
  JSON.parse('{"__proto__":{"x":1},"constructor":{"prototype":{"x":1}}}'),
];

/** Changes a JSON value in a place of chance; the value itself is left alone. */
export function mutateJson(value: unknown, others: readonly unknown[], random: SeededRandom): unknown {
  if (typeof value !== 'object' || value === null || random.oneIn(8)) return pickValue(others, random);
  if (Array.isArray(value)) {
    const out = [...value];
    const at = random.below(out.length + 1);
    if (random.oneIn(4)) out.splice(at, 1);
    else if (at < out.length && random.oneIn(5)) out.push(...out);
    else if (at < out.length) out[at] = mutateJson(out[at], others, random);
    else out.push(pickValue(others, random));
    return out;
  }
  const entries = Object.entries(value);
  const at = random.below(entries.length + 1);
  if (at === entries.length)
    entries.push([
      random.pick(['a', '', '$patch', '__proto__', 'name', '$setElementOrder/a']),
      pickValue(others, random),
    ]);
  else if (random.oneIn(5)) entries.splice(at, 1);
  else entries[at] = [entries[at]![0], mutateJson(entries[at]![1], others, random)];
  return Object.fromEntries(entries);
}

function pickValue(others: readonly unknown[], random: SeededRandom): unknown {
  if (random.oneIn(3)) return random.pick(oddValues);
  let value: unknown = random.pick(others);
  while (typeof value === 'object' && value !== null && !random.oneIn(3)) {
    const members = Object.values(value);
    if (members.length === 0) break;
    value = random.pick(members);
  }
  return value;
}
