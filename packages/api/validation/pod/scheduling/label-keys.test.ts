import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FieldPath } from '@coxswain/machinery';
import { texts } from '../../../strategy/test-objects.ts';
import type { Errors, Json } from '../../values.ts';
import { validateLabelKeys, validateUnmergedLabelKeys } from './label-keys.ts';

const path = FieldPath.root('term');

describe('validateLabelKeys()', () => {
  const both = 'exists in both matchLabelKeys and labelSelector';
  const cases: readonly (readonly [title: string, term: Json, ...want: string[]])[] = [
    ['keys that were merged', { matchLabelKeys: ['a'], labelSelector: { matchExpressions: [{ key: 'a' }] } }],
    [
      'keys without a selector',
      { matchLabelKeys: ['a'] },
      'term.matchLabelKeys: Forbidden: must not be specified when labelSelector is not set',
    ],
    [
      'a key that the selector had before',
      { matchLabelKeys: ['a'], labelSelector: { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'a' }] } },
      `term[0]: Invalid value: "a": ${both}`,
    ],
    [
      'a key in both lists',
      { matchLabelKeys: ['a'], mismatchLabelKeys: ['a'], labelSelector: {} },
      'term.matchLabelKeys[0]: Invalid value: "a": exists in both matchLabelKeys and mismatchLabelKeys',
    ],
  ];
  for (const [title, term, ...want] of cases) {
    it(`${want.length === 0 ? 'takes' : 'refuses'} ${title}`, () => {
      const errs: Errors = [];
      validateLabelKeys(errs, term, path);
      assert.deepEqual(texts(errs), want);
    });
  }
});

describe('validateUnmergedLabelKeys()', () => {
  it('refuses every key that the selector names', () => {
    const errs: Errors = [];
    const selector = { matchExpressions: [{ key: 'a', operator: 'Exists' }] };
    validateUnmergedLabelKeys(errs, { matchLabelKeys: ['a'], labelSelector: selector }, path);
    assert.deepEqual(texts(errs), [
      'term[0]: Invalid value: "a": exists in both matchLabelKeys and labelSelector',
    ]);
  });
});
