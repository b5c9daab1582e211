import { needsHealthCheck, normalizeClusterIPs } from '@coxswain/api';
import { FieldPath, type KubeObject } from '@coxswain/machinery';
import type { RegistryContext } from '../context.ts';
import type { ResourceHooks } from '../hooks.ts';
import { Allocation } from './allocation.ts';
import { initIPFamilies } from './ip-families.ts';
import { portsOf, type ServiceAllocators } from './service-allocators.ts';

interface ServicePort {
  readonly port: number;
  readonly protocol?: string;
  nodePort?: number;
}

/** Services get addresses and node ports before they are validated, and give them back when they go. */
export function serviceHooks(allocators: ServiceAllocators): ResourceHooks {
  return {
    beginCreate: async (context, _request, service, dryRun) => {
      normalizeClusterIPs(service['spec'], undefined);
      const allocation = new Allocation(context, allocators, dryRun);
      await undoOnFailure(allocation, async () => {
        initIPFamilies(service, ['IPv4']);
        await takeAddresses(allocation, service, undefined);
        await claimPorts(allocation, service, undefined);
      });
      return () => allocation.undo();
    },
    beginUpdate: async (context, _request, service, old, dryRun) => {
      patchAllocatedValues(service['spec'], old['spec']);
      normalizeClusterIPs(service['spec'], old['spec']);
      const allocation = new Allocation(context, allocators, dryRun);
      await undoOnFailure(allocation, async () => {
        initIPFamilies(service, ['IPv4']);
        await takeAddresses(allocation, service, old);
        await claimPorts(allocation, service, old);
      });
      return () => allocation.undo();
    },
    afterUpdate: (context, service, old) => release(context, allocators, old, service),
    afterDelete: (context, service) => release(context, allocators, service, undefined),
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

const wantsAddress = (service: KubeObject | undefined): boolean =>
  service !== undefined &&
  service['spec'].type !== 'ExternalName' &&
  service['spec'].clusterIPs?.[0] !== 'None';

async function takeAddresses(
  allocation: Allocation,
  service: KubeObject,
  old: KubeObject | undefined,
): Promise<void> {
  if (!wantsAddress(service)) return;
  const { spec } = service;
  const held: string[] = wantsAddress(old) ? (old?.['spec'].clusterIPs ?? []) : [];
  const clusterIPs: string[] = [...(spec.clusterIPs ?? [])];
  for (let i = 0; i < spec.ipFamilies.length; i++) {
    const asked = clusterIPs[i] ?? '';
    if (asked !== '' && held.includes(asked)) continue;
    // A changed address is refused by the validation; there is nothing to take for it.
    if (held[i] !== undefined) continue;
    clusterIPs[i] = await allocation.takeAddress(service, asked);
  }
  spec.clusterIPs = clusterIPs;
  spec.clusterIP = clusterIPs[0];
}

function wantsNodePorts(spec: Record<string, any>): boolean {
  if (spec['type'] === 'NodePort') return true;
  return spec['type'] === 'LoadBalancer' && spec['allocateLoadBalancerNodePorts'] !== false;
}

async function claimPorts(
  allocation: Allocation,
  service: KubeObject,
  old: KubeObject | undefined,
): Promise<void> {
  const { spec } = service;
  if (!wantsNodePorts(spec) && portsOf(spec).length === 0 && !needsHealthCheck(spec)) return;
  const asked = { ports: structuredClone(spec.ports), healthCheckNodePort: spec.healthCheckNodePort };
  await allocation.takePorts(() => {
    Object.assign(spec, structuredClone(asked));
    if (asked.healthCheckNodePort === undefined) delete spec.healthCheckNodePort;
    if (asked.ports === undefined) delete spec.ports;
    takePorts(allocation, service, old);
  });
}

function takePorts(allocation: Allocation, service: KubeObject, old: KubeObject | undefined): void {
  const { spec } = service;
  const held = new Set<number>(old === undefined ? [] : portsOf(old['spec']));
  const ports: ServicePort[] = spec.ports ?? [];
  const mayHave = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
  if (mayHave) {
    // One service port under several protocols shares one node port.
    const byPort = new Map<number, number>();
    const mine = new Set<number>();
    const take = (port: number, i: number): void => {
      if (!held.has(port) && !mine.has(port)) {
        allocation.takePort(service, port, FieldPath.root('spec', 'ports').index(i).child('nodePort'));
      }
      mine.add(port);
    };
    ports.forEach((port, i) => {
      const shared = byPort.get(port.port);
      if ((port.nodePort ?? 0) !== 0) take(port.nodePort as number, i);
      else if (wantsNodePorts(spec)) {
        const asked = shared ?? ports.find((p) => p.port === port.port && (p.nodePort ?? 0) !== 0)?.nodePort;
        if (asked !== undefined) take(asked, i);
        port.nodePort = asked ?? allocation.takeAnyPort();
        mine.add(port.nodePort);
      }
      if ((port.nodePort ?? 0) !== 0 && shared === undefined) byPort.set(port.port, port.nodePort as number);
    });
  }
  if (needsHealthCheck(spec)) {
    const asked: number = spec.healthCheckNodePort ?? 0;
    if (asked === 0) spec.healthCheckNodePort = allocation.takeAnyPort();
    else if (!held.has(asked)) {
      allocation.takePort(service, asked, FieldPath.root('spec', 'healthCheckNodePort'));
    }
  }
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

/** Allocated values that the caller left out stay as they are. */
function patchAllocatedValues(spec: Record<string, any>, old: Record<string, any>): void {
  const needsAddress = (type: string): boolean => type !== 'ExternalName';
  if (needsAddress(old['type']) && needsAddress(spec['type'])) {
    if ((spec['clusterIP'] ?? '') === '' && old['clusterIP'] !== undefined)
      spec['clusterIP'] = old['clusterIP'];
    if (
      (spec['clusterIPs']?.length ?? 0) === 0 &&
      spec['clusterIP'] === old['clusterIP'] &&
      old['clusterIPs']
    ) {
      spec['clusterIPs'] = [...old['clusterIPs']];
    }
  }
  const outward = (type: string): boolean => type === 'NodePort' || type === 'LoadBalancer';
  if (outward(old['type']) && outward(spec['type'])) keepNodePorts(spec, old);
  if (needsHealthCheck(old) && needsHealthCheck(spec))
    spec['healthCheckNodePort'] ??= old['healthCheckNodePort'];
}

function keepNodePorts(spec: Record<string, any>, old: Record<string, any>): void {
  const key = (p: ServicePort): string => `${p.protocol ?? 'TCP'} ${p.port}`;
  const held = new Map<string, number>();
  const used = new Set<number>();
  for (const port of (spec['ports'] ?? []) as ServicePort[]) if (port.nodePort) used.add(port.nodePort);
  for (const port of (old['ports'] ?? []) as ServicePort[])
    if (port.nodePort) held.set(key(port), port.nodePort);
  for (const port of (spec['ports'] ?? []) as ServicePort[]) {
    const before = held.get(key(port));
    if ((port.nodePort ?? 0) === 0 && before !== undefined && !used.has(before)) port.nodePort = before;
  }
}
