import type { Client } from '@coxswain/client';
import {
  type Clock,
  type GroupVersionResource,
  type KubeObject,
  type Logger,
  silentLogger,
  systemClock,
} from '@coxswain/machinery';
import type { Informer, InformerFactory, InformerOptions } from './contract.ts';
import { SharedInformer } from './shared-informer.ts';

export interface InformerFactoryOptions {
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** From 0 up to, not including, 1; spreads waits. Default: `Math.random`. */
  readonly random?: () => number;
  /** See `ReflectorOptions.streamed`: for clients of servers elsewhere. */
  readonly streamed?: boolean;
}

class SharedInformerFactory implements InformerFactory {
  readonly #client: Client;
  readonly #options: InformerFactoryOptions;
  readonly #informers = new Map<string, SharedInformer>();

  constructor(client: Client, options: InformerFactoryOptions) {
    this.#client = client;
    this.#options = options;
  }

  informer<T extends KubeObject = KubeObject>(
    ref: GroupVersionResource,
    selection: InformerOptions = {},
  ): Informer<T> {
    const { namespace, labelSelector, fieldSelector } = selection;
    const id = JSON.stringify([
      ref.group,
      ref.version,
      ref.resource,
      namespace,
      labelSelector,
      fieldSelector,
    ]);
    let informer = this.#informers.get(id);
    if (informer === undefined) {
      const { clock = systemClock, logger = silentLogger, random, streamed = false } = this.#options;
      const client = this.#client.resource(ref, namespace);
      informer = new SharedInformer({
        client,
        selection,
        clock,
        logger,
        streamed,
        ...(random === undefined ? {} : { random }),
      });
      this.#informers.set(id, informer);
    }
    return informer as unknown as Informer<T>;
  }

  start(signal: AbortSignal): void {
    for (const informer of this.#informers.values()) void informer.run(signal);
  }

  async whenSynced(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#informers.values()].map((informer) => informer.whenSynced(signal)));
  }
}

/** A factory that gives the same informer for the same resource and selection. */
export function createInformerFactory(client: Client, options: InformerFactoryOptions = {}): InformerFactory {
  return new SharedInformerFactory(client, options);
}
