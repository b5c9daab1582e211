import { type KubeObject, parseApiVersion } from '@coxswain/machinery';
import type { PolicyRule } from '../access/authorization/rbac/policy-rule.ts';
import generated from './generated/objects.json' with { type: 'json' };

/** The compiler knows each by its own shape; what they share is told here. */
const objects = generated as unknown as readonly KubeObject[];

/** Plural names of the kinds that a fresh server holds. */
const plurals: Readonly<Record<string, string>> = {
  Namespace: 'namespaces',
  ClusterRole: 'clusterroles',
  ClusterRoleBinding: 'clusterrolebindings',
  Role: 'roles',
  RoleBinding: 'rolebindings',
  PriorityLevelConfiguration: 'prioritylevelconfigurations',
  FlowSchema: 'flowschemas',
  PriorityClass: 'priorityclasses',
  APIService: 'apiservices',
};

/** An object that every server holds, and where it is served. */
export interface BootstrapObject {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  /** Shared: copy before changing. */
  readonly object: KubeObject;
}

/** The objects of bootstrap policy in the order in which they are to be created. */
export function bootstrapObjects(): readonly BootstrapObject[] {
  return objects.map((object) => ({
    ...parseApiVersion(object.apiVersion),
    resource: plurals[object.kind] as string,
    object,
  }));
}

/** Rules of a bootstrap ClusterRole; empty when there is none of the name. */
export function bootstrapClusterRoleRules(name: string): readonly PolicyRule[] {
  const found = objects.find((object) => object.kind === 'ClusterRole' && object.metadata.name === name);
  return (found?.['rules'] ?? []) as readonly PolicyRule[];
}
