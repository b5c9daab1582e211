import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import {
  createCertificateRequest,
  decodePem,
  generateKey,
  issue,
  loadIssuer,
  readCertificate,
} from '@coxswain/pki';
import { Harness } from '../shared/harness-suite.ts';
import { certificateSigningRequests, subjectAccessReviews } from '../shared/resources.ts';
import { CertificateApprovingController } from './approving-controller.ts';
import { isOver } from './cleaner-controller.ts';
import { CertificateSigningController } from './signing-controller.ts';

const hour = 3_600_000;

interface Wanted {
  readonly signer?: string;
  readonly organization?: string;
  readonly usages?: readonly string[];
  readonly altNames?: readonly string[];
  readonly expirationSeconds?: number;
  readonly approved?: boolean;
}

function request(wanted: Wanted = {}): KubeObject {
  const subject = {
    commonName: 'system:node:a',
    organizations: [wanted.organization ?? 'system:nodes'],
  };
  const pem = createCertificateRequest(generateKey(), subject, wanted.altNames ?? []);
  return {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'csr' },
    spec: {
      request: Buffer.from(pem).toString('base64'),
      signerName: wanted.signer ?? 'kubernetes.io/kube-apiserver-client-kubelet',
      usages: wanted.usages ?? ['digital signature', 'client auth'],
      username: 'system:bootstrap:abcdef',
      ...(wanted.expirationSeconds === undefined ? {} : { expirationSeconds: wanted.expirationSeconds }),
    },
    ...(wanted.approved ? { status: { conditions: [{ type: 'Approved', status: 'True' }] } } : {}),
  };
}

function authority(now: number): ReturnType<typeof loadIssuer> {
  return loadIssuer(
    issue({ subject: { commonName: 'ca' }, notBefore: now, notAfter: now + 10_000 * hour, ca: true }),
  );
}

const status = async (harness: Harness): Promise<Record<string, any>> =>
  (await harness.client.resource(certificateSigningRequests).get('csr'))['status'] ?? {};

async function signing(wanted: Wanted): Promise<Harness> {
  const harness = new Harness();
  await harness.run(new CertificateSigningController(harness.context, authority(harness.clock.now())));
  await harness.client.resource(certificateSigningRequests).create(request({ approved: true, ...wanted }));
  return harness;
}

test('CertificateSigningController signs what was approved for as long as was asked', async () => {
  const harness = await signing({ expirationSeconds: 24 * 3600 });
  await harness.until('it is signed', async () => (await status(harness))['certificate'] !== undefined);
  const pem = Buffer.from((await status(harness))['certificate'], 'base64').toString();
  const facts = readCertificate(decodePem(pem)[0]?.der as Buffer);
  assert.equal(facts.subject.commonName, 'system:node:a');
  assert.deepEqual(facts.subject.organizations, ['system:nodes']);
  assert.deepEqual(facts.extendedKeyUsages, ['1.3.6.1.5.5.7.3.2']);
  assert.equal(Math.round((facts.notAfter - harness.clock.now()) / hour), 24);
  await harness.stop();
});

test('CertificateSigningController signs the names and usages that were asked for', async () => {
  const harness = new Harness();
  const issuer = authority(harness.clock.now());
  await harness.run(new CertificateSigningController(harness.context, issuer));
  const pem = createCertificateRequest(
    generateKey(),
    { commonName: 'app', organizations: ['a', 'b'], others: { organizationalUnit: ['u'] }, uid: '7' },
    {
      altNames: ['10.0.0.1', 'app.example.com'],
      emailAddresses: ['a@example.com'],
      uris: ['spiffe://example.com/a'],
    },
  );
  const csr = request({ signer: 'kubernetes.io/legacy-unknown', approved: true });
  csr['spec'].request = Buffer.from(pem).toString('base64');
  csr['spec'].usages = ['crl sign', 'decipher only', 'code signing', 'server auth'];
  await harness.client.resource(certificateSigningRequests).create(csr);
  await harness.until('it is signed', async () => (await status(harness))['certificate'] !== undefined);
  const signed = Buffer.from((await status(harness))['certificate'], 'base64').toString();
  const certificate = new X509Certificate(signed);
  assert.equal(certificate.verify(new X509Certificate(issuer.certificate).publicKey), true);
  assert.equal(certificate.checkIssued(new X509Certificate(issuer.certificate)), true);
  assert.equal(
    certificate.subjectAltName,
    'DNS:app.example.com, email:a@example.com, IP Address:10.0.0.1, URI:spiffe://example.com/a',
  );
  // A request cannot ask for a uid.
  assert.equal(certificate.subject, 'O=a\nO=b\nOU=u\nCN=app');
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.3']);
  // KeyUsage of two bytes, seven bits of which do not count: cRLSign and decipherOnly.
  assert.ok(certificate.raw.includes(Buffer.from('0603551d0f0101ff04050303070280', 'hex')));
  await harness.stop();
});

test('CertificateSigningController says what is wrong with a request that its signer does not take', async () => {
  const cases: [Wanted, string][] = [
    [{ organization: 'system:masters' }, 'subject organization is not system:nodes'],
    [{ altNames: ['example.com'] }, 'DNS subjectAltNames are not allowed'],
    [
      { usages: ['digital signature', 'server auth'] },
      'usages did not match [client auth digital signature key encipherment]',
    ],
    [{ signer: 'kubernetes.io/kubelet-serving' }, 'DNS or IP subjectAltName is required'],
    [
      { signer: 'kubernetes.io/kube-apiserver-client', usages: ['server auth', 'client auth'] },
      'invalid usage for client certificate: server auth',
    ],
  ];
  for (const [wanted, message] of cases) {
    const harness = await signing(wanted);
    await harness.until('it fails', async () => (await status(harness))['conditions'].length === 2);
    const { conditions } = await status(harness);
    assert.deepEqual(
      [conditions[1].type, conditions[1].reason, conditions[1].message],
      ['Failed', 'SignerValidationFailure', message],
    );
    await harness.stop();
  }
});

test('CertificateSigningController leaves alone what is not approved, or not for it', async () => {
  for (const wanted of [{ approved: false }, { signer: 'example.com/own' }]) {
    const harness = await signing(wanted);
    await harness.clock.advance(5_000);
    assert.equal((await status(harness))['certificate'], undefined);
    await harness.stop();
  }
});

test('CertificateApprovingController approves for those whom a review lets', async () => {
  for (const allowed of [true, false]) {
    const harness = new Harness();
    const asked: string[] = [];
    harness.transport.intercept = (req) => {
      if (req.resource !== subjectAccessReviews.resource) return undefined;
      const review = req.body as KubeObject;
      asked.push(`${review['spec'].user} ${review['spec'].resourceAttributes.subresource}`);
      return { ...review, status: { allowed } };
    };
    await harness.run(new CertificateApprovingController(harness.context));
    await harness.client.resource(certificateSigningRequests).create(request());
    await harness.until('it is asked', () => asked.length > 0);
    await harness.clock.advance(1_000);
    assert.equal(asked[0], 'system:bootstrap:abcdef nodeclient');
    const condition = (await status(harness))['conditions']?.[0];
    assert.equal(condition?.reason, allowed ? 'AutoApproved' : undefined);
    await harness.stop();
  }
});

test('isOver() is true when a request has been kept long enough', () => {
  const at = (ms: number): string => new Date(ms).toISOString();
  const csr = (status: object): KubeObject => ({
    ...request(),
    metadata: { name: 'csr', creationTimestamp: at(0) },
    status,
  });
  const decided = (type: string): object => ({
    conditions: [{ type, status: 'True', lastUpdateTime: at(0) }],
  });
  assert.equal(isOver(csr({}), 23 * hour), false);
  assert.equal(isOver(csr({}), 25 * hour), true);
  assert.equal(isOver(csr(decided('Denied')), hour / 2), false);
  assert.equal(isOver(csr(decided('Denied')), 2 * hour), true);
  // Approved and not yet signed: the signer may still be on its way.
  assert.equal(isOver(csr(decided('Approved')), 2 * hour), false);
});
