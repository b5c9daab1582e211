import assert from 'node:assert/strict';
import { test } from 'node:test';
import { categorizeEndpoints } from './categorize-endpoints.ts';
import { endpointsOf } from './endpoint.ts';
import { servicePorts } from './service-port.ts';
import { makeEndpoint, makeService, makeSlice } from './testing/objects.ts';

const ready = { ready: true, serving: true, terminating: false };
const leaving = { ready: false, serving: true, terminating: true };
const broken = { ready: false, serving: false, terminating: false };
const here = (address: string, conditions = ready) => makeEndpoint(address, conditions, 'here');
const there = (address: string, conditions = ready) => makeEndpoint(address, conditions, 'there');

const cluster = { clusterIP: '10.96.0.1', ports: [{ port: 80 }] };
const nodePortLocal = {
  type: 'NodePort',
  externalTrafficPolicy: 'Local',
  clusterIP: '10.96.0.1',
  ports: [{ port: 80, nodePort: 30000 }],
};

const cases = [
  {
    title: 'ready endpoints alone when there are any',
    spec: cluster,
    endpoints: [here('10.0.0.1'), there('10.0.0.2', leaving), there('10.0.0.3', broken)],
    want: { cluster: ['10.0.0.1'], local: [], any: true },
  },
  {
    title: 'those on their way out that still answer when none is ready',
    spec: cluster,
    endpoints: [here('10.0.0.1', broken), there('10.0.0.2', leaving)],
    want: { cluster: ['10.0.0.2'], local: [], any: true },
  },
  {
    title: 'nothing when none answers',
    spec: cluster,
    endpoints: [here('10.0.0.1', broken)],
    want: { cluster: [], local: [], any: false },
  },
  {
    title: 'internal policy Local: only those of this node, though others are there',
    spec: { ...cluster, internalTrafficPolicy: 'Local' },
    endpoints: [there('10.0.0.2')],
    want: { cluster: [], local: [], any: true },
  },
  {
    title: 'external policy Local: both choices, for outside and for pods',
    spec: nodePortLocal,
    endpoints: [here('10.0.0.1'), there('10.0.0.2')],
    want: { cluster: ['10.0.0.1', '10.0.0.2'], local: ['10.0.0.1'], any: true },
  },
  {
    title: 'external policy Local: the one leaving this node when none here is ready',
    spec: nodePortLocal,
    endpoints: [here('10.0.0.1', leaving), there('10.0.0.2')],
    want: { cluster: ['10.0.0.2'], local: ['10.0.0.1'], any: true },
  },
  {
    title: 'zone hints when every endpoint has one',
    spec: cluster,
    endpoints: [
      { ...there('10.0.0.1'), hints: { forZones: [{ name: 'a' }] } },
      { ...there('10.0.0.2'), hints: { forZones: [{ name: 'b' }] } },
    ],
    want: { cluster: ['10.0.0.1'], local: [], any: true },
  },
  {
    title: 'no hints counted when one endpoint has none',
    spec: cluster,
    endpoints: [{ ...there('10.0.0.1'), hints: { forZones: [{ name: 'a' }] } }, there('10.0.0.2')],
    want: { cluster: ['10.0.0.1', '10.0.0.2'], local: [], any: true },
  },
  {
    title: 'no hints counted when no endpoint is meant for the zone',
    spec: cluster,
    endpoints: [{ ...there('10.0.0.1'), hints: { forZones: [{ name: 'c' }] } }],
    want: { cluster: ['10.0.0.1'], local: [], any: true },
  },
];

for (const { title, spec, endpoints, want } of cases) {
  test(`categorizeEndpoints() gives ${title}`, () => {
    const [port] = servicePorts(makeService('s', spec));
    const list = endpointsOf([makeSlice('s', endpoints)], 'here').get('') ?? [];
    const choice = categorizeEndpoints(list, port!, { nodeName: 'here', zone: 'a' });
    assert.deepEqual(
      {
        cluster: choice.cluster.map((e) => e.address),
        local: choice.local.map((e) => e.address),
        any: choice.any,
      },
      want,
    );
  });
}

test('servicePorts() leaves headless, external and foreign services alone', () => {
  const labelled = { ...makeService('s', cluster) };
  labelled.metadata = {
    ...labelled.metadata,
    labels: { 'service.kubernetes.io/service-proxy-name': 'mine' },
  };
  assert.deepEqual(servicePorts(labelled), []);
  assert.deepEqual(servicePorts(makeService('s', { ...cluster, clusterIP: 'None' })), []);
  assert.deepEqual(servicePorts(makeService('s', { type: 'ExternalName', externalName: 'a.example' })), []);
});

test('endpointsOf() counts an endpoint once that two slices bear, ready if one says so', () => {
  const slices = [makeSlice('s', [here('10.0.0.1', broken)]), makeSlice('s', [here('10.0.0.1')])];
  for (const order of [slices, slices.toReversed()]) {
    const found = endpointsOf(order, 'here').get('') ?? [];
    assert.deepEqual(
      found.map((e) => [e.address, e.ready]),
      [['10.0.0.1', true]],
    );
  }
});
