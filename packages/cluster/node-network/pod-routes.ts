import type { corev1 } from '@coxswain/api';

/** The way to another node's pods. */
export interface PodRoute {
  readonly block: string;
  readonly via: string;
}

/** The routes that a node needs: to each other node's IPv4 pod block, over that node's address. */
export function podRoutes(nodes: readonly corev1.Node[], ownName: string): readonly PodRoute[] {
  const routes: PodRoute[] = [];
  for (const node of nodes) {
    if (node.metadata.name === ownName) continue;
    const blocks = node.spec?.podCIDRs ?? (node.spec?.podCIDR ? [node.spec.podCIDR] : []);
    const via = node.status?.addresses?.find((a) => a.type === 'InternalIP' && !a.address.includes(':'));
    // A simulated node has the machine's own address: there is nothing to route to.
    if (via === undefined || via.address.startsWith('127.')) continue;
    for (const block of blocks) if (!block.includes(':')) routes.push({ block, via: via.address });
  }
  return routes;
}

/** The `ip -batch` commands that lead from the routes there are to those wanted. */
export function diffRoutes(present: readonly PodRoute[], wanted: readonly PodRoute[]): readonly string[] {
  const has = (list: readonly PodRoute[], r: PodRoute): boolean =>
    list.some((other) => other.block === r.block && other.via === r.via);
  const stale = present.filter((r) => !wanted.some((w) => w.block === r.block));
  const missing = wanted.filter((r) => !has(present, r));
  return [
    ...stale.map((r) => `route delete ${r.block} via ${r.via}`),
    ...missing.map((r) => `route replace ${r.block} via ${r.via}`),
  ];
}
