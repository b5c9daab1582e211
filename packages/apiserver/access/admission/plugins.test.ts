import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger, VirtualClock } from '@coxswain/machinery';
import type { Authorizer } from '../contract.ts';
import { MemoryReader } from '../memory-reader.ts';
import { alwaysPullImages } from './always-pull-images.ts';
import { denyServiceExternalIPs } from './deny-service-external-ips.ts';
import { extendedResourceToleration } from './extended-resource-toleration.ts';
import { limitPodHardAntiAffinityTopology } from './hard-anti-affinity.ts';
import { admissionPluginNames, buildPlugins } from './plugins.ts';
import { run } from './testing.ts';

const authorizer: Authorizer = { authorize: () => ({ decision: 'allow', reason: '' }) };

function names(enable: string[], disable: string[]): string[] {
  const options = {
    authorizationModes: ['AlwaysAllow' as const],
    anonymousAuth: false,
    staticTokens: new Map(),
    bootstrapTokens: false,
    serviceAccounts: {
      issuers: ['x'],
      audiences: [],
      signingKey: '',
      verificationKeys: [],
      extendExpiration: true,
      maxExpirationSeconds: 0,
      jwksUri: '',
    },
    enableAdmissionPlugins: enable,
    disableAdmissionPlugins: disable,
    serverUrl: '',
    transport: () => {
      throw new Error('nothing is written here');
    },
    logger: silentLogger,
  };
  const reader = new MemoryReader();
  const clock = new VirtualClock();
  return buildPlugins({ options, reader, clock, authorizer, rbac: undefined }).map((plugin) => plugin.name);
}

test('buildPlugins() keeps the order, adds what is enabled and leaves out what is disabled', () => {
  const usual = names([], []);
  assert.equal(usual[0], 'NamespaceLifecycle');
  assert.ok(!usual.includes('NodeRestriction'));
  const chosen = names(['NodeRestriction', 'AlwaysPullImages'], ['Priority']);
  assert.ok(!chosen.includes('Priority'));
  const known = chosen.filter((name) => admissionPluginNames.includes(name));
  assert.deepEqual(
    known,
    admissionPluginNames.filter((name) => known.includes(name)),
  );
  assert.ok(known.indexOf('ServiceAccount') < known.indexOf('NodeRestriction'));
});

test('AlwaysPullImages makes new images be pulled', async () => {
  const pod = { metadata: { name: 'p' }, spec: { containers: [{ image: 'a', imagePullPolicy: 'Never' }] } };
  await run(alwaysPullImages, { object: pod });
  assert.equal(pod.spec.containers[0]?.imagePullPolicy, 'Always');
});

test('DenyServiceExternalIPs lets addresses stay and none come', async () => {
  const service = (...externalIPs: string[]) => ({ metadata: { name: 's' }, spec: { externalIPs } });
  const of = { resource: 'services', kind: 'Service' };
  const update = { ...of, operation: 'UPDATE', oldObject: service('1.2.3.4') } as const;
  assert.equal(await run(denyServiceExternalIPs, { ...update, object: service('1.2.3.4') }), '');
  assert.equal(
    await run(denyServiceExternalIPs, { ...of, object: service('1.2.3.4') }),
    'services "s" is forbidden: Use of external IPs is denied by admission control.',
  );
});

test('ExtendedResourceToleration tolerates taints of what is asked for', async () => {
  const requests = { 'example.com/gpu': '1', cpu: '1' };
  const pod = {
    metadata: { name: 'p' },
    spec: { containers: [{ resources: { requests } }] } as Record<string, unknown>,
  };
  await run(extendedResourceToleration, { object: pod });
  assert.deepEqual(pod.spec['tolerations'], [
    { key: 'example.com/gpu', operator: 'Exists', effect: 'NoSchedule' },
  ]);
});

test('LimitPodHardAntiAffinityTopology takes hosts alone', async () => {
  const term = { topologyKey: 'topology.kubernetes.io/zone' };
  const podAntiAffinity = { requiredDuringSchedulingIgnoredDuringExecution: [term] };
  assert.match(
    await run(limitPodHardAntiAffinityTopology, {
      object: { metadata: { name: 'p' }, spec: { affinity: { podAntiAffinity } } },
    }),
    /has TopologyKey topology\.kubernetes\.io\/zone but only key kubernetes\.io\/hostname is allowed$/,
  );
});
