import type { KubeObject } from '@coxswain/machinery';
import { aggregateContainerResources } from '../pod-resources.ts';

/** A scope of a quota (ScopedResourceSelectorRequirement). */
export interface QuotaScope {
  readonly scopeName: string;
  readonly operator?: string;
  readonly values?: readonly string[];
}

/** The scopes of a quota: by name, and by expression. */
export function quotaScopesOf(quota: KubeObject): readonly QuotaScope[] {
  const spec = quota['spec'] ?? {};
  return [
    ...(spec['scopes'] ?? []).map((scopeName: string) => ({ scopeName, operator: 'Exists' })),
    ...(spec['scopeSelector']?.['matchExpressions'] ?? []),
  ];
}

/** Whether every scope of the quota takes the object in. Scopes are about pods; others match only without any. */
export function quotaScopesMatch(quota: KubeObject, resource: string, object: KubeObject): boolean {
  return quotaScopesOf(quota).every((scope) => quotaScopeMatches(scope, resource, object));
}

/** Whether a scope takes an object in. */
export function quotaScopeMatches(scope: QuotaScope, resource: string, object: KubeObject): boolean {
  if (resource === 'persistentvolumeclaims') return claimMatches(scope, object);
  return resource === 'pods' && podMatches(scope, object);
}

function claimMatches(scope: QuotaScope, claim: KubeObject): boolean {
  if (scope.scopeName !== 'VolumeAttributesClass') return false;
  const status = claim['status'] ?? {};
  // wanted, in use, and on the way to be
  const names: string[] = [
    claim['spec']?.['volumeAttributesClassName'],
    status['currentVolumeAttributesClassName'],
    status['modifyVolumeStatus']?.['targetVolumeAttributesClassName'],
  ].filter((name) => name !== undefined && name !== '');
  return (names.length === 0 ? [''] : names).some((name) => nameMatches(scope, name));
}

function podMatches(scope: QuotaScope, pod: KubeObject): boolean {
  const spec = pod['spec'] ?? {};
  switch (scope.scopeName) {
    case 'Terminating':
      return spec['activeDeadlineSeconds'] != null && spec['activeDeadlineSeconds'] >= 0;
    case 'NotTerminating':
      return !(spec['activeDeadlineSeconds'] != null && spec['activeDeadlineSeconds'] >= 0);
    case 'BestEffort':
      return isBestEffort(spec);
    case 'NotBestEffort':
      return !isBestEffort(spec);
    case 'PriorityClass':
      return nameMatches(scope, spec['priorityClassName'] ?? '');
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(spec);
    default:
      return false;
  }
}

function nameMatches({ operator, values = [] }: QuotaScope, name: string): boolean {
  switch (operator) {
    case 'In':
      return name !== '' && values.includes(name);
    case 'NotIn':
      return !values.includes(name);
    case 'DoesNotExist':
      return name === '';
    default:
      return name !== '';
  }
}

function isBestEffort(spec: Record<string, any>): boolean {
  const wanted = {
    ...aggregateContainerResources(spec, 'requests'),
    ...aggregateContainerResources(spec, 'limits'),
  };
  return ['cpu', 'memory'].every((name) => wanted[name] === undefined || wanted[name].isZero);
}

function crossesNamespaces(spec: Record<string, any>): boolean {
  const affinity = spec['affinity'] ?? {};
  return ['podAffinity', 'podAntiAffinity'].some((kind) => {
    const terms = [
      ...(affinity[kind]?.['requiredDuringSchedulingIgnoredDuringExecution'] ?? []),
      ...(affinity[kind]?.['preferredDuringSchedulingIgnoredDuringExecution'] ?? []).map(
        (weighted: Record<string, any>) => weighted['podAffinityTerm'],
      ),
    ];
    return terms.some((term) => term?.['namespaces']?.length > 0 || term?.['namespaceSelector'] != null);
  });
}
