import type { Informer, InformerFactory } from '@coxswain/controller';
import type { GroupVersionResource, KubeObject } from '@coxswain/machinery';
import { selectorFromLabelSelector } from '@coxswain/machinery';
import type { ClusterReader } from './framework.ts';
import type { Pod } from './types.ts';

const core = (resource: string): GroupVersionResource => ({ group: '', version: 'v1', resource });

/** Controllers whose selector spreads the pods they own, by kind. */
const owners: Readonly<Record<string, GroupVersionResource>> = {
  ReplicationController: core('replicationcontrollers'),
  ReplicaSet: { group: 'apps', version: 'v1', resource: 'replicasets' },
  StatefulSet: { group: 'apps', version: 'v1', resource: 'statefulsets' },
};

/** Answers the plugins' questions from informers, which it asks the factory for. */
export function createClusterReader(
  factory: InformerFactory,
): ClusterReader & { readonly volumes: readonly Informer[] } {
  const services = factory.informer(core('services'));
  const namespaces = factory.informer(core('namespaces'));
  const claims = factory.informer(core('persistentvolumeclaims'));
  const volumes = factory.informer(core('persistentvolumes'));
  const classes = factory.informer({ group: 'storage.k8s.io', version: 'v1', resource: 'storageclasses' });
  const ownerInformers = new Map(Object.entries(owners).map(([kind, ref]) => [kind, factory.informer(ref)]));

  return {
    volumes: [claims, volumes, classes],
    spreadSelectors(pod) {
      const selectors: Record<string, any>[] = [];
      const matched = mergedServiceSelector(services.lister.list(pod.metadata.namespace), pod);
      if (matched) selectors.push({ matchLabels: matched });
      const owner = pod.metadata.ownerReferences?.find((ref) => ref.controller);
      const object =
        owner && ownerInformers.get(owner.kind)?.lister.get(pod.metadata.namespace as string, owner.name);
      const selector = object?.['spec'].selector;
      if (owner?.kind === 'ReplicationController' && selector) selectors.push({ matchLabels: selector });
      else if (selector) selectors.push(selector);
      return selectors;
    },
    namespaceLabels: (name) => namespaces.lister.get('', name)?.metadata.labels,
    persistentVolumeClaim: (namespace, name) => claims.lister.get(namespace, name),
    persistentVolume: (name) => volumes.lister.get('', name),
    storageClass: (name) => classes.lister.get('', name),
  };
}

/** The union of the selectors of all services that select the pod; undefined when none does. */
function mergedServiceSelector(
  services: readonly KubeObject[],
  pod: Pod,
): Record<string, string> | undefined {
  const selectors = services
    .map((service) => service['spec'].selector as Record<string, string> | undefined)
    .filter((s) => s && selectorFromLabelSelector({ matchLabels: s }).matches(pod.metadata.labels));
  return selectors.length === 0 ? undefined : Object.assign({}, ...selectors);
}
