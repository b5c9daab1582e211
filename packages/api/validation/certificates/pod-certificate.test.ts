import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { test } from 'node:test';
import { issue, loadIssuer, signCertificate } from '@coxswain/pki';
import { validateCreate, validateStatusUpdate } from '../../strategy/strategy.ts';
import { changed, created, factOf, texts } from '../../strategy/test-objects.ts';
import type { Json } from '../values.ts';

const version = 'certificates.k8s.io/v1beta1';
const fact = factOf(version, 'PodCertificateRequest');
const hour = 3_600_000;

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const curve = (namedCurve: string): Pair => generateKeyPairSync('ec', { namedCurve });
const spki = (key: KeyObject): string => key.export({ format: 'der', type: 'spki' }).toString('base64');
const proof = (key: KeyObject): string => {
  const digest = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  return sign(digest, Buffer.from('uid'), key).toString('base64');
};

function spec(pair: Pair, more: Json = {}): Json {
  return {
    signerName: 'example.com/own',
    podName: 'p',
    podUID: 'uid',
    serviceAccountName: 's',
    serviceAccountUID: 'u',
    nodeName: 'n',
    nodeUID: 'u',
    pkixPublicKey: spki(pair.publicKey),
    proofOfPossession: proof(pair.privateKey),
    ...more,
  };
}

const faultsOf = (wanted: Json): string[] =>
  texts(validateCreate(fact, created(version, 'PodCertificateRequest', { spec: wanted })));

test('a request for a certificate of a pod proves that it has the key', () => {
  const p256 = curve('prime256v1');
  assert.deepEqual(faultsOf(spec(p256)), []);
  assert.deepEqual(faultsOf(spec(generateKeyPairSync('ed25519'))), []);
  const unproven = ['spec.proofOfPossession: Invalid value: could not verify proof-of-possession signature'];
  assert.deepEqual(faultsOf(spec(p256, { podUID: 'other' })), unproven);
  assert.deepEqual(faultsOf(spec(curve('secp384r1'), { proofOfPossession: 'AAAA' })), unproven);
  assert.deepEqual(faultsOf(spec(curve('secp224r1'))), [
    'spec.pkixPublicKey: Invalid value: "curve P-224": elliptic public keys must use curve P256 or P384',
  ]);
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  assert.deepEqual(faultsOf(spec(rsa)), [
    'spec.pkixPublicKey: Invalid value: "2048-bit modulus": RSA keys must have modulus size 3072 or 4096',
  ]);
  assert.deepEqual(faultsOf(spec(p256, { nodeUID: '', maxExpirationSeconds: 1, pkixPublicKey: 'AAAA' })), [
    'spec.nodeUID: Invalid value: "": must not be empty',
    'spec.maxExpirationSeconds: Invalid value: 1: must be in the range [3600, 7862400]',
    'spec.pkixPublicKey: Invalid value: "AAAA": must be a valid PKIX-serialized public key',
  ]);
});

test('a certificate of a pod is for the key and the time that were asked for', () => {
  const pair = curve('prime256v1');
  const old = created(version, 'PodCertificateRequest', {
    spec: spec(pair, { maxExpirationSeconds: 7200 }),
  });
  const start = Date.UTC(2026, 0, 1);
  const issuer = loadIssuer(
    issue({ subject: { commonName: 'ca' }, notBefore: start, notAfter: start + 9 * hour, ca: true }),
  );
  const chain = (key: KeyObject, life: number): string =>
    signCertificate({ subject: { commonName: 'x' }, notBefore: start, notAfter: start + life }, key, issuer);
  const at = (ms: number): string => new Date(ms).toISOString().replace('.000', '');
  const condition = (type: string, status = 'True'): Json => ({
    type,
    status,
    reason: 'R',
    message: '',
    lastTransitionTime: at(start),
  });
  const issued = (life: number, more: Json = {}): Json => ({
    conditions: [condition('Issued')],
    certificateChain: chain(pair.publicKey, life),
    notBefore: at(start),
    notAfter: at(start + life),
    beginRefreshAt: at(start + hour / 2),
    ...more,
  });
  const refused = (status: Json, before: Json = {}): string[] => {
    const stored = changed(old, (copy) => {
      copy['status'] = before;
    });
    const next = changed(stored, (copy) => {
      copy['status'] = status;
    });
    return texts(validateStatusUpdate(fact, next, stored)).map((text) =>
      text.replace(/"-----BEGIN[^"]*"/, 'CHAIN'),
    );
  };
  assert.deepEqual(refused(issued(2 * hour)), []);
  assert.deepEqual(refused({ conditions: [condition('Denied')] }), []);
  const cases: [Json, string][] = [
    [
      issued(hour, { certificateChain: chain(curve('prime256v1').publicKey, hour) }),
      'status.certificateChain: Invalid value: CHAIN: leaf certificate was not issued to the requested public key',
    ],
    [
      issued(3 * hour),
      'status.certificateChain: Invalid value: 10800000000000: leaf certificate lifetime must be <= spec.maxExpirationSeconds (7200)',
    ],
    [
      issued(hour, { beginRefreshAt: at(start) }),
      'status.beginRefreshAt: Invalid value: "2026-01-01T00:00:00Z": must be at least 10 minutes after status.notBefore',
    ],
    [
      issued(hour, { notAfter: undefined }),
      'status.notAfter: Required value: must be present and consistent with the issued certificate',
    ],
    [
      issued(hour, { conditions: [condition('Failed')] }),
      'status: Invalid value: non-condition status fields must be empty when denying or failing the PodCertificateRequest',
    ],
    [
      issued(hour, { conditions: [] }),
      'status: Invalid value: status is immutable unless transitioning to "Issued", "Denied", or "Failed"',
    ],
    [
      { conditions: [condition('Denied', 'False')] },
      'status.conditions.[0].status: Unsupported value: "False": supported values: "True"',
    ],
    [
      { conditions: [condition('Ready')] },
      'status.conditions.[0].type: Unsupported value: "Ready": supported values: "Issued", "Denied", "Failed"',
    ],
  ];
  for (const [status, fault] of cases) assert.deepEqual(refused(status), [fault]);
  assert.deepEqual(refused(issued(hour), { conditions: [condition('Denied')] }), [
    'status: Invalid value: immutable after PodCertificateRequest is issued, denied, or failed',
  ]);
});
