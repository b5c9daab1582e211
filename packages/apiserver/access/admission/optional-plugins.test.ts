import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { silentLogger, systemClock, VirtualClock } from '@coxswain/machinery';
import { MemoryReader } from '../memory-reader.ts';
import { startTestServer, type TestServer } from '../remote/testing-server.ts';
import type { AdmissionConfig } from './configuration/admission-config.ts';
import { readAdmissionConfig } from './configuration/read-admission-config.ts';
import { EventRateLimit } from './event-rate-limit.ts';
import { ImagePolicyWebhook } from './image-policy-webhook.ts';
import { PodNodeSelector } from './pod-node-selector.ts';
import { PodTolerationRestriction } from './pod-toleration-restriction.ts';
import { run } from './testing.ts';

function namespaceWith(annotations: Record<string, string>): MemoryReader {
  const reader = new MemoryReader();
  reader.put('namespaces', { metadata: { name: 'ns', annotations } });
  return reader;
}

describe('PodNodeSelector', () => {
  const key = 'scheduler.alpha.kubernetes.io/node-selector';
  const podWith = (nodeSelector?: Record<string, string>) => ({
    metadata: { name: 'p' },
    spec: { nodeSelector } as Record<string, any>,
  });

  test('gives pods the selector of their namespace, or that of the cluster', async () => {
    const pod = podWith({ own: 'x' });
    assert.equal(
      await run(new PodNodeSelector(namespaceWith({ [key]: 'env=test, zone=a' })), { object: pod }),
      '',
    );
    assert.deepEqual(pod.spec['nodeSelector'], { env: 'test', zone: 'a', own: 'x' });
    const other = podWith();
    await run(new PodNodeSelector(namespaceWith({}), { clusterDefaultNodeSelector: 'env=prod' }), {
      object: other,
    });
    assert.deepEqual(other.spec['nodeSelector'], { env: 'prod' });
  });

  test('refuses what contradicts it', async () => {
    assert.equal(
      await run(new PodNodeSelector(namespaceWith({ [key]: 'env=test' })), {
        object: podWith({ env: 'prod' }),
      }),
      'pods "p" is forbidden: pod node label selector conflicts with its namespace node label selector',
    );
    assert.equal(
      await run(new PodNodeSelector(namespaceWith({}), { ns: 'env=test' }), {
        object: podWith({ own: 'x' }),
      }),
      'pods "p" is forbidden: pod node label selector labels conflict with its namespace whitelist',
    );
  });
});

describe('PodTolerationRestriction', () => {
  const prefix = 'scheduler.alpha.kubernetes.io/';
  const toleration = (key: string, more = {}) => ({ key, operator: 'Exists', effect: 'NoSchedule', ...more });
  const podWith = (tolerations: object[], containers: object[] = []) => ({
    metadata: { name: 'p' },
    spec: { tolerations, containers } as Record<string, any>,
  });

  test('merges what the namespace gives with what the pod has', async () => {
    const reader = namespaceWith({
      [`${prefix}defaultTolerations`]: JSON.stringify([toleration('a'), toleration('b')]),
    });
    const pod = podWith([toleration('b'), { key: 'a', operator: 'Equal', value: 'v', effect: 'NoSchedule' }]);
    assert.equal(await run(new PodTolerationRestriction(reader), { object: pod }), '');
    assert.deepEqual(pod.spec['tolerations'], [toleration('a'), toleration('b')]);
  });

  test('lets pods that ask for memory stay where there is little', async () => {
    const pod = podWith([], [{ name: 'c', resources: { requests: { memory: '1Mi' } } }]);
    await run(new PodTolerationRestriction(namespaceWith({})), { object: pod });
    assert.deepEqual(pod.spec['tolerations'], [toleration('node.kubernetes.io/memory-pressure')]);
  });

  test('refuses what the namespace does not allow', async () => {
    const reader = namespaceWith({ [`${prefix}tolerationsWhitelist`]: JSON.stringify([toleration('a')]) });
    assert.equal(
      await run(new PodTolerationRestriction(reader), { object: podWith([toleration('b')]) }),
      'pod tolerations (possibly merged with namespace default tolerations) conflict with its namespace whitelist',
    );
  });
});

describe('EventRateLimit', () => {
  const event = {
    resource: 'events',
    kind: 'Event',
    object: {
      metadata: { name: 'e' },
      source: { component: 'c' },
      involvedObject: { kind: 'Pod', name: 'p' },
    },
  };

  test('refuses events that come too fast, until time has passed', async () => {
    const clock = new VirtualClock();
    const plugin = new EventRateLimit(
      [
        { type: 'Namespace', qps: 1, burst: 2, cacheSize: 0 },
        { type: 'SourceAndObject', qps: 1, burst: 2, cacheSize: 0 },
      ],
      clock,
    );
    assert.equal(await run(plugin, event), '');
    assert.equal(await run(plugin, event), '');
    assert.equal(
      await run(plugin, event),
      '[limit reached on type Namespace for key ns, limit reached on type SourceAndObject for key cPodp]',
    );
    assert.equal(
      await run(plugin, { ...event, namespace: 'other', object: { metadata: { name: 'f' } } }),
      '',
    );
    assert.equal(await run(plugin, { object: { metadata: { name: 'p' } } }), '');
    await clock.advance(1000);
    assert.equal(await run(plugin, event), '');
  });
});

describe('ImagePolicyWebhook and its configuration', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  const write = (name: string, value: unknown): string => {
    const file = join(server.dir, name);
    writeFileSync(file, JSON.stringify(value));
    return file;
  };
  const readConfig = (plugins: object[]): AdmissionConfig => {
    const file = write('admission.json', {
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'AdmissionConfiguration',
      plugins,
    });
    return readAdmissionConfig(file, () => true);
  };

  test('asks once for what it is told', async () => {
    const configuration = { imagePolicy: { kubeConfigFile: server.kubeconfig('/images'), denyTTL: 50 } };
    const { imagePolicy } = readConfig([{ name: 'ImagePolicyWebhook', configuration }]);
    assert.ok(imagePolicy);
    const sources = { clock: systemClock, logger: silentLogger, random: () => 0 };
    const plugin = new ImagePolicyWebhook(imagePolicy, sources);
    server.answers.set('/images', (review) => ({
      body: { ...review, status: { allowed: false, reason: `${review.spec.containers[0].image} is old` } },
    }));
    const annotations = { 'a.image-policy.k8s.io/ticket': '1', other: 'x' };
    const object = {
      metadata: { name: 'p', annotations },
      spec: { containers: [{ name: 'c', image: 'i:1' }] },
    };
    const refused =
      'pods "p" is forbidden: image policy webhook backend denied one or more images: i:1 is old';
    assert.equal(await run(plugin, { object }), refused);
    assert.equal(await run(plugin, { object }), refused);
    assert.deepEqual(
      server.asked('/images').map((review) => review.spec),
      [
        {
          containers: [{ image: 'i:1' }],
          annotations: { 'a.image-policy.k8s.io/ticket': '1' },
          namespace: 'ns',
        },
      ],
    );
  });

  test('is read with the files that it names', () => {
    const apiVersion = 'pod-security.admission.config.k8s.io/v1';
    const policy = { apiVersion, kind: 'PodSecurityConfiguration' };
    write('policy.json', {
      ...policy,
      defaults: { enforce: 'baseline' },
      exemptions: { namespaces: ['kube-system'] },
    });
    const { podSecurity } = readConfig([{ name: 'PodSecurity', path: 'policy.json' }]);
    assert.deepEqual(podSecurity?.defaults.enforce, { level: 'baseline', version: 'latest' });
    assert.ok(podSecurity?.namespaces.has('kube-system'));
    write('policy.json', { ...policy, defaults: { enforce: 'strict' } });
    assert.throws(() => readConfig([{ name: 'PodSecurity', path: 'policy.json' }]), {
      message:
        'couldn\'t init admission plugin "PodSecurity": defaults.enforce: Invalid value: "strict": must be one of privileged, baseline, restricted',
    });
    const limits = [{ type: 'Server', qps: 0, burst: 1 }];
    const configuration = {
      apiVersion: 'eventratelimit.admission.k8s.io/v1alpha1',
      kind: 'Configuration',
      limits,
    };
    assert.throws(() => readConfig([{ name: 'EventRateLimit', configuration }]), {
      message:
        'couldn\'t init admission plugin "EventRateLimit": limits[0].qps: Invalid value: 0: must be positive',
    });
  });
});
