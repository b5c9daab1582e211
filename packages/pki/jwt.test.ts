import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { JwtSigner, loadVerificationKey, parseJwt, verifyJwt } from './jwt.ts';
import { generateKey, keyToPem } from './key-pair.ts';

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
