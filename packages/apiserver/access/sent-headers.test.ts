import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wantedUser } from './impersonation/headers.ts';
import { extraOf, sentHeaders } from './sent-headers.ts';

const asNode = (text: string): string => Buffer.from(text).toString('latin1');

test('sentHeaders() keeps repeated headers apart and reads UTF-8', () => {
  const rawHeaders = [
    'X-Remote-Group',
    'a, b',
    'x-remote-group',
    asNode('gré'),
    'X-Remote-Extra-F%C3%B6o',
    '1',
  ];
  const headers = sentHeaders({ headers: {}, rawHeaders });
  assert.deepEqual(headers, [
    ['x-remote-group', 'a, b'],
    ['x-remote-group', 'gré'],
    ['x-remote-extra-f%c3%b6o', '1'],
  ]);
  assert.deepEqual(extraOf(headers, 'x-remote-extra-'), { föo: ['1'] });
  assert.equal(extraOf(headers, 'impersonate-extra-'), undefined);
});

test('wantedUser() reads what was sent, not what Node.js makes of it', () => {
  const headers = { 'impersonate-user': asNode('jürgen'), 'impersonate-group': 'a, b, c' };
  const rawHeaders = [
    'Impersonate-User',
    asNode('jürgen'),
    'Impersonate-Group',
    'a, b',
    'Impersonate-Group',
    'c',
  ];
  assert.deepEqual(wantedUser({ headers, rawHeaders }), {
    name: 'jürgen',
    uid: '',
    groups: ['a, b', 'c'],
    extra: {},
  });
  assert.equal(wantedUser({ headers: { accept: '*/*' } }), undefined);
});
