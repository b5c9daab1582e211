import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatOf, hasFormat, unknownFormats } from './formats.ts';

const cases: Readonly<Record<string, readonly [good: readonly string[], bad: readonly string[]]>> = {
  'date-time': [
    ['2014-12-15T19:30:20.000Z', '2014-12-15t19:30:20+01:00'],
    ['2014-12-15 19:30:20Z', '2014-12-15T24:00:00Z', '2014-02-30T00:00:00Z', '2014-12-15T19:30:20+0100'],
  ],
  date: [['2024-02-29'], ['2023-02-29', '2023-2-1']],
  duration: [
    ['1h2m', '3 days', '2w', '0'],
    ['', 'soon', '1 fortnight'],
  ],
  hostname: [
    ['a', 'a.example.com', 'a-b.example.com'],
    ['-a', 'a_b.example.com', 'a..b', '1.5Ki', '10.0.0.256'],
  ],
  uri: [
    ['http://', 'http://a.example/b%20c?%zz', '/x', 'urn:x:y', 'http://[::1]:80/', 'mailto:a@b.c'],
    ['', 'x', '?x', 'http://a b', 'http://a/%zz', 'http://a:b', '//x y%'],
  ],
  email: [
    ['a@b', '"a b"@c.d', 'Jo Doe <a@b.c>', '"Doe, Jo" <a@b.c>', 'a@[1.2.3.4]'],
    ['a', 'a@b@c', 'mailto:a@b.c', 'a b@c', '@b', 'a@', 'x'.repeat(100_000)],
  ],
  ssn: [['123-45-6789'], ['123456789', '123-456789']],
  ipv4: [['1.2.3.4'], ['::1', '1.2.3']],
  ipv6: [['::1', '::ffff:1.2.3.4'], ['1.2.3.4']],
  cidr: [['10.0.0.0/8'], ['10.0.0.0']],
  mac: [['00:00:5e:00:53:01', '0000.5e00.5301'], ['00:00:5e:00:53']],
  uuid: [['A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'], ['a0eebc99']],
  uuid4: [['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'], ['a0eebc99-9c0b-3ef8-bb6d-6bb9bd380a11']],
  isbn: [['0321751043', '978-0321751041'], ['0321751044']],
  isbn10: [['0321751043'], ['978-0321751041']],
  isbn13: [['978-0321751041'], ['0321751043', '978-0321751042']],
  creditcard: [['4111-1111-1111-1111'], ['4111-1111-1111-1112', '1234']],
  rgbcolor: [['rgb(255, 0,1)'], ['rgb(256,0,0)']],
  byte: [['Zm9v'], ['Zm9', '']],
  'k8s-short-name': [['a-b'], ['a.b', 'A']],
  'k8s-long-name': [['a.b'], ['a..b']],
};

for (const [format, [good, bad]] of Object.entries(cases)) {
  test(`hasFormat() knows a ${format}`, () => {
    for (const value of good) assert.equal(hasFormat(format, value), true, value);
    for (const value of bad) assert.equal(hasFormat(format, value), false, value);
  });
}

test('formatOf() gives formats that the type has', () => {
  assert.equal(formatOf({ type: 'string', format: 'date-time' }), 'date-time');
  assert.equal(formatOf({ type: 'string', format: 'datetime' }), 'datetime');
  assert.equal(formatOf({ type: 'string', format: 'int32' }), '');
  assert.equal(formatOf({ type: 'integer', format: 'int32' }), 'int32');
  assert.equal(formatOf({ type: 'number', format: 'int32' }), '');
  assert.equal(formatOf({ type: 'object', format: 'date' }), '');
});

test('unknownFormats() finds what the types do not have, wherever it is', () => {
  const odd = { type: 'string', format: 'odd' };
  const schema = {
    type: 'object',
    properties: { a: { type: 'array', items: odd }, b: { type: 'integer', format: 'odd' } },
  };
  assert.deepEqual([...unknownFormats(schema)], ['odd']);
  const either = { 'x-kubernetes-int-or-string': true, format: 'int32' };
  assert.deepEqual([...unknownFormats(either)], ['int32']);
  assert.equal(unknownFormats({ type: 'number', format: 'float' }).size, 0);
});
