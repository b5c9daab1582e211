import type { coordinationv1 } from '@coxswain/api';
import type { Client } from '@coxswain/client';
import { type Clock, formatMicroTime, isConflict, isNotFound, type Logger } from '@coxswain/machinery';

const leases = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases' };
const namespace = 'kube-node-lease';
const durationSeconds = 40;
/** A quarter of the lease's duration. */
const renewMs = (durationSeconds / 4) * 1000;
const retryMs = 1_000;

type Lease = coordinationv1.Lease & { apiVersion: string; kind: string };

/** Renews the node's lease until the signal aborts: as long as it is fresh, the node counts as alive. */
export async function keepNodeLease(
  parts: {
    readonly client: Client;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly nodeName: string;
    /** Absent until the node is registered. */
    readonly nodeUid: () => string | undefined;
  },
  signal: AbortSignal,
): Promise<void> {
  const { client, clock, logger, nodeName, nodeUid } = parts;
  const resource = client.resource<Lease>(leases, namespace);
  let held: Lease | undefined;
  while (!signal.aborted) {
    let wait = renewMs;
    try {
      held ??= await resource.get(nodeName).catch((error) => {
        if (isNotFound(error)) return undefined;
        throw error;
      });
      const wanted = renewed(held, nodeName, nodeUid(), formatMicroTime(clock.now()));
      held = held ? await resource.update(wanted) : await resource.create(wanted);
    } catch (error) {
      if (isConflict(error) || isNotFound(error)) held = undefined;
      wait = retryMs;
      if (!signal.aborted) logger.warn('could not renew the lease of the node', { error: String(error) });
    }
    await clock.sleep(wait, signal).catch(() => {});
  }
}

function renewed(held: Lease | undefined, nodeName: string, uid: string | undefined, now: string): Lease {
  const owners =
    uid === undefined ? {} : { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid }] };
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { ...(held?.metadata ?? { name: nodeName, namespace }), ...owners },
    spec: { holderIdentity: nodeName, leaseDurationSeconds: durationSeconds, renewTime: now },
  };
}
