import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '@coxswain/client';
import { TestHttpsServer } from '@coxswain/pki/testing';
import { loopbackUser } from '../../access/loopback-user.ts';
import { TestListener } from '../testing-listener.ts';

const kubelets = new Map<string, TestHttpsServer>();
let listener: TestListener;

before(async () => {
  const answer = (_: unknown, response: { end(text: string): void }): void => response.end('it is me');
  const good = await TestHttpsServer.start(answer);
  kubelets.set('good', good);
  kubelets.set('renamed', await TestHttpsServer.start(answer, { altNames: ['10.9.9.9'], like: good }));
  kubelets.set('stranger', await TestHttpsServer.start(answer));
  listener = await TestListener.start({ kubelet: { ca: good.ca.certificate } });
  const nodes = new Client(listener.server.loopback(loopbackUser)).resource({
    group: '',
    version: 'v1',
    resource: 'nodes',
  });
  for (const [name, { port }] of kubelets) {
    await nodes.create({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name },
      status: {
        addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
        daemonEndpoints: { kubeletEndpoint: { Port: port } },
      },
    });
  }
});

after(async () => {
  await listener.close();
  for (const kubelet of [...kubelets.values()].reverse()) await kubelet.close();
});

const ask = (name: string): Promise<{ code: number; body: string }> =>
  listener.ask(`/api/v1/nodes/${name}/proxy/healthz`);

test('a kubelet whose certificate is of the authority, and for its address, is asked', async () => {
  const { code, body } = await ask('good');
  assert.deepEqual([code, body], [200, 'it is me']);
});

test('a kubelet that is not the one of the address, or of another authority, is told nothing', async () => {
  const refused = async (name: string): Promise<string> => {
    const { code, body } = await ask(name);
    assert.ok(code === 503 || code === 500, `${code} ${body}`);
    return body;
  };
  assert.match(await refused('renamed'), /x509: certificate is valid for 10\.9\.9\.9, not 127\.0\.0\.1/);
  assert.match(await refused('stranger'), /x509: certificate signed by unknown authority/);
});
