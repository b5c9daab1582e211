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
  return spec['type'] === 'ClusterIP' || spec['type'] === 'NodePort' || spec['type'] === 'LoadBalancer';
}

function needsNodePort(spec: Json): boolean {
  if (spec['type'] === 'NodePort') return true;
  return spec['type'] === 'LoadBalancer' && spec['allocateLoadBalancerNodePorts'] !== false;
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
  const sameList = list.length === oldList.length && list.every((ip, i) => ip === oldList[i]);
  if (oldSingle !== '' && single === '' && sameList) {
    delete spec['clusterIPs'];
  } else if (single !== oldSingle && sameList) {
    if (single === '') delete spec['clusterIPs'];
    else spec['clusterIPs'] = [single];
  } else if (oldSingle === '' && single !== '' && list.length === 0) {
    spec['clusterIPs'] = [single];
  }
}

/** patchAllocatedValues: an update that leaves allocated values out keeps them. */
export function patchAllocatedValues(spec: Json, old: Json): void {
  if (needsClusterIP(old) && needsClusterIP(spec)) {
    if ((spec['clusterIP'] ?? '') === '' && old['clusterIP']) spec['clusterIP'] = old['clusterIP'];
    if (sizeOf(spec['clusterIPs']) === 0 && spec['clusterIP'] === old['clusterIP'] && old['clusterIPs']) {
      spec['clusterIPs'] = [...old['clusterIPs']];
    }
  }
  if (needsNodePort(old) && needsNodePort(spec)) {
    const known = new Map<string, number>();
    for (const port of old['ports'] ?? []) known.set(`${port.protocol}/${port.port}`, port.nodePort ?? 0);
    const used = new Set<string>();
    for (const port of spec['ports'] ?? []) if (port.nodePort) used.add(`${port.protocol}/${port.nodePort}`);
    for (const port of spec['ports'] ?? []) {
      if (port.nodePort) continue;
      const before = known.get(`${port.protocol}/${port.port}`);
      if (!before || used.has(`${port.protocol}/${before}`)) continue;
      port.nodePort = before;
      used.add(`${port.protocol}/${before}`);
    }
  }
  if (needsHealthCheck(old) && needsHealthCheck(spec) && !spec['healthCheckNodePort']) {
    if (old['healthCheckNodePort']) spec['healthCheckNodePort'] = old['healthCheckNodePort'];
  }
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
  if (needsNodePort(old) && !needsNodePort(spec) && sameNodePorts(old, spec)) {
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

function sameNodePorts(a: Json, b: Json): boolean {
  const ports = (spec: Json): number[] =>
    (spec['ports'] ?? []).map((p: Json) => p['nodePort'] ?? 0).filter((p: number) => p !== 0);
  const before = new Set(ports(a));
  const now = new Set(ports(b));
  return before.size === now.size && [...before].every((port) => now.has(port));
}
