import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainPath } from './explain.ts';

const ref = (name: string) => ({ allOf: [{ $ref: `#/components/schemas/${name}` }] });
const schemas = {
  'x.Time': { type: 'string' },
  'x.Spec': {
    type: 'object',
    description: 'Says what is wanted.',
    required: ['mode'],
    properties: {
      mode: { type: 'string', enum: ['A', 'B'] },
      since: ref('x.Time'),
      parts: { type: 'array', items: ref('x.Spec') },
      tags: { type: 'object', additionalProperties: { type: 'string' } },
    },
  },
};
const root = { type: 'object', properties: { spec: { description: 'The wish.', ...ref('x.Spec') } } };

test('explainPath() shows a field with its type and the fields below', () => {
  assert.equal(
    explainPath(schemas, root, ['spec'], false),
    'FIELD: spec <Spec>\n\n\nDESCRIPTION:\n    The wish.\n    Says what is wanted.\n    \nFIELDS:\n' +
      '  mode\t<string> -required-\n  enum: A, B\n    <no description>\n\n' +
      '  parts\t<[]Spec>\n    <no description>\n\n' +
      '  since\t<string>\n    <no description>\n\n' +
      '  tags\t<map[string]string>\n    <no description>\n\n\n',
  );
});

test('explainPath() ends where a type holds itself', () => {
  const text = explainPath(schemas, root, [], true);
  assert.equal(text.match(/parts\t/g)?.length, 1);
});

test('explainPath() throws when there is no such field', () => {
  assert.throws(() => explainPath(schemas, root, ['spec', 'nope'], false), {
    message: 'field "nope" does not exist',
  });
});
