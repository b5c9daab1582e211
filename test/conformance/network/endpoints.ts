import assert from 'node:assert/strict';
import { eventually } from '../../e2e/support/cluster.ts';
import type { Behaviours } from '../support/behaviours.ts';
import { idle } from '../support/pods.ts';
import { askHttp, netexecPod } from '../support/programs.ts';
import type { Scope } from '../support/scope.ts';

const service = (name: string, spec: object) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec,
});
const slicesOf = async (s: Scope, name: string): Promise<any[]> =>
  (await s.api.get(`${s.path('endpointslices')}?labelSelector=kubernetes.io%2Fservice-name%3D${name}`)).items;

/** Behaviours of endpoints. */
export const endpoints: Behaviours = (behaviour) => {
  for (const area of [
    'EndpointSlice should create Endpoints and EndpointSlices',
    'EndpointsController should create Endpoints',
  ]) {
    behaviour(`[sig-network] ${area} for Pods matching a Service`, async (s) => {
      const pod = (name: string, labels: Record<string, string>) => {
        const made = netexecPod(name, { labels }, { PORTS: name === 'pod1' ? '3000' : '3001' });
        made.spec.containers[0].ports = [
          { name: 'example-name', containerPort: name === 'pod1' ? 3000 : 3001 },
        ];
        return made;
      };
      await s.create(
        service('example-int-port', {
          selector: { foo: 'bar' },
          ports: [{ name: 'example', port: 80, targetPort: 3000 }],
        }),
        service('example-named-port', {
          selector: { foo: 'bar' },
          publishNotReadyAddresses: true,
          ports: [{ name: 'http', port: 80, targetPort: 'example-name' }],
        }),
        service('example-no-match', {
          selector: { foo: 'nothing' },
          ports: [{ name: 'example-no-match', port: 80, targetPort: 3001 }],
        }),
      );
      const [one, two] = await Promise.all([
        s.start(pod('pod1', { foo: 'bar' })),
        s.start(pod('pod2', { foo: 'bar' })),
      ]);
      const addresses = [one.status.podIP, two.status.podIP].sort();
      await eventually('slices', async () => {
        const [int] = await slicesOf(s, 'example-int-port');
        assert.deepEqual(int.endpoints.map((e: any) => e.addresses[0]).sort(), addresses);
        assert.deepEqual(int.ports, [{ name: 'example', port: 3000, protocol: 'TCP' }]);
        for (const e of int.endpoints) {
          assert.equal(e.targetRef.kind, 'Pod');
          assert.ok(e.nodeName);
        }
        const named = await slicesOf(s, 'example-named-port');
        assert.deepEqual(named.map((x) => x.ports[0].port).sort(), [3000, 3001]);
        const none = await slicesOf(s, 'example-no-match');
        assert.deepEqual(
          none.map((x) => x.endpoints?.length ?? 0),
          [0],
        );
        return true;
      });
      await eventually('endpoints', async () => {
        const { subsets } = await s.get('endpoints', 'example-named-port');
        assert.deepEqual(subsets.map((x: any) => x.ports[0].port).sort(), [3000, 3001]);
        return true;
      });
    });
  }

  for (const area of [
    'EndpointSlice should create and delete EndpointSlices',
    'EndpointsController should create and delete Endpoints',
  ]) {
    behaviour(`[sig-network] ${area} for a Service with a selector that matches no pods`, async (s) => {
      await s.create(
        service('empty', {
          selector: { 'does-not-match-anything': 'endpoints-and-endpoint-slices-should-still-be-created' },
          ports: [{ name: 'example', port: 80 }],
        }),
      );
      await s.until('endpoints', 'empty', 'there', () => true);
      await eventually('one slice', async () => {
        const slices = await slicesOf(s, 'empty');
        return slices.length === 1 && slices[0].metadata.ownerReferences[0].kind === 'Service';
      });
      await s.delete('services', 'empty');
      await s.gone('endpoints', 'empty');
      await eventually('no slice', async () => (await slicesOf(s, 'empty')).length === 0);
    });
  }

  for (const [title, same] of [
    ['multiple endpoint IPs', true],
    ['multiple ports', false],
  ] as const) {
    behaviour(
      `[sig-network] EndpointSlice should support a Service with ${title} specified in multiple EndpointSlices`,
      async (s) => {
        const ports = same
          ? [{ name: 'http', port: 80 }]
          : [
              { name: 'first', port: 80 },
              { name: 'second', port: 81 },
            ];
        await s.create(service('web', { ports }));
        const [one, two] = await Promise.all([
          s.start(netexecPod('one')),
          s.start(netexecPod('two')),
          s.start(idle('client')),
        ]);
        for (const [i, pod] of [one, two].entries()) {
          await s.create({
            apiVersion: 'discovery.k8s.io/v1',
            kind: 'EndpointSlice',
            metadata: {
              name: `web-${i}`,
              labels: {
                'kubernetes.io/service-name': 'web',
                'endpointslice.kubernetes.io/managed-by': 'e2e-test',
              },
            },
            addressType: 'IPv4',
            endpoints: [{ addresses: [pod.status.podIP] }],
            ports: [{ name: same ? 'http' : ports[i]?.name, port: 8080, protocol: 'TCP' }],
          });
        }
        const { clusterIP } = (await s.get('services', 'web')).spec;
        const seen = new Set<string>();
        await eventually('both answer', async () => {
          seen.add(await s.exec('client', ...askHttp(clusterIP, 80)));
          if (!same) assert.equal(await s.exec('client', ...askHttp(clusterIP, 81)), 'two');
          return seen.size === (same ? 2 : 1);
        });
        if (!same) assert.deepEqual([...seen], ['one']);
      },
    );
  }

  behaviour(
    '[sig-network] EndpointSliceMirroring should mirror a custom Endpoints resource through create update and delete',
    async (s) => {
      await s.create(
        service('example-custom-endpoints', { ports: [{ name: 'example', port: 80, protocol: 'TCP' }] }),
      );
      const ports = [{ name: 'example', port: 80, protocol: 'TCP' }];
      await s.create({
        apiVersion: 'v1',
        kind: 'Endpoints',
        metadata: { name: 'example-custom-endpoints' },
        subsets: [{ ports, addresses: [{ ip: '10.1.2.3' }] }],
      });
      const mirrored = (address: string): Promise<unknown> =>
        eventually(`a slice with ${address}`, async () => {
          const [slice, ...rest] = await slicesOf(s, 'example-custom-endpoints');
          assert.equal(rest.length, 0);
          assert.equal(
            slice.metadata.labels['endpointslice.kubernetes.io/managed-by'],
            'endpointslicemirroring-controller.k8s.io',
          );
          assert.deepEqual(slice.ports, ports);
          assert.deepEqual(
            slice.endpoints.map((e: any) => e.addresses),
            [[address]],
          );
          return true;
        });
      await mirrored('10.1.2.3');
      await s.api.change(s.path('endpoints', 'example-custom-endpoints'), (o) => {
        o.subsets = [{ ports, addresses: [{ ip: '10.2.3.4' }] }];
      });
      await mirrored('10.2.3.4');
      await s.delete('endpoints', 'example-custom-endpoints');
      await eventually('no slice', async () => (await slicesOf(s, 'example-custom-endpoints')).length === 0);
    },
  );
};
