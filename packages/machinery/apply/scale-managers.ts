import type { ManagedFieldsEntry } from '../meta.ts';
import { difference, fieldSetOf, hasPath, isEmptySet, singlePath } from './field-set.ts';
import { decodeManagers, encodeManagers, type Manager, sameManager } from './managers.ts';

const scaleVersion = 'autoscaling/v1';
const replicasInScale = ['f:spec', 'f:replicas'] as const;

/** Where each version of the scaled resource has its replicas: `{ 'apps/v1': ['spec', 'replicas'] }`. */
export type ReplicasPaths = Readonly<Record<string, readonly string[]>>;

/** The managers of a scale: those of the parent that own its replicas. */
export function managersOfScale(
  parent: readonly ManagedFieldsEntry[] | undefined,
  paths: ReplicasPaths,
): ManagedFieldsEntry[] | undefined {
  const out: Manager[] = [];
  for (const { entry: _, ...manager } of decodeManagers(parent) ?? []) {
    const path = elementsOf(paths[manager.apiVersion]);
    if (path !== undefined && hasPath(manager.fields, path)) {
      out.push({ ...manager, apiVersion: scaleVersion, fields: singlePath(replicasInScale) });
    }
  }
  return encodeManagers(out);
}

/**
 * The parent's managers after its scale was written: who took the replicas there owns them in the parent.
 * @param apiVersion of the parent
 */
export function managersFromScale(
  parent: readonly ManagedFieldsEntry[] | undefined,
  scale: readonly ManagedFieldsEntry[] | undefined,
  paths: ReplicasPaths,
  apiVersion: string,
): ManagedFieldsEntry[] | undefined {
  let scalers = decodeManagers(scale) ?? [];
  const out: Manager[] = [];
  for (const manager of decodeManagers(parent) ?? []) {
    const names = paths[manager.apiVersion];
    const path = elementsOf(names);
    if (names === undefined || path === undefined) continue;
    if (!hasPath(manager.fields, path)) {
      out.push(manager);
      continue;
    }
    // In the scale a manager bears the scale's version.
    const kept = scalers.find((s) => sameManager(s, { ...manager, apiVersion: s.apiVersion }));
    if (kept) {
      out.push(manager);
      scalers = scalers.filter((s) => s !== kept);
      continue;
    }
    const { entry: _, ...rest } = manager;
    const left = difference(manager.fields, fieldSetOf(names));
    if (!isEmptySet(left)) out.push({ ...rest, fields: left });
  }
  const path = elementsOf(paths[apiVersion]);
  for (const { entry: _, ...scaler } of scalers) {
    if (path === undefined || !hasPath(scaler.fields, replicasInScale)) continue;
    // Times are those of the parent's entries, and it has none for a newcomer.
    out.push({ ...scaler, apiVersion, time: undefined, fields: singlePath(path) });
  }
  return encodeManagers(out);
}

function elementsOf(names: readonly string[] | undefined): readonly string[] | undefined {
  return names?.map((name) => `f:${name}`);
}
