import type { GroupResource, KubeObject } from '@coxswain/machinery';
import type { ApiRequest, Outcome, RegistryContext } from './context.ts';

/** What a resource does beyond the generic store. Each is absent where there is nothing special. */
export interface ResourceHooks {
  /** After the strategy's preparation of a creation, before validation. */
  prepareCreate?(context: RegistryContext, request: ApiRequest, object: KubeObject): void | Promise<void>;
  /** After validation of a creation: takes what the object needs. Gives what puts it back on failure. */
  beginCreate?(
    context: RegistryContext,
    request: ApiRequest,
    object: KubeObject,
    dryRun: boolean,
  ): Promise<(() => void | Promise<void>) | undefined>;
  afterCreate?(context: RegistryContext, object: KubeObject, dryRun: boolean): void | Promise<void>;
  /** Before the strategy's preparation of an update: fills in what the caller may leave out. */
  patchUpdate?(context: RegistryContext, object: KubeObject, old: KubeObject): void;
  /** Before validation of an update, with the same meaning as `beginCreate`. */
  beginUpdate?(
    context: RegistryContext,
    request: ApiRequest,
    object: KubeObject,
    old: KubeObject,
    dryRun: boolean,
  ): Promise<(() => void | Promise<void>) | undefined>;
  /** After the write: gives back what the old state held. */
  afterUpdate?(
    context: RegistryContext,
    object: KubeObject,
    old: KubeObject,
    dryRun: boolean,
  ): void | Promise<void>;
  afterDelete?(context: RegistryContext, object: KubeObject, dryRun: boolean): void | Promise<void>;
  /** An update that leaves this state may delete the object, if the generic rule says so too. */
  mayDeleteOnUpdate?(object: KubeObject): boolean;
  /** Replaces the generic deletion; gives undefined to let it go on. */
  deleteFirst?(
    context: RegistryContext,
    request: ApiRequest,
    object: KubeObject,
  ): Promise<Outcome | undefined>;
  /** Graceful deletion: the seconds to wait, for resources that support it. */
  gracePeriod?(object: KubeObject, asked: number | undefined): number;
}

const hooks = new Map<string, ResourceHooks>();
const none: ResourceHooks = {};

/** Registers what is special about a resource. */
export function registerHooks(resource: GroupResource, special: ResourceHooks): void {
  hooks.set(`${resource.group}/${resource.resource}`, special);
}

export function hooksOf(resource: GroupResource): ResourceHooks {
  return hooks.size === 0 ? none : (hooks.get(`${resource.group}/${resource.resource}`) ?? none);
}
