import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeYaml } from '../decode-yaml.ts';

const parse = (text: string): any => decodeYaml(text, undefined, { strict: false }).object;
const excessive = /yaml: document contains excessive aliasing/;

test('an alias gives a copy of its own', () => {
  const { a, b } = parse('a: &x {k: [1]}\nb: *x\n');
  assert.deepEqual([a, b], [{ k: [1] }, { k: [1] }]);
  assert.notEqual(a, b);
});

test('aliases of aliases are refused before they have grown', () => {
  const lines = ['a0: &a0 [x,x,x,x,x,x,x,x,x]'];
  for (let i = 1; i < 12; i++)
    lines.push(
      `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(',')}]`,
    );
  assert.equal(parse(lines.slice(0, 3).join('\n')).a2.length, 9);
  assert.throws(() => parse(lines.join('\n')), excessive);
});

test('many aliases of a long list or a long text are refused', () => {
  assert.throws(() => parse(`a: &a [${'x,'.repeat(20_000)}]\nb: [${'*a,'.repeat(20_000)}]`), excessive);
  assert.throws(() => parse(`a: &a "${'x'.repeat(100_000)}"\nb: [${'*a,'.repeat(50_000)}]`), excessive);
});

test('an alias in itself is refused', () => {
  assert.throws(() => parse('&a [*a]'), /yaml: /);
});

test('what follows a document in flow style is not read', () => {
  for (const rest of ['{"b":2}', ' x', '\n]']) assert.deepEqual(parse(`{"a":[1]}${rest}`), { a: [1] });
  assert.throws(() => parse('{"a":1'), /did not find expected ',' or '}'/);
});
