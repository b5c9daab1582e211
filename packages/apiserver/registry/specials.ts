import type { GroupResource } from '@coxswain/machinery';
import type { ApiRequest, Outcome, RegistryContext } from './context.ts';
import type { ResourceHooks } from './hooks.ts';

/** Serves one subresource, or the creation of a resource that is answered and not stored. */
export type SpecialHandler = (context: RegistryContext, request: ApiRequest) => Outcome | Promise<Outcome>;

const noHooks: ResourceHooks = {};

/** What is special about the resources of one server, by resource. */
export class Specials {
  readonly #hooks = new Map<string, ResourceHooks>();
  readonly #subresources = new Map<string, SpecialHandler>();
  readonly #creations = new Map<string, SpecialHandler>();
  readonly #reads = new Map<string, SpecialHandler>();

  /** `resource` as in `pods` or `deployments.apps`. */
  setHooks(resource: string, hooks: ResourceHooks): void {
    this.#hooks.set(resource, hooks);
  }

  hooksOf(resource: GroupResource): ResourceHooks {
    return this.#hooks.get(nameOf(resource)) ?? noHooks;
  }

  /** `resource` may be `*`: every resource that has the subresource. */
  setSubresource(resource: string, subresource: string, handler: SpecialHandler): void {
    this.#subresources.set(`${resource}/${subresource}`, handler);
  }

  subresource(resource: GroupResource, subresource: string): SpecialHandler | undefined {
    return (
      this.#subresources.get(`${nameOf(resource)}/${subresource}`) ??
      this.#subresources.get(`*/${subresource}`)
    );
  }

  setCreation(resource: string, handler: SpecialHandler): void {
    this.#creations.set(resource, handler);
  }

  /** A resource of the core group that nothing is stored of: the handler answers each verb that it has. */
  setReads(resource: string, handler: SpecialHandler): void {
    this.#reads.set(resource, handler);
  }

  /** Asked for each read: it makes no name. */
  reads({ group, resource }: GroupResource): SpecialHandler | undefined {
    return group === '' ? this.#reads.get(resource) : undefined;
  }

  creation(resource: GroupResource): SpecialHandler | undefined {
    return this.#creations.get(nameOf(resource));
  }
}

function nameOf({ group, resource }: GroupResource): string {
  return group === '' ? resource : `${resource}.${group}`;
}
