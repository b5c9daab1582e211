import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '@coxswain/client';
import { type KubeObject, systemClock } from '@coxswain/machinery';
import { PkiDir } from '@coxswain/pki';
import { loopbackUser } from '../../access/loopback-user.ts';
import { startTestServer } from '../../testing-server.ts';

type Answer = (request: KubeObject) => Record<string, unknown>;

const answers = new Map<string, Answer>();
let hook: Server;
let caBundle = '';
let dir = '';
let close: () => Promise<void>;
let client: Client;

before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'coxswain-webhook-'));
  const pki = new PkiDir(dir, systemClock);
  const ca = pki.authority('ca', 'test');
  const leaf = pki.leaf('hook', ca, {
    subject: { commonName: 'hook' },
    usages: ['server'],
    altNames: ['127.0.0.1'],
  });
  caBundle = Buffer.from(ca.certificate).toString('base64');
  hook = createServer({ cert: leaf.certificate, key: leaf.key }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const review = JSON.parse(Buffer.concat(chunks).toString('utf8')) as KubeObject;
      const answer = answers.get((request.url ?? '').split('?')[0] ?? '');
      if (answer === undefined) return;
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          kind: 'AdmissionReview',
          apiVersion: 'admission.k8s.io/v1',
          response: { uid: review['request'].uid, ...answer(review['request'] as KubeObject) },
        }),
      );
    });
  });
  await new Promise<void>((done) => hook.listen(0, '127.0.0.1', done));
  const started = await startTestServer();
  close = started.close;
  client = new Client(started.server.loopback(loopbackUser));
});

after(async () => {
  await close();
  hook.closeAllConnections();
  hook.close();
  rmSync(dir, { recursive: true });
});

const configurations = (kind: 'mutating' | 'validating') => ({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  resource: `${kind}webhookconfigurations`,
});
const configMaps = { group: '', version: 'v1', resource: 'configmaps' };

async function register(
  kind: 'mutating' | 'validating',
  path: string,
  answer: Answer | undefined,
  more: Record<string, unknown> = {},
): Promise<() => Promise<unknown>> {
  if (answer !== undefined) answers.set(path, answer);
  const api = client.resource(configurations(kind));
  const { port } = hook.address() as AddressInfo;
  await api.create({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: kind === 'mutating' ? 'MutatingWebhookConfiguration' : 'ValidatingWebhookConfiguration',
    metadata: { name: path.slice(1) },
    webhooks: [
      {
        name: `${path.slice(1)}.example.com`,
        clientConfig: { url: `https://127.0.0.1:${port}${path}`, caBundle },
        rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        ...more,
      },
    ],
  } as unknown as KubeObject);
  return () => api.delete(path.slice(1));
}

const configMap = (name: string, data: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

test('MutatingAdmissionWebhook applies the patch of the webhook when it allows', async () => {
  const patch = Buffer.from(JSON.stringify([{ op: 'add', path: '/data/added', value: 'yes' }])).toString(
    'base64',
  );
  const remove = await register('mutating', '/mutate', () => ({
    allowed: true,
    patchType: 'JSONPatch',
    patch,
  }));
  const made = await client.resource(configMaps, 'default').create(configMap('mutated', { a: '1' }));
  await remove();
  assert.deepEqual(made['data'], { a: '1', added: 'yes' });
});

test('ValidatingAdmissionWebhook refuses in the words of the webhook when it does not allow', async () => {
  const remove = await register('validating', '/deny', (request) => ({
    allowed: false,
    status: { message: `no ${request['object'].metadata.name} for ${request['userInfo'].username}` },
  }));
  await assert.rejects(client.resource(configMaps, 'default').create(configMap('denied')), {
    message: 'admission webhook "deny.example.com" denied the request: no denied for system:apiserver',
  });
  await remove();
});

test('ValidatingAdmissionWebhook follows the failure policy when the webhook does not answer in time', async () => {
  const maps = client.resource(configMaps, 'default');
  const strict = await register('validating', '/silent', undefined, { timeoutSeconds: 1 });
  await assert.rejects(
    maps.create(configMap('late')),
    /failed calling webhook "silent.example.com": .*deadline/,
  );
  await strict();
  const lenient = await register('validating', '/quiet', undefined, {
    timeoutSeconds: 1,
    failurePolicy: 'Ignore',
  });
  await maps.create(configMap('late'));
  await lenient();
});

test('ValidatingAdmissionWebhook is not asked when its conditions or selectors leave the request out', async () => {
  const deny: Answer = () => ({ allowed: false });
  const conditional = await register('validating', '/conditional', deny, {
    matchConditions: [{ name: 'some', expression: "object.metadata.name != 'spared'" }],
  });
  const labelled = await register('validating', '/labelled', deny, {
    objectSelector: { matchLabels: { checked: 'true' } },
  });
  const maps = client.resource(configMaps, 'default');
  await maps.create(configMap('spared'));
  await assert.rejects(
    maps.create(configMap('caught')),
    /conditional.example.com" denied the request without/,
  );
  await conditional();
  await labelled();
});
