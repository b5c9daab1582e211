import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { generateKey, keyToPem } from '@coxswain/pki';
import { issuerDiscovery } from './discovery.ts';
import { JwtSigner, loadVerificationKey, parseJwt, verifyJwt } from './jwt.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const keys = {
  RS256: rsa.export({ type: 'pkcs1', format: 'pem' }).toString(),
  ES256: keyToPem(generateKey()),
};

for (const [algorithm, pem] of Object.entries(keys)) {
  test(`verifyJwt() takes what JwtSigner signed with ${algorithm}, and nothing else`, () => {
    const token = new JwtSigner(pem).sign({ iss: 'me', sub: 'you' });
    const jwt = parseJwt(token);
    assert.ok(jwt);
    assert.equal(jwt.header['alg'], algorithm);
    assert.deepEqual(jwt.claims, { iss: 'me', sub: 'you' });
    assert.equal(verifyJwt(jwt, [loadVerificationKey(pem)]), true);
    const others = Object.values(keys).filter((other) => other !== pem);
    assert.equal(verifyJwt(jwt, others.map(loadVerificationKey)), false);
    const forged = parseJwt(
      token.replace(/\..*\./, `.${Buffer.from('{"sub":"root"}').toString('base64url')}.`),
    );
    assert.ok(forged);
    assert.equal(verifyJwt(forged, [loadVerificationKey(pem)]), false);
  });
}

test('parseJwt() gives nothing for what is no JWT', () => {
  for (const text of ['', 'a.b', 'a.b.c', 'a.b.c.d', '..', 'e30.bnVsbA.x'])
    assert.equal(parseJwt(text), undefined);
});

test('issuerDiscovery() publishes where and what the keys are', () => {
  const documents = issuerDiscovery(
    'https://issuer.example',
    Object.values(keys).map(loadVerificationKey),
    '',
    'https://10.0.0.1:6443',
  );
  assert.deepEqual(JSON.parse(documents?.configuration ?? ''), {
    issuer: 'https://issuer.example',
    jwks_uri: 'https://10.0.0.1:6443/openid/v1/jwks',
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256', 'RS256'],
  });
  const set = JSON.parse(documents?.keySet ?? '');
  assert.deepEqual(
    set.keys.map((key: { kty: string; use: string }) => [key.kty, key.use]),
    [
      ['RSA', 'sig'],
      ['EC', 'sig'],
    ],
  );
  assert.equal(issuerDiscovery('my-issuer', [], '', ''), undefined);
});
