import { isHeadless, normalizeClusterIPs, patchAllocatedValues } from '@coxswain/api';
import type { KubeObject } from '@coxswain/machinery';
import { objectKey } from '../../storage/keys.ts';
import type { RegistryContext } from '../context.ts';
import type { ResourceHooks } from '../hooks.ts';
import { Allocation } from './allocation.ts';
import { initIPFamilies, staysPreferDualStack } from './ip-families.ts';
import { removeUnheld } from './remove-unheld.ts';
import { portsOf, type ServiceAllocators } from './service-allocators.ts';
import { takeAddedPorts, takeNewPorts, takesPorts } from './service-ports.ts';

/** Services get addresses and node ports before they are validated, and give them back when they go. */
export function serviceHooks(allocators: ServiceAllocators): ResourceHooks {
  return {
    beginCreate: async (context, _request, service, dryRun) => {
      normalizeClusterIPs(service['spec'], undefined);
      const allocation = new Allocation(context, allocators, dryRun);
      await undoOnFailure(allocation, async () => {
        initIPFamilies(service, undefined, allocators.families);
        await takeAddresses(allocation, service);
        await takePorts(allocation, service, () => takeNewPorts(allocation, service));
      });
      return () => allocation.undo();
    },
    beginUpdate: async (context, _request, service, old, dryRun) => {
      patchAllocatedValues(service['spec'], old['spec']);
      normalizeClusterIPs(service['spec'], old['spec']);
      const allocation = new Allocation(context, allocators, dryRun);
      await undoOnFailure(allocation, async () => {
        initIPFamilies(service, old, allocators.families);
        await takeAddedAddresses(allocation, service, old);
        await takePorts(allocation, service, () => takeAddedPorts(allocation, service, old));
      });
      return () => allocation.undo();
    },
    afterUpdate: (context, service, old) => release(context, allocators, old, service),
    afterDelete: async (context, service) => {
      await deleteEndpoints(context, service);
      await release(context, allocators, service, undefined);
    },
  };
}

async function undoOnFailure(allocation: Allocation, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await allocation.undo();
    throw error;
  }
}

/** An address of each family, those that are asked for and any others. */
async function takeAddresses(allocation: Allocation, service: KubeObject): Promise<void> {
  const { spec } = service;
  if (spec.type === 'ExternalName' || isHeadless(spec)) return;
  const clusterIPs: string[] = [...(spec.clusterIPs ?? [])];
  for (let i = 0; i < spec.ipFamilies.length; i++) {
    clusterIPs[i] = await allocation.takeAddress(service, spec.ipFamilies[i], clusterIPs[i] ?? '');
  }
  spec.clusterIPs = clusterIPs;
  spec.clusterIP = clusterIPs[0];
}

/** What an update needs: all addresses of a name that becomes a service, or the second of one that had one. */
async function takeAddedAddresses(
  allocation: Allocation,
  service: KubeObject,
  old: KubeObject,
): Promise<void> {
  if (staysPreferDualStack(service, old)) return;
  const { spec } = service;
  const before = old['spec'];
  if (before.type === 'ExternalName') return takeAddresses(allocation, service);
  if (isHeadless(before) || spec.type === 'ExternalName') return;
  if (before.ipFamilies?.length !== 1 || spec.ipFamilies?.length !== 2) return;
  const [first = '', second = ''] = spec.clusterIPs ?? [];
  spec.clusterIPs = [first, await allocation.takeAddress(service, spec.ipFamilies[1], second)];
}

/** Ports that are picked from memory may be another server's: `take` begins anew until they are not. */
async function takePorts(allocation: Allocation, service: KubeObject, take: () => void): Promise<void> {
  const { spec } = service;
  if (!takesPorts(spec)) return;
  const asked = { ports: structuredClone(spec.ports), healthCheckNodePort: spec.healthCheckNodePort };
  await allocation.takePorts(() => {
    Object.assign(spec, structuredClone(asked));
    if (asked.healthCheckNodePort === undefined) delete spec.healthCheckNodePort;
    if (asked.ports === undefined) delete spec.ports;
    take();
  });
}

/** Endpoints are of no use without their service, which is why they do not wait for their controller. */
async function deleteEndpoints(context: RegistryContext, service: KubeObject): Promise<void> {
  const { namespace = '', name = '' } = service.metadata;
  const endpoints = context.resources.find('v1', 'endpoints')?.cache;
  if (endpoints === undefined) return;
  await removeUnheld(context, endpoints, objectKey(endpoints.prefix, namespace, name));
}

/** Gives back what the old state held and the new one does not. */
async function release(
  context: RegistryContext,
  allocators: ServiceAllocators,
  old: KubeObject,
  now: KubeObject | undefined,
): Promise<void> {
  const keptPorts = new Set(now === undefined ? [] : portsOf(now['spec']));
  await allocators.releasePorts(portsOf(old['spec']).filter((port) => !keptPorts.has(port)));
  const kept: string[] = now?.['spec'].clusterIPs ?? [];
  for (const address of old['spec'].clusterIPs ?? []) {
    if (address !== 'None' && address !== '' && !kept.includes(address)) {
      await allocators.unclaim(context, address);
    }
  }
}
