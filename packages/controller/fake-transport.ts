import type { ResourceRequest, ResourceWatchRequest, Transport, WatchEvent } from '@coxswain/client';
import {
  apiVersionOf,
  type Clock,
  copyJson,
  formatTime,
  type KubeList,
  type KubeObject,
  newConflict,
  newMethodNotSupported,
  newNotFound,
  newResourceExpired,
  parseFieldSelector,
  parseLabelSelector,
  VirtualClock,
} from '@coxswain/machinery';
import { FakeObjects, type TrackedEvent, trackingKey } from './fake-objects.ts';
import { fakePatch } from './fake-patch.ts';
import { keyOf } from './indexed-store.ts';

interface FakeWatch {
  readonly key: string;
  readonly selects: (object: KubeObject) => boolean;
  readonly request: ResourceWatchRequest;
  readonly end: (error?: Error) => void;
}

export interface FakeTransportOptions {
  /** Default: a `VirtualClock`. */
  readonly clock?: Clock;
  /**
   * Called before each request; may throw a `StatusError` in the server's place, or give the answer. Undefined
   * goes on as usual.
   */
  readonly intercept?: (request: ResourceRequest) => KubeObject | KubeList | undefined;
}

/**
 * A small API server in memory, for tests of controllers without one: verbs, selectors, conflicts,
 * `status`, `binding`, `eviction` and `scale`, finalizers and watches, but no defaults, validation or admission.
 */
export class FakeTransport implements Transport {
  /** Every request made, in order; not those of `seed`. */
  readonly requests: ResourceRequest[] = [];
  intercept: FakeTransportOptions['intercept'];
  readonly #clock: Clock;
  readonly #objects: FakeObjects;
  readonly #watches = new Set<FakeWatch>();
  #compacted = 0;

  constructor(options: FakeTransportOptions = {}) {
    this.#clock = options.clock ?? new VirtualClock();
    this.intercept = options.intercept;
    this.#objects = new FakeObjects((gr, event) => this.#dispatch(trackingKey(gr), event));
  }

  /** Stores objects as they are, status and all, as if they had always been there. */
  seed(resource: { readonly group: string; readonly resource: string }, ...objects: KubeObject[]): void {
    for (const object of objects) this.#objects.create(resource, object, this.#now());
  }

  /** The stored object, or undefined. */
  find(resource: { readonly group: string; readonly resource: string }, key: string): KubeObject | undefined {
    return this.#objects.list(resource).find((object) => keyOf(object) === key);
  }

  /** All stored objects of a resource in key order. */
  all(resource: { readonly group: string; readonly resource: string }): KubeObject[] {
    return this.#objects.list(resource);
  }

  /** Requests that change something, as `create pods default/web` lines. */
  get writes(): string[] {
    return this.requests
      .filter(({ verb }) => verb !== 'get' && verb !== 'list')
      .map(({ verb, resource, subresource, namespace, name, body }) => {
        const target = subresource === undefined ? resource : `${resource}/${subresource}`;
        const called = name ?? (body as KubeObject | undefined)?.metadata?.name ?? '';
        return `${verb} ${target} ${namespace === undefined ? called : `${namespace}/${called}`}`;
      });
  }

  /** Ends all watches, as a restarted server does. */
  dropWatches(error?: Error): void {
    for (const watch of [...this.#watches]) watch.end(error);
  }

  /** Forgets history: watches from older revisions get 410. */
  compact(): void {
    this.#compacted = this.#objects.revision;
  }

  async request(request: ResourceRequest): Promise<KubeObject | KubeList> {
    request.signal?.throwIfAborted();
    this.requests.push(request);
    const intercepted = this.intercept?.(request);
    if (intercepted !== undefined) return intercepted;
    switch (request.verb) {
      case 'get':
        return request.subresource === 'scale' ? scaleOf(this.#stored(request)) : this.#stored(request);
      case 'list':
        return this.#list(request);
      case 'create':
        return request.subresource === undefined
          ? this.#create(request)
          : this.#createSubresource(request, request.subresource);
      case 'update':
        return this.#update(request);
      case 'patch':
        return this.#patch(request);
      case 'delete':
        return this.#delete(request, this.#stored(request));
      case 'deletecollection': {
        const list = this.#list(request);
        for (const object of list.items) this.#delete(request, object);
        return list;
      }
    }
  }

  watch(request: ResourceWatchRequest): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const { signal, options } = request;
    if (signal?.aborted) return Promise.resolve();
    const from = Number(options?.resourceVersion ?? 0);
    if (from > 0 && from < this.#compacted) {
      const message = `too old resource version: ${from} (${this.#compacted})`;
      return Promise.reject(newResourceExpired(message));
    }
    const watch: FakeWatch = {
      key: trackingKey(request),
      selects: this.#selection(request),
      request,
      end: (error) => {
        if (!this.#watches.delete(watch)) return;
        signal?.removeEventListener('abort', onAbort);
        if (error === undefined) resolve();
        else reject(error);
      },
    };
    const onAbort = (): void => watch.end();
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#watches.add(watch);
    if (from === 0) {
      for (const object of this.#list(request).items) this.#send(watch, { type: 'ADDED', object });
    } else {
      for (const event of this.#objects.history(request)) {
        if (event.revision > from) this.#offer(watch, event);
      }
    }
    return promise;
  }

  async raw(path: string): Promise<string> {
    throw newNotFound({ group: '', resource: path }, '');
  }

  #now(): string {
    return formatTime(this.#clock.now());
  }

  #stored(request: ResourceRequest): KubeObject {
    const { namespace, name = '' } = request;
    return this.#objects.get(request, namespace === undefined ? name : `${namespace}/${name}`);
  }

  #selection(request: Omit<ResourceRequest, 'verb'>): (object: KubeObject) => boolean {
    const labels = parseLabelSelector(request.options?.labelSelector ?? '');
    const fields = parseFieldSelector(request.options?.fieldSelector ?? '');
    const { namespace, name } = request;
    return (object) =>
      (namespace === undefined || object.metadata.namespace === namespace) &&
      (name === undefined || object.metadata.name === name) &&
      labels.matches(object.metadata.labels) &&
      fields.matches((path) => fieldOf(object, path));
  }

  #list(request: Omit<ResourceRequest, 'verb'>): KubeList {
    const items = this.#objects.list(request).filter(this.#selection(request));
    const kind = items[0]?.kind ?? 'Unknown';
    return {
      kind: `${kind}List`,
      apiVersion: apiVersionOf(request),
      metadata: { resourceVersion: String(this.#objects.revision) },
      items,
    };
  }

  #create(request: ResourceRequest): KubeObject {
    const body = request.body as KubeObject;
    const { namespace } = request;
    const object = namespace === undefined ? body : { ...body, metadata: { ...body.metadata, namespace } };
    return this.#objects.create(request, object, this.#now());
  }

  #createSubresource(request: ResourceRequest, subresource: string): KubeObject {
    const body = request.body as KubeObject;
    const stored = this.#stored(request);
    if (subresource === 'eviction') return this.#delete({ ...request, body: body['deleteOptions'] }, stored);
    if (subresource !== 'binding') throw newMethodNotSupported(request, 'create');
    const pod = copyJson(stored);
    if (pod['spec'].nodeName) {
      const why = `pod ${pod.metadata.name} is already assigned to node "${pod['spec'].nodeName}"`;
      throw newConflict({ group: '', resource: 'pods/binding' }, pod.metadata.name ?? '', why);
    }
    pod['spec'].nodeName = body['target'].name;
    return this.#objects.update(request, pod, { subresource: '', now: this.#now() });
  }

  #update(request: ResourceRequest): KubeObject {
    const { subresource = '', namespace, body } = request;
    const object = body as KubeObject;
    if (subresource === 'scale') {
      const stored = copyJson(this.#stored(request));
      stored['spec'] = { ...stored['spec'], replicas: object['spec']?.replicas ?? 0 };
      return scaleOf(this.#objects.update(request, stored, { subresource: '', now: this.#now() }));
    }
    const placed =
      namespace === undefined ? object : { ...object, metadata: { ...object.metadata, namespace } };
    return this.#objects.update(request, placed, { subresource, now: this.#now() });
  }

  #patch(request: ResourceRequest): KubeObject {
    const stored = this.#stored(request);
    const patched = fakePatch(stored, request.patchType ?? 'application/merge-patch+json', request.body);
    return this.#update({ ...request, body: patched });
  }

  #delete(request: ResourceRequest, object: KubeObject): KubeObject {
    const { gracePeriodSeconds, preconditions } = (request.body ?? {}) as {
      gracePeriodSeconds?: number;
      preconditions?: { uid?: string; resourceVersion?: string };
    };
    const { uid, resourceVersion, name = '' } = object.metadata;
    if (preconditions?.uid !== undefined && preconditions.uid !== uid) {
      const why = `Precondition failed: UID in precondition: ${preconditions.uid}, UID in object meta: ${uid}`;
      throw newConflict(request, name, why);
    }
    if (preconditions?.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
      const why = `Precondition failed: ResourceVersion in precondition: ${preconditions.resourceVersion}, ResourceVersion in object meta: ${resourceVersion}`;
      throw newConflict(request, name, why);
    }
    return this.#objects.delete(request, keyOf(object), gracePeriodSeconds, this.#now());
  }

  #dispatch(key: string, event: TrackedEvent): void {
    for (const watch of this.#watches) if (watch.key === key) this.#offer(watch, event);
  }

  #offer(watch: FakeWatch, event: TrackedEvent): void {
    const { object, before } = event;
    const now = event.type !== 'DELETED' && watch.selects(object);
    const then = before !== undefined && watch.selects(before);
    if (now) this.#send(watch, { type: then ? 'MODIFIED' : 'ADDED', object });
    else if (then) this.#send(watch, { type: 'DELETED', object });
  }

  /** Later, as over a network, so that code that trusts its cache too early shows it. */
  #send(watch: FakeWatch, event: WatchEvent): void {
    queueMicrotask(() => {
      if (this.#watches.has(watch)) watch.request.onEvent(event);
    });
  }
}

function fieldOf(object: KubeObject, path: string): string {
  let value: unknown = object;
  for (const part of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[part];
  return value === undefined || value === null ? '' : String(value);
}

function scaleOf(object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: JSON.parse(JSON.stringify({ name, namespace, uid, resourceVersion, creationTimestamp })),
    spec: { replicas: object['spec']?.replicas ?? 0 },
    status: { replicas: object['status']?.replicas ?? 0 },
  };
}
