import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isDeletionCost } from './deletion-cost.ts';

describe('isDeletionCost()', () => {
  for (const good of ['0', '1', '-1', '-007', '2147483647', '-2147483648']) {
    it(`takes ${good}`, () => assert.equal(isDeletionCost(good), true));
  }
  for (const bad of ['', '+1', '01', '1.5', ' 1', '2147483648', '-2147483649', 'much']) {
    it(`refuses ${JSON.stringify(bad)}`, () => assert.equal(isDeletionCost(bad), false));
  }
});
