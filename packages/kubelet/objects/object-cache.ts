import type { Client } from '@coxswain/client';
import { createInformerFactory, type Informer } from '@coxswain/controller';
import type { Clock, GroupVersionResource, KubeObject, Logger } from '@coxswain/machinery';
import type { ConfigMap, Pod, Secret } from '../types.ts';
import { referencedObjects } from './referenced-objects.ts';

/** Reads of the configuration that pods of this node refer to. */
export interface ObjectReader {
  configMap(namespace: string, name: string): Promise<ConfigMap | undefined>;
  secret(namespace: string, name: string): Promise<Secret | undefined>;
}

export type ConfigKind = 'configmaps' | 'secrets';

interface Watched {
  readonly informer: Informer;
  readonly controller: AbortController;
  readonly pods: Set<string>;
}

/** Until a watched object's first list is here, a pod may wait this long for it. */
const syncTimeoutMs = 10_000;

/**
 * Watches each ConfigMap and Secret that a pod of this node refers to, one by one (a node may read no
 * others), as long as there is such a pod.
 */
export class ObjectCache implements ObjectReader {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #onChange: (podUid: string) => void;
  readonly #watched = new Map<string, Watched>();
  readonly #byPod = new Map<string, readonly string[]>();

  /** @param onChange called for each pod that refers to an object that has changed */
  constructor(options: {
    readonly client: Client;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly onChange: (podUid: string) => void;
  }) {
    this.#client = options.client;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#onChange = options.onChange;
  }

  /** Begins to watch what the pod refers to. Call again when its spec has changed. */
  register(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const keys = referencedObjects(pod).map((r) => `${r.kind}/${r.namespace}/${r.name}`);
    const before = this.#byPod.get(uid) ?? [];
    this.#byPod.set(uid, keys);
    for (const key of keys) this.#acquire(key, uid);
    for (const key of before) if (!keys.includes(key)) this.#release(key, uid);
  }

  unregister(uid: string): void {
    for (const key of this.#byPod.get(uid) ?? []) this.#release(key, uid);
    this.#byPod.delete(uid);
  }

  configMap(namespace: string, name: string): Promise<ConfigMap | undefined> {
    return this.#get('configmaps', namespace, name) as Promise<ConfigMap | undefined>;
  }

  secret(namespace: string, name: string): Promise<Secret | undefined> {
    return this.#get('secrets', namespace, name) as Promise<Secret | undefined>;
  }

  close(): void {
    for (const { controller } of this.#watched.values()) controller.abort();
    this.#watched.clear();
  }

  async #get(kind: ConfigKind, namespace: string, name: string): Promise<KubeObject | undefined> {
    const watched = this.#watched.get(`${kind}/${namespace}/${name}`);
    if (watched === undefined) throw new Error(`object ${kind} "${namespace}"/"${name}" not registered`);
    if (!watched.informer.synced) {
      const limit = new AbortController();
      const timer = this.#clock.after(syncTimeoutMs, () =>
        limit.abort(
          new Error(`failed to sync ${kind.slice(0, -1)} cache: timed out waiting for the condition`),
        ),
      );
      try {
        await watched.informer.whenSynced(AbortSignal.any([limit.signal, watched.controller.signal]));
      } finally {
        timer.cancel();
      }
    }
    return watched.informer.lister.get(namespace, name);
  }

  #acquire(key: string, uid: string): void {
    const known = this.#watched.get(key);
    if (known) {
      known.pods.add(uid);
      return;
    }
    const [kind = '', namespace = '', name = ''] = key.split('/');
    const controller = new AbortController();
    const factory = createInformerFactory(this.#client, { clock: this.#clock, logger: this.#logger });
    const ref: GroupVersionResource = { group: '', version: 'v1', resource: kind };
    const informer = factory.informer(ref, { namespace, fieldSelector: `metadata.name=${name}` });
    const watched: Watched = { informer, controller, pods: new Set([uid]) };
    const changed = (): void => {
      // What the first list brings, those who wait for it get by themselves.
      if (!informer.synced) return;
      for (const pod of watched.pods) this.#onChange(pod);
    };
    informer.addHandler({ onAdd: changed, onUpdate: changed, onDelete: changed });
    this.#watched.set(key, watched);
    factory.start(controller.signal);
  }

  #release(key: string, uid: string): void {
    const watched = this.#watched.get(key);
    if (!watched) return;
    watched.pods.delete(uid);
    if (watched.pods.size > 0) return;
    watched.controller.abort();
    this.#watched.delete(key);
  }
}
