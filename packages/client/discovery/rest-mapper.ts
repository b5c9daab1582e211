import { type KubeObject, parseApiVersion } from '@coxswain/machinery';
import type { Client, ResourceClient } from '../client.ts';
import { discoverResources, type ResourceMapping } from './discover.ts';

/** The first resource that bears the name; preferred groups and versions come first. */
export function findByName(all: readonly ResourceMapping[], text: string): ResourceMapping | undefined {
  const lower = text.toLowerCase();
  const named = (name: string, fits: (each: ResourceMapping) => boolean): ResourceMapping | undefined => {
    const among = all.filter((each) => fits(each) && hasName(each, name));
    // A plural or singular name goes before a short name that another resource chose.
    return among.find((each) => each.resource === name || each.singular === name) ?? among[0];
  };
  const dot = lower.indexOf('.');
  if (dot < 0) return named(lower, () => true);
  const name = lower.slice(0, dot);
  const rest = lower.slice(dot + 1);
  const second = rest.indexOf('.');
  const version = second < 0 ? rest : rest.slice(0, second);
  const group = second < 0 ? '' : rest.slice(second + 1);
  return (
    named(name, (each) => each.version === version && each.group === group) ??
    named(name, (each) => each.group === rest) ??
    named(name, (each) => rest !== '' && each.group.startsWith(rest))
  );
}

function hasName(mapping: ResourceMapping, name: string): boolean {
  return (
    mapping.resource === name ||
    mapping.singular === name ||
    mapping.shortNames.includes(name) ||
    mapping.kind.toLowerCase() === name
  );
}

/** The server has no such resource, also now that it was asked again. */
export class NoMatchError extends Error {
  override readonly name = 'NoMatchError';
  readonly code = 'NO_MATCH';
}

/** Knows the server's resources by name and kind. What it does not know it asks the server for again. */
export class RestMapper {
  readonly #client: Client;
  #found: Promise<readonly ResourceMapping[]> | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Every resource, versions of a group in the server's order of preference. */
  all(): Promise<readonly ResourceMapping[]> {
    if (this.#found === undefined) {
      const { transport } = this.#client;
      const read = async (path: string, accept = 'application/json'): Promise<unknown> =>
        JSON.parse(await transport.raw(path, { accept }));
      const asked = discoverResources(read);
      this.#found = asked;
      asked.catch(() => {
        if (this.#found === asked) this.#found = undefined;
      });
    }
    return this.#found;
  }

  /**
   * The resource of a name such as `pods`, `po`, `deployments.apps`, `deployments.v1.apps` or `Pod`.
   * @throws NoMatchError
   */
  resourceFor(name: string): Promise<ResourceMapping> {
    return this.#find((all) => findByName(all, name), `the server doesn't have a resource type "${name}"`);
  }

  /**
   * The resource whose objects are of a kind.
   * @throws NoMatchError
   */
  resourceOfKind(apiVersion: string, kind: string): Promise<ResourceMapping> {
    const { group, version } = parseApiVersion(apiVersion);
    return this.#find(
      (all) => all.find((each) => each.group === group && each.version === version && each.kind === kind),
      `no matches for kind "${kind}" in version "${apiVersion}"`,
    );
  }

  /**
   * A client of the resource that an object is of, in the object's namespace: for objects of any kind.
   * @param namespace of objects that name none
   * @throws NoMatchError
   */
  async clientFor<T extends KubeObject>(object: T, namespace = 'default'): Promise<ResourceClient<T>> {
    const mapping = await this.resourceOfKind(object.apiVersion, object.kind);
    return this.#client.resource<T>(
      mapping,
      mapping.namespaced ? object.metadata.namespace || namespace : undefined,
    );
  }

  async #find(
    pick: (all: readonly ResourceMapping[]) => ResourceMapping | undefined,
    message: string,
  ): Promise<ResourceMapping> {
    const known = this.#found !== undefined;
    let found = pick(await this.all());
    if (found === undefined && known) {
      this.#found = undefined;
      found = pick(await this.all());
    }
    if (found === undefined) throw new NoMatchError(message);
    return found;
  }
}
