import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MemoryReader } from '../../memory-reader.ts';
import { run } from '../testing.ts';
import { PodSecurity } from './pod-security.ts';

const prefix = 'pod-security.kubernetes.io/';

function world(labels: Record<string, string>): { plugin: PodSecurity; reader: MemoryReader } {
  const reader = new MemoryReader();
  reader.put('namespaces', { metadata: { name: 'ns', labels } });
  return { plugin: new PodSecurity(reader), reader };
}

describe('PodSecurity', () => {
  test('refuses what baseline forbids, naming every fault', async () => {
    const { plugin } = world({ [`${prefix}enforce`]: 'baseline' });
    const container = {
      name: 'c',
      securityContext: { privileged: true, capabilities: { add: ['SYS_ADMIN'] } },
    };
    const pod = (spec: object) => ({ metadata: { name: 'a' }, spec });
    assert.equal(
      await run(plugin, { object: pod({ containers: [container], hostNetwork: true, hostPID: true }) }),
      'pods "a" is forbidden: violates PodSecurity "baseline:latest": non-default capabilities (container "c" must not include "SYS_ADMIN" in securityContext.capabilities.add), host namespaces (hostNetwork=true, hostPID=true), privileged (container "c" must not set securityContext.privileged=true)',
    );
    const volumes = [{ name: 'h', hostPath: { path: '/' } }];
    assert.equal(
      await run(plugin, { object: pod({ containers: [{ name: 'c' }], volumes }) }),
      'pods "a" is forbidden: violates PodSecurity "baseline:latest": hostPath volumes (volume "h")',
    );
    assert.equal(await run(plugin, { object: pod({ containers: [{ name: 'c' }] }) }), '');
  });

  test('warns of templates that restricted forbids', async () => {
    const { plugin } = world({ [`${prefix}warn`]: 'restricted' });
    const warnings: string[] = [];
    const template = { spec: { containers: [{ name: 'x' }, { name: 'y' }] } };
    await run(plugin, {
      resource: 'deployments.apps',
      kind: 'Deployment',
      object: { metadata: { name: 'd' }, spec: { template } },
      warn: (text) => warnings.push(text),
    });
    assert.deepEqual(warnings, [
      'would violate PodSecurity "restricted:latest": allowPrivilegeEscalation != false (containers "x", "y" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (containers "x", "y" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or containers "x", "y" must set securityContext.runAsNonRoot=true), seccompProfile (pod or containers "x", "y" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    ]);
  });

  test('warns of what is enforced where no level to warn at is given', async () => {
    const { plugin } = world({ [`${prefix}enforce`]: 'baseline', [`${prefix}enforce-version`]: 'v1.30' });
    const warnings: string[] = [];
    const template = { spec: { hostPID: true, containers: [{ name: 'x' }] } };
    await run(plugin, {
      resource: 'jobs.batch',
      kind: 'Job',
      object: { metadata: { name: 'j' }, spec: { template } },
      warn: (text) => warnings.push(text),
    });
    assert.deepEqual(warnings, [
      'would violate PodSecurity "baseline:v1.30": host namespaces (hostPID=true)',
    ]);
  });

  test('refuses labels that mean nothing, and warns of pods that are there', async () => {
    const { plugin, reader } = world({});
    const namespace = (labels: Record<string, string>) => ({ metadata: { name: 'ns', labels } });
    const of = { resource: 'namespaces', kind: 'Namespace' };
    assert.match(
      await run(plugin, { ...of, object: namespace({ [`${prefix}enforce`]: 'strict' }) }),
      /metadata\.labels\[pod-security\.kubernetes\.io\/enforce\]: Invalid value: "strict": must be one of privileged, baseline, restricted/,
    );
    reader.put('pods', {
      metadata: { name: 'p', namespace: 'ns' },
      spec: { hostIPC: true, containers: [{ name: 'c' }] },
    });
    const warnings: string[] = [];
    await run(plugin, {
      ...of,
      operation: 'UPDATE',
      object: namespace({ [`${prefix}enforce`]: 'baseline' }),
      oldObject: namespace({}),
      warn: (text) => warnings.push(text),
    });
    assert.deepEqual(warnings, [
      'existing pods in namespace "ns" violate the new PodSecurity enforce level "baseline:latest"',
      'p: host namespaces',
    ]);
  });
});
