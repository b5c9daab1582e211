import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Client } from '@coxswain/client';
import type { KubeObject } from '@coxswain/machinery';
import { loopbackUser } from '../../access/loopback-user.ts';
import { startTestServer } from '../../testing-server.ts';

const claim = (name: string, exactly: object): KubeObject => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceClaim',
  metadata: { name },
  spec: { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: 'c', ...exactly } }] } },
});

describe('claims of devices', () => {
  let running: Awaited<ReturnType<typeof startTestServer>>;
  let client: Client;
  const claims = (namespace: string) =>
    client.resource({ group: 'resource.k8s.io', version: 'v1', resource: 'resourceclaims' }, namespace);

  before(async () => {
    running = await startTestServer();
    client = new Client(running.server.loopback(loopbackUser));
    await client.resource({ group: '', version: 'v1', resource: 'namespaces' }).create({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'admins', labels: { 'resource.kubernetes.io/admin-access': 'true' } },
    });
  });
  after(() => running.close());

  it('are refused when a selector does not compile', async () => {
    const selectors = [{ cel: { expression: 'device.nothing' } }];
    await assert.rejects(
      claims('default').create(claim('a', { selectors })),
      /spec\.devices\.requests\[0\]\.exactly\.selectors\[0\]\.cel\.expression: Invalid value: "device\.nothing": compilation failed/,
    );
  });

  it('may only look into what others use where the namespace says so', async () => {
    await assert.rejects(claims('default').create(claim('b', { adminAccess: true })), {
      message:
        'ResourceClaim.resource.k8s.io "b" is invalid: spec.devices.requests[0].adminAccess: Forbidden: admin access to devices requires the `resource.kubernetes.io/admin-access: true` label on the containing namespace',
    });
    const made = await claims('admins').create(claim('b', { adminAccess: true }));
    assert.equal(made['spec'].devices.requests[0].exactly.adminAccess, true);
  });
});
