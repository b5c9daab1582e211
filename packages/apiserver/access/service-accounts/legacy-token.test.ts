import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type KubeObject, silentLogger, VirtualClock } from '@coxswain/machinery';
import { generateKey, JwtSigner, keyToPem, parseJwt, signLegacyToken } from '@coxswain/pki';
import { TokenError } from '../authentication/token.ts';
import { MemoryReader } from '../memory-reader.ts';
import { LastUsed } from './last-used.ts';
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
  assert.equal(check().user.name, 'system:serviceaccount:ns:s');
  reader.put('serviceaccounts', { metadata: { namespace: 'ns', name: 's', uid: 'sa-2' } });
  assert.throws(check, new TokenError('ServiceAccount UID (sa-2) does not match claim (sa-1)'));
});

test('checkLegacyToken() warns of tokens that came with their account, and refuses what was given up', () => {
  const reader = new MemoryReader();
  const token = signLegacyToken(new JwtSigner(keyToPem(generateKey())), {
    namespace: 'ns',
    name: 's',
    uid: 'sa-1',
    secretName: 't',
  });
  const claims = parseJwt(token)?.claims ?? {};
  const data = { token: Buffer.from(token).toString('base64') };
  const account = { metadata: { namespace: 'ns', name: 's', uid: 'sa-1' } };
  reader.put('serviceaccounts', account);
  reader.put('secrets', { metadata: { namespace: 'ns', name: 't' }, data });
  assert.equal(checkLegacyToken(token, claims, reader).user.warning, undefined);
  reader.put('serviceaccounts', { ...account, secrets: [{ name: 't' }] });
  assert.match(
    checkLegacyToken(token, claims, reader).user.warning ?? '',
    /^Use tokens from the TokenRequest API/,
  );
  const labels = { 'kubernetes.io/legacy-token-invalid-since': '2026-01-01' };
  reader.put('secrets', { metadata: { namespace: 'ns', name: 't', labels }, data });
  assert.match(
    checkLegacyToken(token, claims, reader).invalid ?? '',
    /^the token in secret ns\/t for service account ns\/s has been marked invalid\. .* remove the 'kubernetes\.io\/legacy-token-invalid-since' label/,
  );
});

describe('LastUsed.touch()', () => {
  test('writes the day once', async () => {
    const clock = new VirtualClock();
    const written: unknown[] = [];
    let done = (): void => {};
    const transport = {
      request: (request: { readonly body?: unknown }) => {
        written.push(request.body);
        return new Promise<KubeObject>((resolve) => {
          done = () => resolve({} as KubeObject);
        });
      },
    };
    const lastUsed = new LastUsed(() => transport as never, clock, silentLogger);
    const day = new Date(clock.now()).toISOString().slice(0, 10);
    const secret = (label?: string): KubeObject =>
      ({
        metadata: {
          namespace: 'ns',
          name: 't',
          uid: 'u',
          ...(label === undefined ? {} : { labels: { 'kubernetes.io/legacy-token-last-used': label } }),
        },
      }) as unknown as KubeObject;
    lastUsed.touch(secret());
    lastUsed.touch(secret());
    lastUsed.touch(secret(day));
    assert.deepEqual(written, [
      { metadata: { uid: 'u', labels: { 'kubernetes.io/legacy-token-last-used': day } } },
    ]);
    done();
    await new Promise(setImmediate);
    lastUsed.touch(secret('2000-01-01'));
    assert.equal(written.length, 2);
    done();
  });
});
