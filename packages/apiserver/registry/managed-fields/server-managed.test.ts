import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Transport } from '@coxswain/client';
import { type KubeObject, parseApiVersion } from '@coxswain/machinery';
import { startTestServer } from '../../testing-server.ts';

/** Manager, operation and subresource of each entry, and the fields of the first. */
function managersOf(object: KubeObject): { readonly entries: readonly string[]; readonly fields: unknown } {
  const entries = object.metadata.managedFields ?? [];
  return {
    entries: entries.map(({ manager, operation, subresource }) =>
      [manager, operation, subresource].join(' ').trim(),
    ),
    fields: entries.find(({ subresource }) => subresource === undefined)?.fieldsV1,
  };
}

describe('managedByServer()', () => {
  let started: Awaited<ReturnType<typeof startTestServer>>;
  let transport: Transport;
  before(async () => {
    started = await startTestServer();
    transport = started.server.loopback({ name: 'root', groups: ['system:masters'] });
  });
  after(() => started.close());

  const get = async (apiVersion: string, resource: string, name: string, namespace?: string) => {
    const { group, version } = parseApiVersion(apiVersion);
    const at = { group, version, resource, name, ...(namespace === undefined ? {} : { namespace }) };
    return managersOf((await transport.request({ ...at, verb: 'get' })) as KubeObject);
  };

  test('tells that a namespace is filled in by nobody', async () => {
    assert.deepEqual(await get('v1', 'namespaces', 'kube-system'), {
      entries: ['kube-apiserver Update'],
      fields: { 'f:metadata': { 'f:labels': { '.': {}, 'f:kubernetes.io/metadata.name': {} } } },
    });
  });

  test('tells who keeps flow schemas', async () => {
    const { entries, fields } = await get('flowcontrol.apiserver.k8s.io/v1', 'flowschemas', 'probes');
    assert.deepEqual(entries.toSorted(), [
      'api-priority-and-fairness-config-consumer-v1 Apply status',
      'api-priority-and-fairness-config-producer-v1 Update',
    ]);
    assert.deepEqual(Object.keys(fields as object), ['f:metadata', 'f:spec']);
  });

  test('leaves out what is given to the service of the server', async () => {
    const { fields } = await get('v1', 'services', 'kubernetes', 'default');
    assert.deepEqual(Object.keys((fields as Record<string, object>)['f:spec'] ?? {}), [
      'f:clusterIP',
      'f:internalTrafficPolicy',
      'f:ipFamilyPolicy',
      'f:ports',
      'f:sessionAffinity',
      'f:type',
    ]);
  });
});
