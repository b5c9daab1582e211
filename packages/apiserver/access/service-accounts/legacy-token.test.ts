import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateKey, JwtSigner, keyToPem, parseJwt, signLegacyToken } from '@coxswain/pki';
import { TokenError } from '../authentication/token.ts';
import { MemoryReader } from '../memory-reader.ts';
import { checkLegacyToken } from './legacy-token.ts';

test('checkLegacyToken() takes the token that its Secret holds, and no other', () => {
  const reader = new MemoryReader();
  const signer = new JwtSigner(keyToPem(generateKey()));
  const subject = { namespace: 'ns', name: 's', uid: 'sa-1', secretName: 't' };
  const token = signLegacyToken(signer, subject);
  const claims = parseJwt(token)?.claims ?? {};
  reader.put('serviceaccounts', { metadata: { namespace: 'ns', name: 's', uid: 'sa-1' } });
  const check = () => checkLegacyToken(token, claims, reader);
  assert.throws(check, new TokenError('Token has been invalidated'));
  const hold = (text: string) =>
    reader.put('secrets', {
      metadata: { namespace: 'ns', name: 't' },
      data: { token: Buffer.from(text).toString('base64') },
    });
  hold('another');
  assert.throws(check, new TokenError("Token does not match server's copy"));
  hold(token);
  assert.equal(check().name, 'system:serviceaccount:ns:s');
  reader.put('serviceaccounts', { metadata: { namespace: 'ns', name: 's', uid: 'sa-2' } });
  assert.throws(check, new TokenError('ServiceAccount UID (sa-2) does not match claim (sa-1)'));
});
