import assert from 'node:assert/strict';
import { test } from 'node:test';
import { elementText, forEachPath, isFieldsV1, pathText } from './field-path.ts';
import {
  difference,
  equalSets,
  type FieldSet,
  fieldSetOf,
  hasPath,
  intersection,
  recursiveDifference,
  sortedSet,
  union,
} from './field-set.ts';

const data: FieldSet = { 'f:data': { '.': {}, 'f:a': {}, 'f:b': {} } };

test('union() adds paths and shares when there is nothing to add', () => {
  assert.equal(union(data, { 'f:data': { 'f:a': {} } }), data);
  assert.deepEqual(union({ 'f:x': {} }, { 'f:x': { 'f:y': {} } }), { 'f:x': { '.': {}, 'f:y': {} } });
});

test('difference() takes only the paths themselves', () => {
  assert.deepEqual(difference(data, { 'f:data': {} }), { 'f:data': { 'f:a': {}, 'f:b': {} } });
  assert.deepEqual(difference(data, { 'f:data': { 'f:a': {}, 'f:b': {} } }), { 'f:data': {} });
  assert.deepEqual(difference(data, data), {});
  assert.equal(difference(data, { 'f:other': {} }), data);
  assert.equal(difference(data, { 'f:data': { 'f:z': {} } }), data);
});

test('recursiveDifference() takes what is below, too', () => {
  assert.deepEqual(recursiveDifference(data, fieldSetOf(['data'])), {});
  assert.deepEqual(recursiveDifference(data, fieldSetOf(['data', 'a'])), {
    'f:data': { '.': {}, 'f:b': {} },
  });
});

test('intersection() keeps what both have', () => {
  assert.deepEqual(intersection(data, { 'f:data': { 'f:a': {}, 'f:z': {} } }), { 'f:data': { 'f:a': {} } });
  assert.deepEqual(intersection(data, { 'f:data': {} }), { 'f:data': {} });
});

test('equalSets() ignores how a leaf is written', () => {
  assert.ok(equalSets({ 'f:a': { '.': {} } }, { 'f:a': {} }));
  assert.ok(!equalSets(data, { 'f:data': { 'f:a': {}, 'f:b': {} } }));
});

test('hasPath() tells owned paths from those only passed through', () => {
  assert.ok(hasPath({ 'f:spec': { 'f:replicas': {} } }, ['f:spec', 'f:replicas']));
  assert.ok(!hasPath({ 'f:spec': { 'f:replicas': {} } }, ['f:spec']));
});

test('sortedSet() puts the own path first', () => {
  assert.equal(JSON.stringify(sortedSet({ 'f:b': {}, '.': {}, 'f:a': {} })), '{".":{},"f:a":{},"f:b":{}}');
});

test('pathText() prints as upstream', () => {
  const texts: string[] = [];
  forEachPath({ 'f:c': { 'k:{"name":"m","port":80}': { 'f:x': {} } }, 'f:z': {} }, (p) =>
    texts.push(pathText(p)),
  );
  assert.deepEqual(texts, ['.z', '.c[name="m",port=80].x']);
  assert.equal(elementText('v:"a"'), '[="a"]');
});

test('isFieldsV1() refuses what is no path element', () => {
  assert.ok(isFieldsV1(data));
  assert.ok(!isFieldsV1({ data: {} }));
  assert.ok(!isFieldsV1({ 'k:{': {} }));
});
