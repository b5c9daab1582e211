import type { GroupVersionKind } from '@coxswain/machinery';

/** Every group and version that a 1.36 server knows of, served or not: DeleteOptions and WatchEvent are kinds of each. */
const knownVersions: Readonly<Record<string, readonly string[]>> = {
  '': ['v1'],
  'admission.k8s.io': ['v1', 'v1beta1'],
  'admissionregistration.k8s.io': ['v1', 'v1alpha1', 'v1beta1'],
  'apiextensions.k8s.io': ['v1', 'v1beta1'],
  'apiregistration.k8s.io': ['v1', 'v1beta1'],
  apps: ['v1', 'v1beta1', 'v1beta2'],
  'authentication.k8s.io': ['v1', 'v1alpha1', 'v1beta1'],
  'authorization.k8s.io': ['v1', 'v1beta1'],
  autoscaling: ['v1', 'v2'],
  batch: ['v1', 'v1beta1'],
  'certificates.k8s.io': ['v1', 'v1alpha1', 'v1beta1'],
  'coordination.k8s.io': ['v1', 'v1alpha2', 'v1beta1'],
  'discovery.k8s.io': ['v1', 'v1beta1'],
  'events.k8s.io': ['v1', 'v1beta1'],
  extensions: ['v1beta1'],
  'flowcontrol.apiserver.k8s.io': ['v1', 'v1beta1', 'v1beta2', 'v1beta3'],
  'imagepolicy.k8s.io': ['v1alpha1'],
  'internal.apiserver.k8s.io': ['v1alpha1'],
  'networking.k8s.io': ['v1', 'v1beta1'],
  'node.k8s.io': ['v1', 'v1alpha1', 'v1beta1'],
  policy: ['v1', 'v1beta1'],
  'rbac.authorization.k8s.io': ['v1', 'v1alpha1', 'v1beta1'],
  'resource.k8s.io': ['v1', 'v1alpha3', 'v1beta1', 'v1beta2'],
  'scheduling.k8s.io': ['v1', 'v1alpha2', 'v1beta1'],
  'storage.k8s.io': ['v1', 'v1alpha1', 'v1beta1'],
  'storagemigration.k8s.io': ['v1beta1'],
};

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const everyGroupsKinds: ReadonlyMap<string, string> = new Map([
  [`${meta}.DeleteOptions`, 'DeleteOptions'],
  [`${meta}.WatchEvent`, 'WatchEvent'],
]);

/**
 * The kinds of a definition that is a kind of every group; undefined for all others.
 * @param unknown groups that are left out
 */
export function kindsOfEveryGroup(
  definition: string,
  unknown: ReadonlySet<string> = new Set(),
): GroupVersionKind[] | undefined {
  const kind = everyGroupsKinds.get(definition);
  if (kind === undefined) return undefined;
  return Object.entries(knownVersions).flatMap(([group, versions]) =>
    unknown.has(group) ? [] : versions.map((version) => ({ group, kind, version })),
  );
}
