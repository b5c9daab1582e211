import { typeOfKind } from '@coxswain/api';
import { type KubeObject, parseApiVersion, zeroObject } from '@coxswain/machinery';
import type { ServedResource } from '../../registry/resource-registry.ts';
import { byName, inTypeOrder } from '../../storage/member-order.ts';

/** An object with nothing but these metadata, as Go writes it: what has a type shows the zero values of its members. */
export function emptyObject(resource: ServedResource, metadata: KubeObject['metadata']): KubeObject {
  const { fact, apiVersion, custom } = resource;
  const { kind } = fact;
  const type = custom === undefined ? typeOfKind({ ...parseApiVersion(apiVersion), kind }) : undefined;
  if (type === undefined) return byName({ kind, apiVersion, metadata });
  return inTypeOrder({ ...zeroObject(type), kind, apiVersion, metadata });
}
