import { deepEqual, type KubeObject } from '@coxswain/machinery';
import type { Endpoint, EndpointGroup, EndpointPort } from './service-endpoints.ts';

/** --max-endpoints-per-slice's default. */
const maxEndpointsPerSlice = 100;

/** What to do with the slices of a service. */
export interface SlicePlan {
  readonly create: readonly SliceContent[];
  readonly update: readonly { readonly slice: KubeObject; readonly content: SliceContent }[];
  readonly remove: readonly KubeObject[];
}

export interface SliceContent {
  readonly addressType: string;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

/**
 * Fits the wanted endpoints into slices with few writes: endpoints stay in the slice they are in, new ones fill
 * the slices that change anyway or the fullest with room, the rest opens new slices, empty slices go. Pure.
 */
export function planSlices(groups: readonly EndpointGroup[], slices: readonly KubeObject[]): SlicePlan {
  const create: SliceContent[] = [];
  const update: { slice: KubeObject; content: SliceContent }[] = [];
  const remove: KubeObject[] = [];
  const byKey = Map.groupBy(slices, (slice) => keyOf(slice['addressType'], slice['ports'] ?? []));
  for (const { addressType, ports, endpoints } of groups) {
    const key = keyOf(addressType, ports);
    const wanted = new Map(endpoints.map((endpoint) => [identity(endpoint), endpoint]));
    const drafts = (byKey.get(key) ?? []).map((slice) => keepWanted(slice, wanted));
    byKey.delete(key);
    const rest = [...wanted.values()];
    // Slices that are written anyway come first, the fullest of the others after them.
    const order = [...drafts].sort(
      (a, b) => Number(b.changed) - Number(a.changed) || b.endpoints.length - a.endpoints.length,
    );
    for (const draft of order) {
      const room = maxEndpointsPerSlice - draft.endpoints.length;
      if (rest.length === 0 || room <= 0 || (draft.endpoints.length === 0 && !draft.changed)) continue;
      draft.endpoints.push(...rest.splice(0, room));
      draft.changed = true;
    }
    for (let i = 0; i < rest.length; i += maxEndpointsPerSlice) {
      create.push({ addressType, ports, endpoints: rest.slice(i, i + maxEndpointsPerSlice) });
    }
    for (const draft of drafts) {
      if (draft.endpoints.length === 0) remove.push(draft.slice);
      else if (draft.changed) {
        update.push({ slice: draft.slice, content: { addressType, ports, endpoints: draft.endpoints } });
      }
    }
  }
  for (const left of byKey.values()) remove.push(...left);
  return { create, update, remove };
}

interface Draft {
  readonly slice: KubeObject;
  readonly endpoints: Endpoint[];
  changed: boolean;
}

/** Keeps of a slice what is still wanted, brought up to date, and takes it out of `wanted`. */
function keepWanted(slice: KubeObject, wanted: Map<string, Endpoint>): Draft {
  const before: readonly Endpoint[] = slice['endpoints'] ?? [];
  const endpoints: Endpoint[] = [];
  let changed = false;
  for (const old of before) {
    const id = identity(old);
    const next = wanted.get(id);
    if (next === undefined) {
      changed = true;
      continue;
    }
    wanted.delete(id);
    endpoints.push(next);
    if (!deepEqual(old, next)) changed = true;
  }
  return { slice, endpoints, changed };
}

function identity(endpoint: Endpoint): string {
  return `${endpoint.targetRef?.['uid'] ?? ''} ${endpoint.addresses.join(',')}`;
}

function keyOf(addressType: string, ports: readonly EndpointPort[]): string {
  const texts = ports.map((p) => `${p.name ?? ''}/${p.protocol}/${p.port}/${p.appProtocol ?? ''}`);
  return `${addressType} ${texts.sort().join(' ')}`;
}
