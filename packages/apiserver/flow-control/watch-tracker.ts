import { selectedName, selectedValue } from '../access/authorization/selected-name.ts';
import type { RequestInfo } from '../http/request-info.ts';

/** What of a request says which objects it is about. */
type Place = Pick<RequestInfo, 'group' | 'resource' | 'namespace' | 'name'>;

/** Pods are looked up by their node: who watches those of one node costs the writes of the others nothing. */
const indexed: Readonly<Record<string, string>> = { pods: 'spec.nodeName' };

/** Counts the watches of a resource by what they watch. */
class ResourceWatches {
  total = 0;
  /** By namespace and name. */
  readonly #counts = new Map<string, number>();

  add(namespace: string, name: string, by: 1 | -1): void {
    const key = placeKey(namespace, name);
    const count = this.of(namespace, name) + by;
    this.total += by;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
  }

  of(namespace: string, name: string): number {
    return this.#counts.get(placeKey(namespace, name)) ?? 0;
  }
}

/** How many watches look at what a write changes, for an estimate of what it costs. */
export class WatchTracker {
  readonly #resources = new Map<string, ResourceWatches>();

  /** A watch begins; call what is given when it ends. */
  register(place: Place, fieldSelector: string | undefined): () => void {
    const { namespace, resource } = place;
    const field = indexed[resource];
    if (field !== undefined && selectedValue(fieldSelector, field) !== '') return () => {};
    const name = place.name === '' ? selectedName(fieldSelector) : place.name;
    const key = resourceKey(place);
    let watches = this.#resources.get(key);
    if (watches === undefined) {
      watches = new ResourceWatches();
      this.#resources.set(key, watches);
    }
    watches.add(namespace, name, 1);
    return () => {
      watches.add(namespace, name, -1);
      if (watches.total === 0 && this.#resources.get(key) === watches) this.#resources.delete(key);
    };
  }

  /** Watches of all objects, of those of the namespace and of the object itself. */
  interested(place: Place): number {
    if (this.#resources.size === 0) return 0;
    const watches = this.#resources.get(resourceKey(place));
    if (watches === undefined) return 0;
    const { namespace, name } = place;
    let count = watches.of('', '');
    if (namespace !== '') count += watches.of(namespace, '');
    if (name !== '') count += watches.of(namespace, name);
    return count;
  }
}

function resourceKey({ group, resource }: Place): string {
  return `${resource}.${group}`;
}

function placeKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}
