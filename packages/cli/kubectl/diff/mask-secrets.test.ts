import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maskSecrets } from './mask-secrets.ts';

const secret = (data?: object) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 's' },
  ...(data === undefined ? {} : { data }),
});

test('maskSecrets() hides values and tells which differ', () => {
  const [from, to] = maskSecrets(
    secret({ same: 'YQ==', changed: 'YQ==', gone: 'YQ==' }),
    secret({ same: 'YQ==', changed: 'Yg==', more: 'YQ==' }),
  );
  assert.deepEqual(from?.['data'], { same: '***', changed: '*** (before)', gone: '***' });
  assert.deepEqual(to?.['data'], { same: '***', changed: '*** (after)', more: '***' });
});

test('maskSecrets() leaves what has no data, or is not there, as it is', () => {
  assert.deepEqual(maskSecrets(undefined, secret()), [undefined, secret()]);
});
