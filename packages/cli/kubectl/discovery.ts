import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Clock, StatusError } from '@coxswain/machinery';
import { Failure } from './error-text.ts';
import type { Rest } from './rest.ts';

/** A resource of one group and version, as the server serves it. */
export interface ResourceMapping {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  readonly subresources: readonly string[];
}

interface DiscoveryOptions {
  readonly rest: Rest;
  readonly server: string;
  readonly cacheDir: string | undefined;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
}

/** kubectl's: what was found holds for six hours, unless something is looked for in vain. */
const cacheAgeMs = 6 * 60 * 60 * 1_000;
const acceptAggregated =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,' +
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

/** Knows which resources the server has, by any of their names. */
export class Discovery {
  readonly #options: DiscoveryOptions;
  #found: Promise<readonly ResourceMapping[]> | undefined;
  #fromCache = false;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
  }

  /** Every resource, versions of a group in the server's order of preference. */
  all(): Promise<readonly ResourceMapping[]> {
    this.#found ??= this.#cached() ?? this.#ask();
    return this.#found;
  }

  /** Every resource as the server says it now. */
  fresh(): Promise<readonly ResourceMapping[]> {
    this.#fromCache = false;
    this.#found = this.#ask();
    return this.#found;
  }

  /**
   * The resource of a name such as `pods`, `po`, `deployments.apps`, `deployments.v1.apps` or `Pod`.
   * @throws Failure when the server has none
   */
  async resourceFor(text: string): Promise<ResourceMapping> {
    const find = async (): Promise<ResourceMapping | undefined> => findByName(await this.all(), text);
    const found = (await find()) ?? (await this.#again(find));
    if (found === undefined) {
      throw new Failure(`the server doesn't have a resource type "${text}"`);
    }
    return found;
  }

  /** The resource whose objects are of the kind; undefined when the server has none. */
  async resourceOfKind(group: string, version: string, kind: string): Promise<ResourceMapping | undefined> {
    const find = async (): Promise<ResourceMapping | undefined> =>
      (await this.all()).find(
        (each) => each.group === group && each.version === version && each.kind === kind,
      );
    return (await find()) ?? (await this.#again(find));
  }

  /** The resources of a category such as `all`, one version each; empty when there is no such category. */
  async category(name: string): Promise<readonly ResourceMapping[]> {
    const seen = new Set<string>();
    return (await this.all()).filter((each) => {
      const key = `${each.resource}.${each.group}`;
      if (!each.categories.includes(name) || seen.has(key)) return false;
      seen.add(key);
      return true;
    });
  }

  /** What the cache did not know the server may know by now. */
  async #again<T>(find: () => Promise<T>): Promise<T | undefined> {
    if (!this.#fromCache) return undefined;
    await this.fresh();
    return find();
  }

  #cached(): Promise<readonly ResourceMapping[]> | undefined {
    const path = this.#cachePath();
    try {
      if (this.#options.clock.now() - statSync(path).mtimeMs > cacheAgeMs) return undefined;
      const found = JSON.parse(readFileSync(path, 'utf8')) as ResourceMapping[];
      this.#fromCache = true;
      return Promise.resolve(found);
    } catch {
      // No cache, or not a whole one: the server is asked.
      return undefined;
    }
  }

  async #ask(): Promise<readonly ResourceMapping[]> {
    const { rest } = this.#options;
    const [core, groups] = await Promise.all([
      rest.json('/api', acceptAggregated),
      rest.json('/apis', acceptAggregated),
    ]);
    const lists = [core, groups];
    const found = lists.every((list) => list.kind === 'APIGroupDiscoveryList')
      ? lists.flatMap((list) => list.items.flatMap(mappingsOfGroup))
      : await this.#askEach(core, groups);
    this.#keep(found);
    return found;
  }

  /** Servers without aggregated discovery list each group and version by itself. */
  async #askEach(core: any, groups: any): Promise<ResourceMapping[]> {
    const versions: [string, string][] = [
      ...(core.versions ?? []).map((version: string) => [`/api/${version}`, version] as const),
      ...(groups.groups ?? []).flatMap((group: any) =>
        group.versions.map((each: any) => [`/apis/${each.groupVersion}`, each.groupVersion] as const),
      ),
    ];
    const lists = await Promise.all(
      versions.map(async ([path, gv]) => {
        try {
          return mappingsOfList(gv, await this.#options.rest.json(path));
        } catch (error) {
          // One group that is down must not hide the others.
          if (!(error instanceof StatusError)) throw error;
          this.#options.warn(`couldn't get resource list for ${gv}: ${error.message}\n`);
          return [];
        }
      }),
    );
    return lists.flat();
  }

  #keep(found: readonly ResourceMapping[]): void {
    const path = this.#cachePath();
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
      writeFileSync(`${path}.${process.pid}`, JSON.stringify(found), { mode: 0o660 });
      renameSync(`${path}.${process.pid}`, path);
    } catch {
      // A home that cannot be written to costs speed alone.
    }
  }

  #cachePath(): string {
    const dir = this.#options.cacheDir ?? join(homedir(), '.kube', 'cache');
    const host = this.#options.server.replace(/^https?:\/\//, '').replaceAll(/[^\w.-]/g, '_');
    return join(dir, 'coxswain', `${host}.json`);
  }
}

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

function mappingsOfGroup(item: any): ResourceMapping[] {
  const group = item.metadata?.name ?? '';
  return item.versions.flatMap((version: any) =>
    (version.resources ?? []).map(
      (each: any): ResourceMapping => ({
        group,
        version: version.version,
        resource: each.resource,
        kind: each.responseKind?.kind ?? '',
        namespaced: each.scope === 'Namespaced',
        singular: each.singularResource ?? '',
        shortNames: each.shortNames ?? [],
        categories: each.categories ?? [],
        verbs: each.verbs ?? [],
        subresources: (each.subresources ?? []).map((sub: any) => sub.subresource),
      }),
    ),
  );
}

function mappingsOfList(groupVersion: string, list: any): ResourceMapping[] {
  const slash = groupVersion.indexOf('/');
  const group = slash < 0 ? '' : groupVersion.slice(0, slash);
  const all = list.resources as any[];
  return all
    .filter((each) => !each.name.includes('/'))
    .map((each) => ({
      group,
      version: groupVersion.slice(slash + 1),
      resource: each.name,
      kind: each.kind,
      namespaced: each.namespaced,
      singular: each.singularName || each.kind.toLowerCase(),
      shortNames: each.shortNames ?? [],
      categories: each.categories ?? [],
      verbs: each.verbs ?? [],
      subresources: all
        .filter((other) => other.name.startsWith(`${each.name}/`))
        .map((other) => other.name.slice(each.name.length + 1)),
    }));
}
