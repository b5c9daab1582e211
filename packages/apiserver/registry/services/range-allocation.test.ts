import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeRangeAllocation, encodeRangeAllocation } from './range-allocation.ts';

test('encodeRangeAllocation() is read back, whatever is taken', () => {
  for (const bits of [0n, 1n, 0x80n, 0x100n, 1n << 2767n, (1n << 2768n) - 1n]) {
    const value = encodeRangeAllocation({ range: '30000-32767', bits });
    assert.deepEqual(decodeRangeAllocation(value), { range: '30000-32767', bits });
  }
});

test('decodeRangeAllocation() reads JSON, whose data is a big-endian number', () => {
  const json = { kind: 'RangeAllocation', apiVersion: 'v1', range: '30000-30015', data: 'AQI=' };
  assert.deepEqual(decodeRangeAllocation(Buffer.from(JSON.stringify(json))), {
    range: '30000-30015',
    bits: 0b1_0000_0010n,
  });
});
