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

const admission = 'admissionregistration.k8s.io';
const resource = (plural: string) => client.resource({ group: admission, version: 'v1', resource: plural });
const scalers = (version: string) =>
  client.resource({ group: 'autoscaling', version, resource: 'horizontalpodautoscalers' }, 'default');
const rules = (version: string) => [
  {
    operations: ['CREATE'],
    apiGroups: ['autoscaling'],
    apiVersions: [version],
    resources: ['horizontalpodautoscalers'],
  },
];
const scaler = (name: string, version: string): KubeObject =>
  ({
    apiVersion: `autoscaling/${version}`,
    kind: 'HorizontalPodAutoscaler',
    metadata: { name },
    spec: {
      maxReplicas: 3,
      scaleTargetRef: { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' },
      ...(version === 'v1' ? { targetCPUUtilizationPercentage: 70 } : {}),
    },
  }) as KubeObject;

async function register(
  path: string,
  version: string,
  answer: Answer,
  more: object = {},
): Promise<() => Promise<unknown>> {
  hook.answers.set(path, answer);
  const api = resource('mutatingwebhookconfigurations');
  await api.create({
    apiVersion: `${admission}/v1`,
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: path.slice(1) },
    webhooks: [
      {
        name: `${path.slice(1)}.example.com`,
        clientConfig: { url: `${hook.url}${path}`, caBundle: hook.caBundle },
        rules: rules(version),
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        ...more,
      },
    ],
  } as unknown as KubeObject);
  return () => api.delete(path.slice(1));
}

const patchOf = (...operations: object[]) => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
});

test('a webhook for one version is asked about another in its own version, and its patch is read back', async () => {
  let asked: any;
  const remove = await register('/other-version', 'v1', (request) => {
    asked = request;
    return patchOf({ op: 'replace', path: '/spec/targetCPUUtilizationPercentage', value: 55 });
  });
  const made = await scalers('v2').create({
    ...scaler('a', 'v2'),
    spec: {
      ...scaler('a', 'v2')['spec'],
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
        },
      ],
    },
  } as KubeObject);
  await remove();
  assert.equal(asked.object.apiVersion, 'autoscaling/v1');
  assert.equal(asked.kind.version, 'v1');
  assert.equal(asked.requestKind.version, 'v2');
  assert.equal(made['spec'].metrics[0].resource.target.averageUtilization, 55);
});

test('a webhook that wants exact matches is not asked about other versions', async () => {
  let asked = 0;
  const remove = await register(
    '/exact',
    'v1',
    () => {
      asked++;
      return { allowed: true };
    },
    { matchPolicy: 'Exact' },
  );
  await scalers('v2').create(scaler('b', 'v2'));
  await scalers('v1').create(scaler('c', 'v1'));
  await remove();
  assert.equal(asked, 1);
});

test('a policy for one version sees objects of another in its own', async () => {
  await resource('validatingadmissionpolicies').create({
    apiVersion: `${admission}/v1`,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'cpu' },
    spec: {
      matchConstraints: { resourceRules: rules('v1') },
      validations: [
        {
          expression:
            'object.spec.targetCPUUtilizationPercentage > 60 && request.requestKind.version == "v2"',
          messageExpression: '"is " + string(object.spec.targetCPUUtilizationPercentage)',
        },
      ],
    },
  } as KubeObject);
  await resource('validatingadmissionpolicybindings').create({
    apiVersion: `${admission}/v1`,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'cpu' },
    spec: { policyName: 'cpu', validationActions: ['Deny'] },
  } as KubeObject);
  const metrics = (averageUtilization: number) => [
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } },
  ];
  const v2 = (name: string, cpu: number) =>
    ({ ...scaler(name, 'v2'), spec: { ...scaler(name, 'v2')['spec'], metrics: metrics(cpu) } }) as KubeObject;
  await scalers('v2').create(v2('d', 65));
  await assert.rejects(scalers('v2').create(v2('e', 50)), {
    message: `horizontalpodautoscalers.autoscaling "e" is forbidden: ValidatingAdmissionPolicy 'cpu' with binding 'cpu' denied request: is 50`,
  });
  await resource('validatingadmissionpolicybindings').delete('cpu');
});

test('a webhook is asked again when one after it changes the object, if it wants to be', async () => {
  const seen: string[] = [];
  const label =
    (name: string): Answer =>
    (request) => {
      const labels = Object.keys(request['object'].metadata.labels ?? {}).join(',');
      seen.push(`${name}:${labels}`);
      if (request['object'].metadata.labels?.[name] !== undefined) return { allowed: true };
      return request['object'].metadata.labels === undefined
        ? patchOf({ op: 'add', path: '/metadata/labels', value: { [name]: 'x' } })
        : patchOf({ op: 'add', path: `/metadata/labels/${name}`, value: 'x' });
    };
  const first = await register('/r1', 'v1', label('r1'), { reinvocationPolicy: 'IfNeeded' });
  const second = await register('/r2', 'v1', label('r2'));
  await scalers('v1').create(scaler('f', 'v1'));
  await first();
  await second();
  assert.deepEqual(seen, ['r1:', 'r2:r1', 'r1:r1,r2']);
});
