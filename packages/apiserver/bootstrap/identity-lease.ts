import { createHash } from 'node:crypto';
import type { Client } from '@coxswain/client';
import {
  type Clock,
  formatMicroTime,
  isConflict,
  isNotFound,
  type KubeObject,
  type Logger,
} from '@coxswain/machinery';

const leases = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases' };
const namespace = 'kube-system';
const component = 'kube-apiserver';
const identityLabel = 'apiserver.kubernetes.io/identity';
/** A server that was not heard of for so long is gone, and its lease is removed. */
const leaseSeconds = 3_600;
const renewMs = 10_000;
/** So much is an interval longer by chance, that servers do not write at one time. */
const jitter = 0.04;
const collectMs = 3_600_000;
/** Bytes of the hash that make a name. */
const hashBytes = 16;
const base32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** How a server tells that it is there. */
export interface IdentityLeaseOptions {
  readonly client: Client;
  readonly hostname: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  readonly uid: () => string;
}

/** Name of the lease of an API server: the same whenever one starts on that host. */
export function identityOf(hostname: string): string {
  const hash = createHash('sha256');
  for (const part of [hostname, component]) {
    const text = Buffer.from(part);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(text.length);
    hash.update(length).update(text);
  }
  return `apiserver-${base32Of(hash.digest().subarray(0, hashBytes))}`;
}

/** RFC 4648, in lower case and without padding. */
function base32Of(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => base32[Number.parseInt(group.padEnd(5, '0'), 2)]).join('');
}

/**
 * Keeps a lease in kube-system that tells that this server is there, every 10 s, and removes those of servers that
 * were not heard of for an hour. Gives what ends it.
 */
export function keepIdentityLease(options: IdentityLeaseOptions): () => void {
  const { clock, logger, random, uid } = options;
  const holder = `${identityOf(options.hostname)}_${uid()}`;
  const stop = new AbortController();
  const repeat = async (work: () => Promise<void>, what: string, interval: () => number): Promise<void> => {
    while (!stop.signal.aborted) {
      await work().catch((error: unknown) => logger.error(what, { error: String(error) }));
      await clock.sleep(interval(), stop.signal).catch(() => undefined);
    }
  };
  const renewIn = (): number => renewMs * (1 + jitter * random());
  void repeat(() => renew(options, holder), 'the identity lease was not renewed, will retry', renewIn);
  void repeat(
    () => collect(options),
    'expired identity leases were not removed',
    () => collectMs,
  );
  return () => stop.abort();
}

async function renew({ client, hostname, clock }: IdentityLeaseOptions, holder: string): Promise<void> {
  const api = client.resource(leases, namespace);
  const name = identityOf(hostname);
  const labels = { [identityLabel]: component, 'kubernetes.io/hostname': hostname };
  const spec = { holderIdentity: holder, renewTime: formatMicroTime(clock.now()) };
  for (;;) {
    try {
      const found = await api.get(name);
      const metadata = { ...found.metadata, labels: { ...found.metadata.labels, ...labels } };
      await api.update({ ...found, metadata, spec: { ...found['spec'], ...spec } });
      return;
    } catch (error) {
      if (isConflict(error)) continue;
      if (!isNotFound(error)) throw error;
    }
    await api.create({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace, labels },
      spec: { ...spec, leaseDurationSeconds: leaseSeconds },
    });
    return;
  }
}

async function collect({ client, clock }: IdentityLeaseOptions): Promise<void> {
  const api = client.resource(leases, namespace);
  const { items } = await api.list({ labelSelector: `${identityLabel}=${component}` });
  for (const { metadata, spec } of items as (KubeObject & { readonly spec?: LeaseSpec })[]) {
    if (!hasExpired(spec, clock.now())) continue;
    const preconditions = { resourceVersion: metadata.resourceVersion as string };
    await api.delete(metadata.name as string, { preconditions }).catch((error: unknown) => {
      // Another server was quicker, or its server is back.
      if (!isNotFound(error) && !isConflict(error)) throw error;
    });
  }
}

interface LeaseSpec {
  readonly renewTime?: string;
  readonly leaseDurationSeconds?: number;
}

/** What says too little is no lease of a server either. */
function hasExpired({ renewTime, leaseDurationSeconds }: LeaseSpec = {}, now: number): boolean {
  if (renewTime === undefined || leaseDurationSeconds === undefined) return true;
  return Date.parse(renewTime) + leaseDurationSeconds * 1_000 < now;
}
