import type { KubeObject } from '@coxswain/machinery';
import type { Lister } from './contract.ts';

/** `namespace/name`, or `name` for cluster-scoped objects: client-go's MetaNamespaceKeyFunc. */
export function keyOf(object: KubeObject): string {
  const { namespace, name = '' } = object.metadata;
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

type Objects<T> = Map<string, T>;

/** Objects of one value of an index, and their list while it is current. */
interface Bucket<T> {
  readonly objects: Objects<T>;
  list: readonly T[] | undefined;
}

const none: readonly never[] = Object.freeze([]);

/** An informer's objects by key, by namespace and by named indexes. Lists are made once a change. */
export class IndexedStore<T extends KubeObject> implements Lister<T> {
  readonly #objects: Objects<T> = new Map();
  #list: readonly T[] | undefined;
  readonly #namespaces = new Map<string, Bucket<T>>();
  readonly #indexes = new Map<
    string,
    { readonly values: (object: T) => readonly string[]; readonly buckets: Map<string, Bucket<T>> }
  >();

  get size(): number {
    return this.#objects.size;
  }

  get(namespace: string, name: string): T | undefined {
    return this.#objects.get(namespace === '' ? name : `${namespace}/${name}`);
  }

  getByKey(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(namespace?: string): readonly T[] {
    if (namespace !== undefined && namespace !== '') return listOf(this.#namespaces.get(namespace));
    this.#list ??= Object.freeze([...this.#objects.values()]);
    return this.#list;
  }

  byIndex(index: string, value: string): readonly T[] {
    const found = this.#indexes.get(index);
    if (found === undefined) throw new TypeError(`index with name ${index} does not exist`);
    return listOf(found.buckets.get(value));
  }

  keys(): IterableIterator<string> {
    return this.#objects.keys();
  }

  /** Adds an index and fills it with what is there; adding the same function again does nothing. */
  addIndex(name: string, values: (object: T) => readonly string[]): void {
    const held = this.#indexes.get(name);
    if (held?.values === values) return;
    if (held) throw new TypeError(`indexer conflict: ${name}`);
    const index = { values, buckets: new Map<string, Bucket<T>>() };
    this.#indexes.set(name, index);
    for (const [key, object] of this.#objects) {
      for (const value of values(object)) putInto(index.buckets, value, key, object);
    }
  }

  /** Puts the object and gives the one that was there. */
  set(key: string, object: T): T | undefined {
    const before = this.#objects.get(key);
    if (before !== undefined) this.#unindex(key, before);
    this.#objects.set(key, object);
    this.#list = undefined;
    putInto(this.#namespaces, object.metadata.namespace ?? '', key, object);
    for (const { values, buckets } of this.#indexes.values()) {
      for (const value of values(object)) putInto(buckets, value, key, object);
    }
    return before;
  }

  delete(key: string): T | undefined {
    const before = this.#objects.get(key);
    if (before === undefined) return undefined;
    this.#unindex(key, before);
    this.#objects.delete(key);
    this.#list = undefined;
    return before;
  }

  #unindex(key: string, object: T): void {
    takeFrom(this.#namespaces, object.metadata.namespace ?? '', key);
    for (const { values, buckets } of this.#indexes.values()) {
      for (const value of values(object)) takeFrom(buckets, value, key);
    }
  }
}

function listOf<T>(bucket: Bucket<T> | undefined): readonly T[] {
  if (bucket === undefined) return none;
  bucket.list ??= Object.freeze([...bucket.objects.values()]);
  return bucket.list;
}

function putInto<T>(buckets: Map<string, Bucket<T>>, value: string, key: string, object: T): void {
  const bucket = buckets.get(value);
  if (bucket === undefined) buckets.set(value, { objects: new Map([[key, object]]), list: undefined });
  else {
    bucket.objects.set(key, object);
    bucket.list = undefined;
  }
}

function takeFrom<T>(buckets: Map<string, Bucket<T>>, value: string, key: string): void {
  const bucket = buckets.get(value);
  if (bucket === undefined) return;
  bucket.objects.delete(key);
  bucket.list = undefined;
  if (bucket.objects.size === 0) buckets.delete(value);
}
