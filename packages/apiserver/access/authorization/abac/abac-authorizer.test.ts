import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ask } from '../../testing.ts';
import { AbacAuthorizer } from './abac-authorizer.ts';
import { parsePolicyFile } from './policy-file.ts';

const policy = (spec: object): string =>
  JSON.stringify({ apiVersion: 'abac.authorization.kubernetes.io/v1beta1', kind: 'Policy', spec });

const file = [
  '# comment',
  '',
  policy({ user: 'alice', namespace: '*', resource: '*', apiGroup: '*', nonResourcePath: '*' }),
  policy({ group: 'dev', namespace: 'ns', resource: 'pods', apiGroup: '', readonly: true }),
  policy({ user: '*', nonResourcePath: '/version*' }),
  '{"user": "old", "resource": "pods"}',
].join('\n');

describe('AbacAuthorizer', () => {
  const abac = new AbacAuthorizer(parsePolicyFile(file, 'policies'));
  const may = (name: string, groups: string[], verb: string, resource: string, rest = {}): boolean =>
    abac.authorize(ask({ name, groups }, verb, resource, rest)).decision === 'allow';

  test('allows what a line of the file says', () => {
    assert.ok(may('alice', [], 'delete', 'secrets', { namespace: 'x' }));
    assert.ok(may('bob', ['dev'], 'get', 'pods', { namespace: 'ns' }));
    assert.ok(!may('bob', ['dev'], 'create', 'pods', { namespace: 'ns' }));
    assert.ok(!may('bob', ['dev'], 'get', 'pods', { namespace: 'other' }));
    const version = { resourceRequest: false, path: '/version/x' };
    assert.ok(may('bob', ['system:authenticated'], 'get', '', version));
    assert.ok(!may('bob', ['system:unauthenticated'], 'get', '', version));
    assert.ok(may('old', [], 'create', 'pods', { namespace: 'any', group: 'any' }));
    assert.deepEqual(abac.authorize(ask({ name: 'x', groups: [] }, 'get', 'pods')), {
      decision: 'no-opinion',
      reason: 'No policy matched.',
    });
  });

  test('tells the rules of a user', () => {
    assert.deepEqual(abac.rulesFor({ name: 'bob', groups: ['dev'] }, 'ns').rules[0], {
      verbs: ['get', 'list', 'watch'],
      apiGroups: [''],
      resources: ['pods'],
    });
  });

  test('names the line that cannot be read', () => {
    assert.throws(
      () => parsePolicyFile('# x\n{"user": 1}', '/p'),
      /^ConfigFileError: error reading policy file \/p, line 2: \{"user": 1\}: user is no text$/,
    );
  });
});
