import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FieldPath } from '@coxswain/machinery';
import { labelSelectorMatches, printedSelector, validateLabelSelector } from './label-selector.ts';
import type { Errors, Json } from './values.ts';

function check(selector: Json): string[] {
  const errs: Errors = [];
  validateLabelSelector(errs, selector, FieldPath.root('s'));
  return errs.map((e) => `${e.field}: ${e.type}`);
}

describe('validateLabelSelector()', () => {
  it('wants values exactly where the operator has a use for them', () => {
    const matchExpressions = [
      { key: 'a', operator: 'In' },
      { key: 'a', operator: 'Exists', values: ['b'] },
      { key: 'a', operator: 'Like' },
      { key: 'a', operator: 'NotIn', values: ['b c'] },
    ];
    assert.deepEqual(check({ matchExpressions }), [
      's.matchExpressions[0].values: FieldValueRequired',
      's.matchExpressions[1].values: FieldValueForbidden',
      's.matchExpressions[2].operator: FieldValueInvalid',
      's.matchExpressions[3].values[0]: FieldValueInvalid',
    ]);
  });
});

describe('labelSelectorMatches()', () => {
  const labels = { app: 'web', tier: 'front' };
  for (const [title, selector, want] of [
    ['nothing when there is no selector', undefined, false],
    ['everything when it is empty', {}, true],
    ['equal labels', { matchLabels: { app: 'web' } }, true],
    ['no other value', { matchLabels: { app: 'db' } }, false],
    ['a value of the set', { matchExpressions: [{ key: 'app', operator: 'In', values: ['web'] }] }, true],
    ['an absent key as not in', { matchExpressions: [{ key: 'x', operator: 'NotIn', values: ['y'] }] }, true],
    ['presence', { matchExpressions: [{ key: 'x', operator: 'Exists' }] }, false],
    ['absence', { matchExpressions: [{ key: 'x', operator: 'DoesNotExist' }] }, true],
  ] as const) {
    it(`matches ${title}`, () => {
      assert.equal(labelSelectorMatches(selector, labels), want);
    });
  }

  it('says undefined when the selector cannot be compiled', () => {
    const matchExpressions = [{ key: 'x', operator: 'In' }];
    assert.equal(labelSelectorMatches({ matchExpressions }, labels), undefined);
  });
});

describe('printedSelector()', () => {
  it('sorts labels and leaves out what is empty', () => {
    const selector = { matchExpressions: [], matchLabels: { b: '1', a: '2' } };
    assert.equal(JSON.stringify(printedSelector(selector)), '{"matchLabels":{"a":"2","b":"1"}}');
  });
});
