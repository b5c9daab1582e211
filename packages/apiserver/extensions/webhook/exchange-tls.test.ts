import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import { systemClock, VirtualClock } from '@coxswain/machinery';
import { type CertificateRequest, generateKey, type Issuer, keyToPem, signCertificate } from '@coxswain/pki';
import { exchange } from './exchange.ts';

const day = 86_400_000;
const now = systemClock.now();

function make(request: Partial<CertificateRequest>, issuer?: Issuer): Issuer {
  const key = generateKey();
  const whole = { subject: { commonName: 'x' }, notBefore: now - day, notAfter: now + day, ...request };
  return { key, certificate: signCertificate(whole, key, issuer) };
}

const ca = make({ ca: true, subject: { commonName: 'hooks' } });
const other = make({ ca: true, subject: { commonName: 'hooks' } });
const own = { altNames: ['hook.default.svc'] };

describe('exchange() over TLS', () => {
  const servers: Server[] = [];
  after(() => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });

  /** What is said of a webhook with a certificate, `''` where it answers. */
  async function told(leaf: Issuer, trusted: Issuer): Promise<string> {
    const server = createServer({ cert: leaf.certificate, key: keyToPem(leaf.key) }, (_, response) => {
      response.end('{}');
    });
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const url = new URL(`https://hook.default.svc:443/`);
    const endpoint = {
      url,
      authority: url.host,
      ca: trusted.certificate,
      dial: () => ({ host: '127.0.0.1', port }),
    };
    const clock = new VirtualClock(now);
    try {
      await exchange({ endpoint, url, body: Buffer.from('{}'), as: {} }, 10_000, clock);
      return '';
    } catch (error) {
      return (error as Error).message.replace(/^Post "https:\/\/hook\.default\.svc\/": /, '');
    }
  }

  const verify = 'tls: failed to verify certificate: x509: ';
  const cases: readonly [string, Issuer, Issuer, string][] = [
    ['takes what its authority signed', make(own, ca), ca, ''],
    [
      'tells of an authority of the same name',
      make(own, other),
      ca,
      `${verify}certificate signed by unknown authority (possibly because of "x509: ECDSA verification failure" while trying to verify candidate authority certificate "hooks")`,
    ],
    [
      'tells of names',
      make({ altNames: ['a', 'b'] }, other),
      ca,
      `${verify}certificate is valid for a, b, not hook.default.svc`,
    ],
    [
      'takes no common name for one',
      make({ subject: { commonName: 'hook.default.svc' } }, ca),
      ca,
      `${verify}certificate relies on legacy Common Name field, use SANs instead`,
    ],
    [
      'tells of times',
      make({ ...own, notAfter: now - day / 2 }, ca),
      ca,
      `${verify}certificate has expired or is not yet valid: current time ${shown(now)} is after ${shown(now - day / 2)}`,
    ],
  ];

  for (const [what, leaf, trusted, text] of cases) {
    test(what, async () => {
      assert.equal(await told(leaf, trusted), text);
    });
  }

  test('takes a certificate that is trusted itself, whoever signed it', async () => {
    const leaf = make(own, other);
    assert.equal(await told(leaf, leaf), '');
  });
});

function shown(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
