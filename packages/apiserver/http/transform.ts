import { type KubeObject, newBadRequest } from '@coxswain/machinery';
import type { Outcome } from '../registry/context.ts';
import type { ServedResource } from '../registry/resource-registry.ts';
import type { RowCondition, Table } from '../registry/tables/table.ts';
import { tableFor, tableForKind } from '../registry/tables/table-for.ts';

/** PartialObjectMetadata of an object; `version` is `meta.k8s.io/v1`. */
export function partialObject(object: KubeObject, version: string): object {
  return { kind: 'PartialObjectMetadata', apiVersion: version, metadata: object.metadata };
}

/** PartialObjectMetadataList of a list. */
export function partialList(list: KubeObject, version: string): object {
  return {
    kind: 'PartialObjectMetadataList',
    apiVersion: version,
    metadata: list.metadata,
    items: (list['items'] as KubeObject[]).map((item) => ({
      metadata: item.metadata,
    })),
  };
}

/** Table of an object or list. `includeObject` is None, Metadata (the default) or Object. */
export function tableOf(
  resource: ServedResource,
  outcome: Outcome,
  object: KubeObject,
  version: string,
  includeObject: string,
  now: number,
): object {
  checkIncludeObject(includeObject);
  const table = tableForKind(object.kind) ?? tableFor(resource.fact);
  const items = outcome.kind === 'list' ? (object['items'] as KubeObject[]) : [object];
  const { fact, apiVersion } = resource;
  const { resourceVersion, continue: token, remainingItemCount } = object.metadata as Record<string, unknown>;
  return {
    kind: 'Table',
    apiVersion: version,
    metadata: { resourceVersion, continue: token, remainingItemCount },
    columnDefinitions: table.columns,
    rows: items.map((item) => ({
      cells: table.cells(item, now),
      ...conditionsOf(table, item),
      ...(includeObject === 'None'
        ? { object: null }
        : { object: rowObject(item, fact.kind, apiVersion, version, includeObject) }),
    })),
  };
}

function checkIncludeObject(value: string): void {
  if (value === '' || value === 'None' || value === 'Metadata' || value === 'Object') return;
  throw newBadRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(value)}: must be 'Metadata', 'Object', 'None', or empty`,
  );
}

/** What a row says of itself beside its cells, such as that a pod is done. */
function conditionsOf(table: Table, item: KubeObject): { conditions?: readonly RowCondition[] } {
  const conditions = table.conditions?.(item);
  return conditions === undefined ? {} : { conditions };
}

function rowObject(
  item: KubeObject,
  kind: string,
  apiVersion: string,
  version: string,
  includeObject: string,
): object {
  return includeObject === 'Object' ? { ...item, kind, apiVersion } : partialObject(item, version);
}
