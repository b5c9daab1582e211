import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiRequest } from '../context.ts';
import { integer, parseListOptions, validateWriteOptions } from './options.ts';

const list = (query: Record<string, string>, verb = 'list') =>
  parseListOptions({
    verb,
    query: verb === 'watch' ? { ...query, watch: 'true' } : query,
  } as unknown as ApiRequest);

test('parseListOptions() finds faults in the order that upstream reads in', () => {
  const all = {
    timeoutSeconds: 'a',
    limit: 'b',
    labelSelector: 'c in',
    fieldSelector: 'd',
    resourceVersionMatch: 'e',
  };
  const { timeoutSeconds: _, ...noTimeout } = all;
  const { limit: __, ...noLimit } = noTimeout;
  const { labelSelector: ___, ...noLabels } = noLimit;
  const { fieldSelector: ____, ...noFields } = noLabels;
  assert.throws(() => list(all), { code: 400, message: 'strconv.ParseInt: parsing "a": invalid syntax' });
  assert.throws(() => list(noTimeout), { message: 'strconv.ParseInt: parsing "b": invalid syntax' });
  assert.throws(() => list(noLimit), { message: "unable to parse requirement: found '' expected: '('" });
  assert.throws(() => list(noLabels), { message: "invalid selector: 'd'; can't understand 'd'" });
  assert.throws(() => list(noFields), { code: 422 });
});

test('integer() reads as Go does', () => {
  assert.equal(integer('+1'), 1);
  assert.equal(integer('-1'), -1);
  for (const [text, fault] of [
    ['', 'invalid syntax'],
    ['1.5', 'invalid syntax'],
    ['99999999999999999999', 'value out of range'],
    ['-9223372036854775809', 'value out of range'],
  ] as const) {
    assert.throws(() => integer(text), { message: `strconv.ParseInt: parsing "${text}": ${fault}` });
  }
});

test('validateWriteOptions() names every character of a manager that cannot be printed', () => {
  const request = {
    query: { fieldManager: 'aé\n\u{200b}' },
    dryRun: [],
    patchType: '',
  } as unknown as ApiRequest;
  assert.throws(() => validateWriteOptions(request, 'UpdateOptions'), {
    code: 422,
    message:
      'UpdateOptions.meta.k8s.io "" is invalid: [fieldManager: Invalid value: "aé\\n\\u200b": invalid character U+000A (at position 3), fieldManager: Invalid value: "aé\\n\\u200b": invalid character U+200B (at position 4)]',
  });
});

const match = 'resourceVersionMatch';
const combinations: readonly (readonly [verb: string, query: Record<string, string>, faults: string])[] = [
  [
    'watch',
    { resourceVersionMatch: 'Exact' },
    `[${match}: Forbidden: ${match} is forbidden for watch unless sendInitialEvents is provided, ${match}: Unsupported value: "Exact": supported values: "NotOlderThan"]`,
  ],
  [
    'watch',
    { sendInitialEvents: 'false', resourceVersionMatch: 'Exact', continue: 'x' },
    `[${match}: Forbidden: sendInitialEvents requires setting ${match} to NotOlderThan, ${match}: Unsupported value: "Exact": supported values: "NotOlderThan", ${match}: Forbidden: ${match} is forbidden when continue is provided]`,
  ],
  [
    'watch',
    { sendInitialEvents: 'true' },
    `${match}: Forbidden: sendInitialEvents requires setting ${match} to NotOlderThan`,
  ],
  ['watch', { continue: 'x' }, `${match}: Forbidden: ${match} is forbidden when continue is provided`],
  [
    'list',
    { sendInitialEvents: 'true', resourceVersionMatch: 'Exact', resourceVersion: '0' },
    `[${match}: Forbidden: ${match} "exact" is forbidden for resourceVersion "0", sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list]`,
  ],
];
for (const [verb, query, faults] of combinations) {
  test(`parseListOptions() names every fault of a ${verb} with ${Object.keys(query).join(', ')}`, () => {
    assert.throws(() => list(query, verb), {
      code: 422,
      message: `ListOptions.meta.k8s.io "" is invalid: ${faults}`,
    });
  });
}

test('parseListOptions() lets a watch that names no state begin with what is there', () => {
  const begins: readonly (readonly [
    query: Record<string, string>,
    sendInitialEvents: boolean | undefined,
  ])[] = [
    [{}, true],
    [{ resourceVersion: '', resourceVersionMatch: '' }, true],
    [{ resourceVersion: '0' }, true],
    [{ resourceVersion: '00' }, undefined],
    [{ resourceVersion: '7' }, undefined],
    [{ sendInitialEvents: 'false', resourceVersionMatch: 'NotOlderThan' }, false],
  ];
  for (const [query, sendInitialEvents] of begins) {
    assert.equal(list(query, 'watch').sendInitialEvents, sendInitialEvents, JSON.stringify(query));
  }
  assert.equal(list({ continue: 'x', resourceVersion: '7' }, 'watch').continue, 'x');
});
