import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { discoverResources, findByName, type ResourceMapping } from '@coxswain/client';
import type { Clock } from '@coxswain/machinery';
import { Failure } from './error-text.ts';
import type { Rest } from './rest.ts';

export type { ResourceMapping } from '@coxswain/client';

interface DiscoveryOptions {
  readonly rest: Rest;
  readonly server: string;
  readonly cacheDir: string | undefined;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
}

/** kubectl's: what was found holds for six hours, unless something is looked for in vain. */
const cacheAgeMs = 6 * 60 * 60 * 1_000;
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
    const { rest, warn } = this.#options;
    const found = await discoverResources(
      (path, accept) => rest.json(path, accept),
      (text) => warn(`${text}\n`),
    );
    this.#keep(found);
    return found;
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
