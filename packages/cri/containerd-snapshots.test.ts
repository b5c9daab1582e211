import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chainId } from './containerd-snapshots.ts';

test('chainId() is the layer itself when there is one, and chains digests when there are more', () => {
  const a = `sha256:${'a'.repeat(64)}`;
  const b = `sha256:${'b'.repeat(64)}`;
  assert.equal(chainId([a]), a);
  // printf 'sha256:aa.. sha256:bb..' | sha256sum
  assert.equal(chainId([a, b]), 'sha256:ccd722928bd92476ba1745586fed6e45a102504185ad88cd89e01ff116fd146c');
});
