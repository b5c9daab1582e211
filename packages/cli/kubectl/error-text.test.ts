import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionError } from '@coxswain/client';
import { newInvalid, newNotFound, newUnauthorized } from '@coxswain/machinery';
import { ExitWith, Failure, Failures, textOf, withSource } from './error-text.ts';

const notFound = newNotFound({ group: 'apps', resource: 'deployments' }, 'web');

test('textOf() names the reason when the server refused', () => {
  assert.equal(textOf(notFound), 'Error from server (NotFound): deployments.apps "web" not found');
  assert.equal(textOf(newUnauthorized()), 'error: You must be logged in to the server (Unauthorized)');
});

test('textOf() lists the causes when an object is invalid', () => {
  const fault = (field: string) =>
    ({ type: 'FieldValueRequired', field, message: 'Required value' }) as never;
  const kind = { group: 'apps', kind: 'Deployment' };
  assert.equal(
    textOf(newInvalid(kind, 'web', [fault('a')])),
    'The Deployment "web" is invalid: a: Required value',
  );
  assert.equal(
    textOf(newInvalid(kind, 'web', [fault('a'), fault('b')])),
    'The Deployment "web" is invalid: \n* a: Required value\n* b: Required value\n',
  );
});

test('textOf() puts "error:" before other failures, once', () => {
  assert.equal(textOf(new Failure('no')), 'error: no');
  assert.equal(textOf(new Failure('error: no')), 'error: no');
  assert.equal(textOf(new ExitWith(3, 'as it is')), 'as it is');
});

test('textOf() gives a line each when there are several', () => {
  const text = textOf(new Failures([notFound, new Failure('other')]));
  assert.equal(text, 'Error from server (NotFound): deployments.apps "web" not found\nother\n');
});

test('textOf() names the host when nobody listens', () => {
  const error = new ConnectionError('REFUSED', 'GET https://127.0.0.1:1/api: connect ECONNREFUSED');
  assert.equal(
    textOf(error),
    'The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?',
  );
});

test('withSource() keeps the reason and names the file', () => {
  assert.equal(
    textOf(withSource(notFound, 'deleting', 'x.yaml')),
    'Error from server (NotFound): error when deleting "x.yaml": deployments.apps "web" not found',
  );
});
