import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fnv1, patchHash } from './patch-hash.ts';

describe('fnv1()', () => {
  for (const [text, hash] of [
    ['', 0x811c9dc5],
    ['a', 0x050c5d7e],
    ['foobar', 0x31f0b262],
  ] as const) {
    it(`hashes ${JSON.stringify(text)}`, () => assert.equal(fnv1(Buffer.from(text)), hash));
  }
});

describe('patchHash()', () => {
  const data = { spec: { template: { metadata: { labels: { b: '1', a: '2' } }, $patch: 'replace' } } };

  it('does not depend on the order of members', () => {
    const other = { spec: { template: { $patch: 'replace', metadata: { labels: { a: '2', b: '1' } } } } };
    assert.equal(patchHash(other, 0), patchHash(data, 0));
  });

  it('is safe in names, and another one after a collision', () => {
    assert.match(patchHash(data, 0), /^[bcdfghjklmnpqrstvwxz2456789]+$/);
    assert.notEqual(patchHash(data, 1), patchHash(data, 0));
  });
});
