import { type KubeObject, newBadRequest } from '@coxswain/machinery';
import type { ServedResource } from '../../registry/resource-registry.ts';
import type { RowCondition, Table } from '../../registry/tables/table.ts';
import { tableFor, tableForKind } from '../../registry/tables/table-for.ts';
import type { Entry } from '../../storage/entry.ts';
import { metaInTypeOrder } from '../../storage/member-order.ts';

/** PartialObjectMetadata of an object; `version` is `meta.k8s.io/v1`. */
export function partialObject(object: KubeObject, version: string): object {
  return { kind: 'PartialObjectMetadata', apiVersion: version, metadata: metaInTypeOrder(object.metadata) };
}

/** Table of one object. `includeObject` is None, Metadata (the default) or Object. */
export function tableOf(
  resource: ServedResource,
  object: KubeObject,
  version: string,
  includeObject: string,
  now: number,
): object {
  checkIncludeObject(includeObject);
  const { fact, apiVersion, custom } = resource;
  const table = tableForKind(object.kind, custom !== undefined) ?? custom?.table ?? tableFor(fact);
  const { resourceVersion } = object.metadata;
  return {
    kind: 'Table',
    apiVersion: version,
    metadata: { resourceVersion },
    columnDefinitions: table.columns,
    rows: [
      {
        ...rowOf(table, object, now),
        object:
          includeObject === 'None' ? null : rowObject(object, fact.kind, apiVersion, version, includeObject),
      },
    ],
  };
}

/** Table of a list without its rows, which come last. */
export function tableWithoutRows(
  resource: ServedResource,
  metadata: object,
  version: string,
  includeObject: string,
): object {
  checkIncludeObject(includeObject);
  const columnDefinitions = (resource.custom?.table ?? tableFor(resource.fact)).columns;
  return { kind: 'Table', apiVersion: version, metadata, columnDefinitions };
}

/** The entries of a list in the order of its rows. */
export function inRowOrder(resource: ServedResource, entries: readonly Entry[]): readonly Entry[] {
  const { compare } = resource.custom?.table ?? tableFor(resource.fact);
  return compare === undefined ? entries : entries.toSorted((a, b) => compare(a.object, b.object));
}

/** What a row says of an object beside the object itself. */
export function tableRow(resource: ServedResource, now: number): (object: KubeObject) => object {
  const table = resource.custom?.table ?? tableFor(resource.fact);
  return (object) => rowOf(table, object, now);
}

function rowOf(table: Table, object: KubeObject, now: number): object {
  return { cells: table.cells(object, now), ...conditionsOf(table, object) };
}

/** Throws upstream's 400 for what a table cannot include. */
export function checkIncludeObject(value: string): void {
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
