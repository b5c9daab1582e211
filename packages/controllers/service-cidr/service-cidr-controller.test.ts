import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '@coxswain/machinery';
import { Harness } from '../shared/harness-suite.ts';
import { ipAddresses, serviceCidrs } from '../shared/resources.ts';
import { orphanedAddress } from './orphaned-address.ts';
import { ServiceCidrController } from './service-cidr-controller.ts';

const range = (name: string, ...cidrs: string[]): KubeObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'ServiceCIDR',
  metadata: { name },
  spec: { cidrs },
});

const address = (name: string, managedBy = 'ipallocator.k8s.io'): KubeObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IPAddress',
  metadata: { name, labels: { 'ipaddress.kubernetes.io/managed-by': managedBy } },
});

const cases: readonly (readonly [
  title: string,
  others: readonly KubeObject[],
  addresses: readonly KubeObject[],
  orphan: string | undefined,
])[] = [
  ['nothing is taken of it', [], [address('10.9.0.1')], undefined],
  ['an address is taken of it alone', [], [address('10.1.0.7')], '10.1.0.7'],
  ['somebody else took the address', [], [address('10.1.0.7', 'me')], undefined],
  ['a larger one has its addresses', [range('b', '10.0.0.0/8')], [address('10.1.0.7')], undefined],
  ['another has the same range', [range('b', '10.1.0.0/24')], [address('10.1.0.7')], undefined],
  ['a smaller one has the address', [range('b', '10.1.0.0/28')], [address('10.1.0.7')], undefined],
  ['a smaller one has another address', [range('b', '10.1.0.0/30')], [address('10.1.0.7')], '10.1.0.7'],
  ['the other family is taken', [range('b', '10.1.0.0/24')], [address('2001:db8::5')], '2001:db8::5'],
];
for (const [title, others, addresses, orphan] of cases) {
  test(`orphanedAddress(): ${title}`, () => {
    const one = range('a', '10.1.0.0/24', '2001:db8::/64');
    assert.equal(orphanedAddress(one, [one, ...others], addresses), orphan);
  });
}

test('ServiceCidrController marks ServiceCIDRs as ready, and keeps those in use until others have their addresses', async () => {
  const harness = new Harness();
  await harness.run(new ServiceCidrController(harness.context));
  const ranges = harness.client.resource(serviceCidrs);
  const seen = async (name: string): Promise<unknown> => {
    const { metadata, status } = await ranges.get(name);
    const [{ type, status: state, reason, message } = {}]: any[] = status?.conditions ?? [];
    return [metadata.finalizers, type, state, reason, message];
  };
  const becomes = (name: string, wanted: unknown): Promise<void> =>
    harness.until(`${name} is ${JSON.stringify(wanted)}`, async () =>
      isDeepStrictEqual(await seen(name), wanted),
    );
  const finalizers = ['networking.k8s.io/service-cidr-finalizer'];
  const ready = [finalizers, 'Ready', 'True', undefined, 'Kubernetes Service CIDR is ready'];
  await ranges.create(range('a', '10.1.0.0/24'));
  await becomes('a', ready);
  await harness.client.resource(ipAddresses).create(address('10.1.0.7'));
  await ranges.delete('a');
  await becomes('a', [
    finalizers,
    'Ready',
    'False',
    'Terminating',
    'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
  ]);
  await ranges.create(range('b', '10.0.0.0/8'));
  await harness.until('it is gone', async () => (await ranges.list()).items.length === 1);
  await becomes('b', ready);
  await harness.stop();
});
