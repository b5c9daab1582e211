import { type KubeObject, trackUpdate } from '@coxswain/machinery';
import type { ServedResource } from '../resource-registry.ts';

/** Who of the server wrote what in an object that it made by itself. */
export interface ServerManagers {
  /** Absent: `kube-apiserver`. */
  readonly manager?: string;
  /** Members that the server fills in by itself, and that are nobody's. */
  readonly filledIn?: readonly string[];
  /** Whose the status is, and how it was written; absent: nobody's. */
  readonly status?: { readonly manager: string; readonly operation: 'Apply' | 'Update' };
}

const usual: ServerManagers = {};
const serverManager = 'kube-apiserver';

/** The object with managedFields as upstream's server, which writes through its own API, has them. */
export function managedByServer(
  { fact }: ServedResource,
  object: KubeObject,
  time: string,
  { manager = serverManager, filledIn = [], status }: ServerManagers = usual,
): KubeObject {
  const { group, version, type } = fact;
  const apiVersion = group === '' ? version : `${group}/${version}`;
  const written = without(object, ['status', ...filledIn]);
  const made = trackUpdate({ type, manager, apiVersion, time, live: undefined, updated: written });
  const tracked =
    status === undefined || object['status'] === undefined
      ? made
      : trackUpdate({
          type,
          manager: status.manager,
          apiVersion,
          subresource: 'status',
          time,
          live: made,
          updated: { ...made, status: object['status'] },
        });
  const managedFields = tracked.metadata.managedFields?.map((entry) =>
    entry.subresource === 'status' && status !== undefined
      ? { ...entry, operation: status.operation }
      : entry,
  );
  return {
    ...object,
    metadata: { ...object.metadata, ...(managedFields === undefined ? {} : { managedFields }) },
  };
}

/** A copy without members, which are named from the root by dots. */
function without(object: KubeObject, members: readonly string[]): KubeObject {
  const copy: Record<string, any> = { ...object };
  for (const member of members) {
    const [first = '', second] = member.split('.');
    if (second === undefined) delete copy[first];
    else if (copy[first] !== undefined) {
      const { [second]: _, ...rest } = copy[first];
      copy[first] = rest;
    }
  }
  return copy as KubeObject;
}
