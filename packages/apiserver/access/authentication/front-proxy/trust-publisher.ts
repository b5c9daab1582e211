import type { Transport } from '@coxswain/client';
import {
  type Clock,
  deepEqual,
  isAlreadyExists,
  isConflict,
  isNotFound,
  type KubeObject,
  type Logger,
} from '@coxswain/machinery';
import type { ObjectReader } from '../../contract.ts';
import { combineTrust } from './combine-trust.ts';

const configMaps = { group: '', resource: 'configmaps' } as const;
const namespace = 'kube-system';
const name = 'extension-apiserver-authentication';
/** A write that failed is tried again after this. */
const retryMs = 1_000;

/** What the publisher works with. */
export interface TrustPublisherOptions {
  /** The ConfigMap's data as this server wants it now. */
  readonly data: () => Readonly<Record<string, string>>;
  readonly reader: ObjectReader;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What publishes; closed with the server. */
export interface TrustPublisher {
  /** The data may be other now. */
  publish(): void;
  close(): void;
}

/**
 * Keeps kube-system/extension-apiserver-authentication as extension servers need it: whoever changes or
 * deletes it gets it back, and what other servers of the cluster put in stays.
 */
export function publishTrust(options: TrustPublisherOptions): TrustPublisher {
  const { reader, clock, logger } = options;
  let closed = false;
  let running = false;
  let again = false;
  const run = async (): Promise<void> => {
    again = running;
    if (running || closed) return;
    running = true;
    try {
      await reconcile(options);
    } catch (error) {
      if (!isConflict(error) && !isAlreadyExists(error) && !isNotFound(error)) {
        logger.error('publishing what extension servers trust failed', { error: String(error) });
      }
      if (!closed) clock.after(retryMs, () => void run());
    }
    running = false;
    if (again) void run();
  };
  const stop = reader.onChange(configMaps, (before, after) => {
    const { metadata } = (after ?? before) as KubeObject;
    if (metadata.name === name && metadata.namespace === namespace) void run();
  });
  return {
    publish: () => void run(),
    close: () => {
      closed = true;
      stop();
    },
  };
}

async function reconcile({ data, reader, transport, clock }: TrustPublisherOptions): Promise<void> {
  const found = reader.get(configMaps, namespace, name);
  const wanted = combineTrust(data(), found?.['data'] ?? {}, clock.now());
  if (found !== undefined && deepEqual(wanted, found['data'] ?? {})) return;
  const object: KubeObject =
    found === undefined
      ? { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: wanted }
      : { ...found, data: wanted };
  const at = { group: '', version: 'v1', resource: 'configmaps', namespace };
  if (found === undefined) await transport.request({ ...at, verb: 'create', body: object });
  else await transport.request({ ...at, verb: 'update', name, body: object });
}
