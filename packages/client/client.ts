import type { GroupVersionResource, KubeList, KubeObject } from '@coxswain/machinery';
import type { PatchType, RequestOptions, Transport, Verb, WatchEvent } from './transport.ts';

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: readonly string[];
}

/** The typed verbs of one resource in one namespace (or all of them). */
export class ResourceClient<T extends KubeObject = KubeObject> {
  readonly #transport: Transport;
  readonly ref: GroupVersionResource;
  readonly namespace: string | undefined;

  constructor(transport: Transport, ref: GroupVersionResource, namespace?: string) {
    this.#transport = transport;
    this.ref = ref;
    this.namespace = namespace;
  }

  get(name: string, options?: RequestOptions): Promise<T> {
    return this.#send('get', { name, ...withOptions(options) });
  }

  list(options?: RequestOptions): Promise<KubeList<T>> {
    return this.#send('list', withOptions(options)) as unknown as Promise<KubeList<T>>;
  }

  create(body: T, options?: RequestOptions): Promise<T> {
    return this.#send('create', { body, ...withOptions(options) });
  }

  /** Replaces the object; conflicts unless `metadata.resourceVersion` is current. */
  update(body: T, options?: RequestOptions): Promise<T> {
    return this.#send('update', { name: nameOf(body), body, ...withOptions(options) });
  }

  updateStatus(body: T, options?: RequestOptions): Promise<T> {
    return this.#send('update', { name: nameOf(body), subresource: 'status', body, ...withOptions(options) });
  }

  patch(
    name: string,
    patchType: PatchType,
    body: unknown,
    options?: RequestOptions & { readonly subresource?: string },
  ): Promise<T> {
    const { subresource, ...rest } = options ?? {};
    return this.#send('patch', {
      name,
      patchType,
      body,
      ...(subresource === undefined ? {} : { subresource }),
      ...withOptions(rest),
    });
  }

  /**
   * Applies the object: the server merges it and keeps which of its fields are whose (server-side apply).
   * @param apply `fieldManager` is who owns the fields; `force` takes them from others
   * @throws StatusError, a conflict when a field is another manager's
   */
  apply(
    body: T,
    apply: RequestOptions & {
      readonly fieldManager: string;
      readonly force?: boolean;
      readonly subresource?: string;
    },
  ): Promise<T> {
    return this.patch(nameOf(body), 'application/apply-patch+yaml', body, apply);
  }

  delete(name: string, body?: DeleteOptions): Promise<T> {
    return this.#send('delete', { name, ...(body === undefined ? {} : { body }) });
  }

  deleteCollection(options?: RequestOptions, body?: DeleteOptions): Promise<T> {
    return this.#send('deletecollection', {
      ...withOptions(options),
      ...(body === undefined ? {} : { body }),
    });
  }

  /** Creates to a subresource: `binding`, `eviction`, `token`. */
  createSubresource(
    name: string,
    subresource: string,
    body: unknown,
    options?: RequestOptions,
  ): Promise<KubeObject> {
    return this.#send('create', { name, subresource, body, ...withOptions(options) });
  }

  getSubresource(name: string, subresource: string): Promise<KubeObject> {
    return this.#send('get', { name, subresource });
  }

  updateSubresource(name: string, subresource: string, body: unknown): Promise<KubeObject> {
    return this.#send('update', { name, subresource, body });
  }

  /** See `Transport.watch`. */
  watch(
    onEvent: (event: WatchEvent<T>) => void,
    options: RequestOptions,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#transport.watch({
      ...this.ref,
      ...(this.namespace === undefined ? {} : { namespace: this.namespace }),
      options,
      signal,
      onEvent: onEvent as (event: WatchEvent) => void,
    });
  }

  #send(verb: Verb, parts: Partial<Parameters<Transport['request']>[0]>): Promise<T> {
    return this.#transport.request({
      ...this.ref,
      ...(this.namespace === undefined ? {} : { namespace: this.namespace }),
      ...parts,
      verb,
    }) as unknown as Promise<T>;
  }
}

function withOptions(options: RequestOptions | undefined): { options?: RequestOptions } {
  return options === undefined ? {} : { options };
}

function nameOf(body: KubeObject): string {
  return body.metadata.name ?? '';
}

/** What components are written against, whatever the transport. */
export class Client {
  readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** `client.resource(pods, 'default').get('web')`. */
  resource<T extends KubeObject = KubeObject>(
    ref: GroupVersionResource,
    namespace?: string,
  ): ResourceClient<T> {
    const { group, version, resource } = ref;
    return new ResourceClient<T>(this.transport, { group, version, resource }, namespace);
  }
}
