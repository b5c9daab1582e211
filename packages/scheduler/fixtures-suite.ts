import type { KubeObject } from '@coxswain/machinery';
import { SchedulerCache } from './cache.ts';
import type { ClusterReader, Plugin } from './framework.ts';
import { defaultPlugins } from './plugins/default-plugins.ts';
import type { Placer } from './schedule-pod.ts';

/** A node with 4 cores, 8 GiB and room for 110 pods, unless the parts say otherwise. */
export function aNode(
  name: string,
  parts: { labels?: object; spec?: object; allocatable?: object } = {},
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...parts.labels } },
    spec: { ...parts.spec },
    status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110', ...parts.allocatable } },
  };
}

let uid = 0;

export function aPod(
  name: string,
  spec: object = {},
  parts: { labels?: object; namespace?: string } = {},
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: parts.namespace ?? 'default',
      uid: `uid-${uid++}`,
      labels: { ...parts.labels } as Record<string, string>,
    },
    spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
    status: { phase: 'Pending' },
  };
}

/** One container that asks for so much. */
export function asking(cpu: string, memory = '1Mi'): object {
  return { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu, memory } } }] };
}

export const noCluster: ClusterReader = {
  spreadSelectors: () => [],
  namespaceLabels: () => ({}),
  persistentVolumeClaim: () => undefined,
  persistentVolume: () => undefined,
  storageClass: () => undefined,
};

export function aPlacer(
  nodes: readonly KubeObject[],
  placed: readonly KubeObject[] = [],
  parts: { plugins?: readonly Plugin[]; cluster?: ClusterReader } = {},
): Placer & { readonly snapshot: SchedulerCache } {
  const snapshot = new SchedulerCache();
  for (const node of nodes) snapshot.setNode(node);
  for (const pod of placed) snapshot.setPod(pod);
  return {
    plugins: parts.plugins ?? defaultPlugins,
    snapshot,
    cluster: parts.cluster ?? noCluster,
    nominated: () => [],
    random: () => 0.99,
    start: { index: 0 },
  };
}
