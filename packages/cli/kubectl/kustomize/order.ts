import { Failure } from '../error-text.ts';
import type { Resource, ResourceId } from './resource.ts';

/** `sortOptions` of a kustomization. */
export interface SortOptions {
  readonly order?: 'fifo' | 'legacy';
  readonly legacySortOptions?: {
    readonly orderFirst?: readonly string[];
    readonly orderLast?: readonly string[];
  };
}

/** What others need comes before them. */
const first =
  'Namespace ResourceQuota StorageClass CustomResourceDefinition ServiceAccount PodSecurityPolicy Role ClusterRole RoleBinding ClusterRoleBinding ConfigMap Secret Endpoints Service LimitRange PriorityClass PersistentVolume PersistentVolumeClaim Deployment StatefulSet CronJob PodDisruptionBudget'.split(
    ' ',
  );
const last = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];

/** The resources in kustomize's order of kinds, or in that of their files. Throws `Failure` for wrong options. */
export function inOrder(
  resources: readonly Resource[],
  options: SortOptions = { order: 'legacy' },
): Resource[] {
  const { order = 'fifo', legacySortOptions } = options;
  if (order !== 'fifo' && order !== 'legacy') {
    throw new Failure("the field 'sortOptions.order' must be one of [fifo, legacy]");
  }
  if (order === 'fifo') return [...resources];
  const { orderFirst = [], orderLast = [] } = legacySortOptions ?? { orderFirst: first, orderLast: last };
  const rank = ({ kind }: ResourceId): number => {
    const behind = orderLast.indexOf(kind);
    if (behind >= 0) return 1 + behind;
    const before = orderFirst.indexOf(kind);
    return before < 0 ? 0 : before - orderFirst.length;
  };
  const key = ({ group, version, kind, name, namespace }: ResourceId): string =>
    `${group || '~G'}_${version || '~V'}_${kind}|${namespace || '~X'}|${name || '~N'}`;
  return resources
    .map((resource) => ({ resource, rank: rank(resource.id), key: key(resource.id) }))
    .sort((a, b) => a.rank - b.rank || (a.key < b.key ? -1 : 1))
    .map(({ resource }) => resource);
}
