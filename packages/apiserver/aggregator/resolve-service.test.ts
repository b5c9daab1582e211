import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryReader } from '../access/memory-reader.ts';
import { availabilityFromState } from './availability-check.ts';
import { type Routing, resolveService } from './resolve-service.ts';

const reference = { namespace: 'ns', name: 'svc', port: 443 };
const ports = [{ name: 'https', port: 443 }];

interface State {
  readonly spec?: Record<string, unknown>;
  readonly slices?: readonly Record<string, unknown>[];
}

function readerOf({ spec, slices = [] }: State): MemoryReader {
  const reader = new MemoryReader();
  if (spec !== undefined) reader.put('services', { metadata: { namespace: 'ns', name: 'svc' }, spec });
  slices.forEach((slice, i) => {
    const labels = { 'kubernetes.io/service-name': 'svc' };
    reader.put('endpointslices.discovery.k8s.io', {
      metadata: { namespace: 'ns', name: `svc-${i}`, labels },
      ...slice,
    });
  });
  return reader;
}

const slice = (ready: boolean | undefined, name = 'https') => ({
  endpoints: [{ addresses: ['10.0.0.1'], conditions: ready === undefined ? {} : { ready } }],
  ports: [{ name, port: 8443 }],
});

const clusterIP = { type: 'ClusterIP', clusterIP: '10.96.0.9', ports };

test('resolveService() gives the cluster address, or the endpoints', () => {
  const reader = readerOf({ spec: clusterIP, slices: [slice(true), slice(undefined), slice(false)] });
  assert.deepEqual(resolveService(reader, reference, 'cluster-ip'), [{ host: '10.96.0.9', port: 443 }]);
  const at = { host: '10.0.0.1', port: 8443 };
  assert.deepEqual(resolveService(reader, reference, 'endpoints'), [at, at]);
});

const faults: readonly (readonly [State, Routing, string])[] = [
  [{}, 'cluster-ip', 'service "svc" not found'],
  [
    { spec: { ...clusterIP, clusterIP: 'None' } },
    'cluster-ip',
    'cannot route to service with ClusterIP "None"',
  ],
  [{ spec: { ...clusterIP, ports: [] } }, 'cluster-ip', 'no service port 443 found for service "svc"'],
  [{ spec: { type: 'ExternalName', ports } }, 'endpoints', 'unsupported service type "ExternalName"'],
  [{ spec: clusterIP, slices: [slice(false)] }, 'endpoints', 'no endpoints available for service "svc"'],
];

for (const [state, routing, message] of faults) {
  test(`resolveService() by ${routing} says: ${message}`, () => {
    assert.throws(() => resolveService(readerOf(state), reference, routing), { message });
  });
}

const conditions: readonly (readonly [State, string, string])[] = [
  [{}, 'ServiceNotFound', 'service/svc in "ns" is not present'],
  [
    { spec: { ...clusterIP, ports: [{ port: 80 }] } },
    'ServicePortError',
    'service/svc in "ns" is not listening on port 443',
  ],
  [{ spec: clusterIP }, 'EndpointsNotFound', 'cannot find endpointslices for service/svc in "ns"'],
  [
    { spec: clusterIP, slices: [slice(true, 'other'), slice(false)] },
    'MissingEndpoints',
    'endpointslices for service/svc in "ns" have no addresses with port name "https"',
  ],
];

for (const [state, reason, message] of conditions) {
  test(`availabilityFromState() gives ${reason}`, () => {
    assert.deepEqual(availabilityFromState(readerOf(state), reference), {
      status: 'False',
      reason,
      message,
    });
  });
}

test('availabilityFromState() leaves it to the server when an endpoint is ready', () => {
  const reader = readerOf({ spec: clusterIP, slices: [slice(false), slice(true)] });
  assert.equal(availabilityFromState(reader, reference), undefined);
  assert.equal(availabilityFromState(readerOf({ spec: { type: 'NodePort', ports } }), reference), undefined);
});
