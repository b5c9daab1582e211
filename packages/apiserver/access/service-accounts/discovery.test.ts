import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { generateKey, keyToPem, loadVerificationKey } from '@coxswain/pki';
import { issuerDiscovery } from './discovery.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const keys = [rsa.export({ type: 'pkcs1', format: 'pem' }).toString(), keyToPem(generateKey())];

test('issuerDiscovery() publishes where and what the keys are', () => {
  const documents = issuerDiscovery(
    'https://issuer.example',
    keys.map(loadVerificationKey),
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
  const loaded = keys.map(loadVerificationKey);
  assert.notEqual(issuerDiscovery('HTTPS://issuer.example/a', loaded, '', 'https://a'), undefined);
  for (const [issuer, jwksUri = '', known = loaded] of [
    ['my-issuer'],
    ['http://issuer.example'],
    ['https://issuer.example?a=b'],
    ['https://issuer.example#a'],
    ['https://issuer.example', 'http://keys.example'],
    ['https://issuer.example', '', []],
  ] as const) {
    assert.equal(issuerDiscovery(issuer, known, jwksUri, 'https://a'), undefined, `${issuer} ${jwksUri}`);
  }
});
