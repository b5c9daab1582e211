import type { GroupResource, KubeObject, ObjectMeta } from '@coxswain/machinery';
import type { ObjectReader } from './contract.ts';

type ChangeListener = (before: KubeObject | undefined, after: KubeObject | undefined) => void;

/** An ObjectReader over plain maps, for tests of what decides by the server's state. */
export class MemoryReader implements ObjectReader {
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  readonly #listeners = new Map<string, Set<ChangeListener>>();

  get(resource: GroupResource, namespace: string, name: string): KubeObject | undefined {
    return this.#of(resource).get(`${namespace}/${name}`);
  }

  list(resource: GroupResource, namespace: string): readonly KubeObject[] {
    const all = [...this.#of(resource).values()];
    return namespace === '' ? all : all.filter((object) => object.metadata.namespace === namespace);
  }

  onChange(resource: GroupResource, fn: ChangeListener): () => void {
    const key = keyOf(resource);
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(fn));
    return () => void listeners.delete(fn);
  }

  /** Adds or replaces an object of `plural` or `plural.group`. */
  put(resource: string, object: { readonly metadata: ObjectMeta; readonly [field: string]: unknown }): void {
    const of = parse(resource);
    const key = objectKey(object.metadata);
    const before = this.#of(of).get(key);
    const after = object as KubeObject;
    this.#of(of).set(key, after);
    this.#tell(of, before, after);
  }

  delete(resource: string, namespace: string, name: string): void {
    const of = parse(resource);
    const before = this.#of(of).get(`${namespace}/${name}`);
    this.#of(of).delete(`${namespace}/${name}`);
    this.#tell(of, before, undefined);
  }

  #tell(resource: GroupResource, before: KubeObject | undefined, after: KubeObject | undefined): void {
    for (const fn of this.#listeners.get(keyOf(resource)) ?? []) fn(before, after);
  }

  #of(resource: GroupResource): Map<string, KubeObject> {
    const key = keyOf(resource);
    const objects = this.#objects.get(key) ?? new Map<string, KubeObject>();
    this.#objects.set(key, objects);
    return objects;
  }
}

function keyOf(resource: GroupResource): string {
  return `${resource.resource}.${resource.group}`;
}

function parse(text: string): GroupResource {
  const dot = text.indexOf('.');
  return dot < 0
    ? { group: '', resource: text }
    : { group: text.slice(dot + 1), resource: text.slice(0, dot) };
}

function objectKey(metadata: KubeObject['metadata']): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
}
