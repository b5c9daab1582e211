import type { KubeObject } from '@coxswain/machinery';

/** What a reconcile works on. */
export interface Rollout {
  readonly deployment: KubeObject;
  readonly old: readonly KubeObject[];
  /** The ReplicaSet of the present template. */
  readonly fresh: KubeObject | undefined;
}

export function allSets({ old, fresh }: Rollout): KubeObject[] {
  return fresh ? [...old, fresh] : [...old];
}

/** An object of `apps/v1` as it is sent: caches keep their objects without kind. */
export function typed(object: KubeObject, kind: string): KubeObject {
  return { ...object, apiVersion: 'apps/v1', kind };
}
