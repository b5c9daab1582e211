import type { Json } from '../values.ts';
import { sizeOf } from '../values.ts';

/** What a service's type and policies imply, and how updates keep allocated values. */

/** ExternallyAccessible: whether traffic from outside has a way in. */
export function isExternallyAccessible(spec: Json): boolean {
  const type: string = spec['type'];
  if (type === 'LoadBalancer' || type === 'NodePort') return true;
  return type === 'ClusterIP' && sizeOf(spec['externalIPs']) > 0;
}

/** NeedsHealthCheck: a load balancer that must find the nodes with local endpoints. */
export function needsHealthCheck(spec: Json): boolean {
  return spec['type'] === 'LoadBalancer' && spec['externalTrafficPolicy'] === 'Local';
}

export function isHeadless(spec: Json): boolean {
  return sizeOf(spec['clusterIPs']) === 1 && spec['clusterIPs'][0] === 'None';
}

function needsClusterIP(spec: Json): boolean {
  return spec['type'] !== 'ExternalName';
}

function needsNodePort(spec: Json): boolean {
  return spec['type'] === 'NodePort' || spec['type'] === 'LoadBalancer';
}

/** NormalizeClusterIPs: callers that know only one of clusterIP and clusterIPs still say both. */
export function normalizeClusterIPs(spec: Json, old: Json | undefined): void {
  const single: string = spec['clusterIP'] ?? '';
  const list: string[] = spec['clusterIPs'] ?? [];
  if (old === undefined) {
    if (single !== '' && list.length === 0) spec['clusterIPs'] = [single];
    return;
  }
  const oldSingle: string = old['clusterIP'] ?? '';
  const oldList: string[] = old['clusterIPs'] ?? [];
  if (single === oldSingle) {
    if (list.length === 0 && oldList.length > 0) spec['clusterIPs'] = [...oldList];
    return;
  }
  // who changed the list too knows both
  if (list.length !== oldList.length || list.some((ip, i) => ip !== oldList[i])) return;
  if (single === '') delete spec['clusterIPs'];
  else spec['clusterIPs'] = [single];
}

/** patchAllocatedValues: an update that leaves allocated values out keeps them. */
export function patchAllocatedValues(spec: Json, old: Json): void {
  if (needsClusterIP(old) && needsClusterIP(spec)) {
    if ((spec['clusterIP'] ?? '') === '' && old['clusterIP']) spec['clusterIP'] = old['clusterIP'];
    if (sizeOf(spec['clusterIPs']) === 0 && spec['clusterIP'] === old['clusterIP'] && old['clusterIPs']) {
      spec['clusterIPs'] = [...old['clusterIPs']];
    }
  }
  if (needsNodePort(old) && needsNodePort(spec)) patchNodePorts(spec['ports'] ?? [], old['ports'] ?? []);
  if (needsHealthCheck(old) && needsHealthCheck(spec) && !spec['healthCheckNodePort']) {
    if (old['healthCheckNodePort']) spec['healthCheckNodePort'] = old['healthCheckNodePort'];
  }
}

/** Ports are known by their names; what another port of the update has taken over is not given twice. */
function patchNodePorts(ports: readonly Json[], oldPorts: readonly Json[]): void {
  const known = new Map<string, number>();
  for (const port of oldPorts) known.set(port['name'] ?? '', port['nodePort'] ?? 0);
  const before = nodePortsOf(oldPorts);
  const used = new Set([...nodePortsOf(ports)].filter((port) => before.has(port)));
  for (const port of ports) {
    const value = known.get(port['name'] ?? '') ?? 0;
    if (!port['nodePort'] && value !== 0 && !used.has(value)) port['nodePort'] = value;
  }
}

function nodePortsOf(ports: readonly Json[]): Set<number> {
  return new Set(ports.map((port) => port['nodePort'] ?? 0).filter((port) => port !== 0));
}

/** dropTypeDependentFields: a change of type frees what the new type cannot have, unless it was changed too. */
export function dropServiceFields(spec: Json, old: Json): void {
  if (needsClusterIP(old) && !needsClusterIP(spec)) {
    const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? []) === JSON.stringify(b ?? []);
    if (
      (spec['clusterIP'] ?? '') === (old['clusterIP'] ?? '') &&
      same(spec['clusterIPs'], old['clusterIPs'])
    ) {
      delete spec['clusterIP'];
      delete spec['clusterIPs'];
    }
    if (same(spec['ipFamilies'], old['ipFamilies'])) delete spec['ipFamilies'];
    if (spec['ipFamilyPolicy'] === old['ipFamilyPolicy']) delete spec['ipFamilyPolicy'];
  }
  if (needsNodePort(old) && !needsNodePort(spec) && addsNoNodePort(spec, old)) {
    for (const port of spec['ports'] ?? []) delete port.nodePort;
  }
  if (needsHealthCheck(old) && !needsHealthCheck(spec)) {
    if (spec['healthCheckNodePort'] === old['healthCheckNodePort']) delete spec['healthCheckNodePort'];
  }
  if (old['type'] === 'LoadBalancer' && spec['type'] !== 'LoadBalancer') {
    for (const member of ['allocateLoadBalancerNodePorts', 'loadBalancerClass']) {
      if (spec[member] === old[member]) delete spec[member];
    }
  }
  if (spec['type'] === 'ExternalName' && spec['internalTrafficPolicy'] === old['internalTrafficPolicy']) {
    delete spec['internalTrafficPolicy'];
  }
  if (isExternallyAccessible(old) && !isExternallyAccessible(spec)) {
    if (spec['externalTrafficPolicy'] === old['externalTrafficPolicy']) delete spec['externalTrafficPolicy'];
  }
}

/** Ports may change and go as long as no new node port comes. */
function addsNoNodePort(spec: Json, old: Json): boolean {
  const before = nodePortsOf(old['ports'] ?? []);
  return [...nodePortsOf(spec['ports'] ?? [])].every((port) => before.has(port));
}
