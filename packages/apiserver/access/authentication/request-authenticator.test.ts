import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bearer, status, who, world } from '../testing.ts';

describe('authenticate()', () => {
  test('knows static tokens, anonymous users and bad tokens', () => {
    const { access } = world();
    assert.deepEqual(who(access, bearer('bt')), {
      name: 'bob',
      uid: 'bob-uid',
      groups: ['devs', 'system:authenticated'],
    });
    assert.equal(who(access, { headers: {} }).name, 'system:anonymous');
    assert.equal(who(access, { headers: { authorization: 'Bearer' } }).name, 'system:anonymous');
    assert.equal(
      status(() => who(access, bearer('nope'))),
      '401 Unauthorized',
    );
    const untrusted = { headers: {}, untrustedCertificate: true };
    assert.equal(
      status(() => who(access, untrusted)),
      '401 Unauthorized',
    );
  });

  test('takes no bootstrap token whose groups or time are none', () => {
    const token = 'abcdef.0123456789abcdef';
    for (const [more, isGood] of [
      [{ expiration: '2999-01-01T00:00:00+01:00' }, true],
      [{ expiration: '2999-01-01' }, false],
      [{ 'auth-extra-groups': 'system:bootstrappers:a,system:bootstrappers:b' }, true],
      [{ 'auth-extra-groups': 'system:masters' }, false],
      [{ 'auth-extra-groups': 'system:bootstrappers:a,' }, false],
    ] as const) {
      const { access, reader } = world();
      const data = {
        'token-id': 'abcdef',
        'token-secret': '0123456789abcdef',
        'usage-bootstrap-authentication': 'true',
        ...more,
      };
      reader.put('secrets', {
        metadata: { name: 'bootstrap-token-abcdef', namespace: 'kube-system' },
        type: 'bootstrap.kubernetes.io/token',
        data: Object.fromEntries(
          Object.entries(data).map(([k, v]) => [k, Buffer.from(v).toString('base64')]),
        ),
      });
      if (isGood) assert.equal(who(access, bearer(token)).name, 'system:bootstrap:abcdef');
      else {
        assert.equal(
          status(() => who(access, bearer(token))),
          '401 Unauthorized',
        );
      }
    }
  });

  test('lets a bootstrap token in until it expires', async () => {
    const { access, reader, clock } = world();
    const data = {
      'token-id': 'abcdef',
      'token-secret': '0123456789abcdef',
      'usage-bootstrap-authentication': 'true',
      'auth-extra-groups': 'system:bootstrappers:workers',
      expiration: new Date(clock.now() + 1000).toISOString(),
    };
    reader.put('secrets', {
      metadata: { name: 'bootstrap-token-abcdef', namespace: 'kube-system' },
      type: 'bootstrap.kubernetes.io/token',
      data: Object.fromEntries(Object.entries(data).map(([k, v]) => [k, Buffer.from(v).toString('base64')])),
    });
    assert.deepEqual(who(access, bearer('abcdef.0123456789abcdef')).groups, [
      'system:bootstrappers',
      'system:bootstrappers:workers',
      'system:authenticated',
    ]);
    assert.equal(
      status(() => who(access, bearer('abcdef.0123456789abcdee'))),
      '401 Unauthorized',
    );
    await clock.advance(1000);
    assert.equal(
      status(() => who(access, bearer('abcdef.0123456789abcdef'))),
      '401 Unauthorized',
    );
  });
});
