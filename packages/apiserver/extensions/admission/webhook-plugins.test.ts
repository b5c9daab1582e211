import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '@coxswain/client';
import type { KubeObject } from '@coxswain/machinery';
import { loopbackUser } from '../../access/loopback-user.ts';
import { startTestServer } from '../../testing-server.ts';
import { type Answer, startTestWebhook, type TestWebhook } from '../webhook/testing-webhook.ts';

let hook: TestWebhook;
let close: () => Promise<void>;
let client: Client;

before(async () => {
  hook = await startTestWebhook();
  const started = await startTestServer();
  close = started.close;
  client = new Client(started.server.loopback(loopbackUser));
});

after(async () => {
  await close();
  await hook.close();
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
  if (answer !== undefined) hook.answers.set(path, answer);
  const api = client.resource(configurations(kind));
  await api.create({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: kind === 'mutating' ? 'MutatingWebhookConfiguration' : 'ValidatingWebhookConfiguration',
    metadata: { name: path.slice(1) },
    webhooks: [
      {
        name: `${path.slice(1)}.example.com`,
        clientConfig: { url: `${hook.url}${path}`, caBundle: hook.caBundle },
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

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const failures: readonly (readonly [what: string, answer: ReturnType<Answer> | undefined, text: RegExp])[] = [
  [
    'is not the one asked for',
    { uid: 'other', allowed: true },
    /received invalid webhook response: expected response.uid="[-0-9a-f]{36}", got "other"$/,
  ],
  [
    'has a patch of no type',
    { allowed: true, patch: base64('[]') },
    /received invalid webhook response: webhook returned response.patch but not response.patchType$/,
  ],
  [
    'has a patch that is none',
    { allowed: true, patch: base64('{'), patchType: 'JSONPatch' },
    /received undecodable patch in webhook response: /,
  ],
];

for (const [what, answer, text] of failures) {
  test(`MutatingAdmissionWebhook follows the failure policy when the answer ${what}`, async () => {
    const maps = client.resource(configMaps, 'default');
    const strict = await register('mutating', '/faulty', () => answer ?? {});
    await assert.rejects(maps.create(configMap('faulty')), (error: Error) => {
      assert.match(error.message, /^Internal error occurred: failed calling webhook "faulty.example.com": /);
      assert.match(error.message, text);
      return true;
    });
    await strict();
    const lenient = await register('mutating', '/faulty', () => answer ?? {}, { failurePolicy: 'Ignore' });
    await maps.create(configMap('faulty'));
    await maps.delete('faulty');
    await lenient();
  });
}

test("ValidatingAdmissionWebhook tells in Go's words when nobody listens", async () => {
  const remove = await register('validating', '/nobody', undefined, {
    clientConfig: { url: 'https://127.0.0.1:9/nobody' },
  });
  await assert.rejects(client.resource(configMaps, 'default').create(configMap('unheard')), {
    message:
      'Internal error occurred: failed calling webhook "nobody.example.com": failed to call webhook: Post "https://127.0.0.1:9/nobody?timeout=10s": dial tcp 127.0.0.1:9: connect: connection refused',
  });
  await remove();
});

test('MutatingAdmissionWebhook asks again after the first patch, even if that changes nothing but times', async () => {
  const asked: string[] = [];
  const answer =
    (name: string, patch: readonly unknown[]): Answer =>
    () => {
      asked.push(name);
      const text = Buffer.from(JSON.stringify(patch)).toString('base64');
      return { allowed: true, ...(patch.length === 0 ? {} : { patchType: 'JSONPatch', patch: text }) };
    };
  const again = { reinvocationPolicy: 'IfNeeded' };
  const noChange = [{ op: 'test', path: '/kind', value: 'ConfigMap' }];
  const removals = [
    await register('mutating', '/a-looks', answer('a', []), again),
    await register('mutating', '/b-tests', answer('b', noChange)),
    await register('mutating', '/c-tests', answer('c', noChange)),
  ];
  await client.resource(configMaps, 'default').create(configMap('timed', { a: '1' }));
  for (const remove of removals) await remove();
  assert.deepEqual(asked, ['a', 'b', 'c', 'a']);
});
