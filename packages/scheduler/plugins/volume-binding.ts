import { matchesNodeSelector } from '@coxswain/api';
import { type Plugin, refuse } from '../framework.ts';
import type { Pod } from '../types.ts';

const plugin = 'VolumeBinding';

/** The claims of a pod: named ones, and those made for its generic ephemeral volumes. */
export function claimNames(pod: Pod): string[] {
  return (pod['spec'].volumes ?? []).flatMap((volume: Record<string, any>) => {
    if (volume['persistentVolumeClaim']) return [volume['persistentVolumeClaim'].claimName];
    return volume['ephemeral'] ? [`${pod.metadata.name}-${volume['name']}`] : [];
  });
}

/** Lets a pod be placed when its claims exist and are bound, and only where its volumes can be reached. */
export const volumeBinding: Plugin = {
  name: plugin,
  preFilter(cycle) {
    const names = claimNames(cycle.pod);
    if (names.length === 0) return { skip: true };
    for (const name of names) {
      const claim = cycle.cluster.persistentVolumeClaim(cycle.pod.metadata.namespace as string, name);
      if (!claim) return { refusal: refuse(plugin, `persistentvolumeclaim "${name}" not found`, false) };
      if (claim['metadata'].deletionTimestamp) {
        return { refusal: refuse(plugin, `persistentvolumeclaim "${name}" is being deleted`, false) };
      }
      const waits =
        cycle.cluster.storageClass(claim['spec'].storageClassName ?? '')?.['volumeBindingMode'] ===
        'WaitForFirstConsumer';
      if (!claim['spec'].volumeName && !waits) {
        return { refusal: refuse(plugin, 'pod has unbound immediate PersistentVolumeClaims', false) };
      }
    }
    return {};
  },
  filter(cycle, node) {
    for (const name of claimNames(cycle.pod)) {
      const claim = cycle.cluster.persistentVolumeClaim(cycle.pod.metadata.namespace as string, name);
      const volumeName = claim?.['spec'].volumeName;
      if (!volumeName) continue;
      const volume = cycle.cluster.persistentVolume(volumeName);
      if (!volume)
        return refuse(
          plugin,
          'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)',
          false,
        );
      const needed = volume['spec'].nodeAffinity?.required;
      if (needed && !matchesNodeSelector(needed, node.node)) {
        return refuse(plugin, "node(s) didn't match PersistentVolume's node affinity", false);
      }
    }
    return undefined;
  },
  wakes: ['volume-change', 'node-add', 'node-update'],
};
