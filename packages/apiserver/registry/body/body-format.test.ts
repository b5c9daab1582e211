import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyFormat } from './body-format.ts';

test('bodyFormat() reads a media type whatever its case and parameters', () => {
  const named: readonly (readonly [header: string, format: string])[] = [
    ['', 'json'],
    ['application/json', 'json'],
    ['Application/JSON; charset=utf-8', 'json'],
    ['application/json;', 'json'],
    ['application/yaml;a="b;c";d=e', 'yaml'],
    ['application/vnd.kubernetes.protobuf', 'protobuf'],
  ];
  for (const [header, format] of named) assert.equal(bodyFormat(header), format, header);
});

test('bodyFormat() refuses what upstream cannot read, with a list of what it can', () => {
  const all = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
  const message = `the body of the request was in an unknown format - accepted media types include: ${all}`;
  for (const header of [
    'text/plain',
    'application/cbor',
    'foo',
    'application/json;;=',
    'application/json;a',
  ]) {
    assert.throws(() => bodyFormat(header), { code: 415, reason: 'UnsupportedMediaType', message }, header);
  }
});
