import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FieldPath, goQuote, invalid } from './field-error.ts';

describe('invalid()', () => {
  it('shows structures as Go writes JSON', () => {
    const { message } = invalid(FieldPath.root('a'), { B: '<c> & d\u2028' }, 'no');
    assert.equal(message, 'Invalid value: {"B":"\\u003cc\\u003e \\u0026 d\\u2028"}: no');
  });
});

describe('goQuote()', () => {
  it('escapes what cannot be printed', () => {
    assert.equal(goQuote('a\u00a0b\u200b\u{e0001}é<'), '"a\\u00a0b\\u200b\\U000e0001é<"');
  });
});
