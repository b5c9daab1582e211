import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalIP } from './format-ip.ts';

for (const [written, canonical] of [
  ['10.96.0.1', '10.96.0.1'],
  ['fd00:0:0::1', 'fd00::1'],
  ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
  ['::', '::'],
  ['None', 'None'],
] as const) {
  test(`canonicalIP() writes ${written} as ${canonical}`, () => {
    assert.equal(canonicalIP(written), canonical);
  });
}
