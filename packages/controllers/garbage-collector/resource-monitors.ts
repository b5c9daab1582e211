import { findResource } from '@coxswain/api';
import { createInformerFactory, type EventHandler, type Informer } from '@coxswain/controller';
import {
  apiVersionOf,
  type GroupVersionResource,
  type KubeObject,
  type OwnerReference,
  parseApiVersion,
} from '@coxswain/machinery';
import type { ControllerContext } from '../shared/context.ts';
import { messageOf } from '../shared/pod-control.ts';
import { apiServices, customResourceDefinitions } from '../shared/resources.ts';
import { discover, type ServedResource } from '../shared/served-resources.ts';

/** Discovery is looked at this often, whatever is heard of changes. */
const discoveryPeriodMs = 30_000;
/** Changes come in bunches: a definition is written several times until it is served. */
const settleMs = 100;
/** So long may the first list of a new resource take; what comes later is taken as it comes. */
const syncPatienceMs = 30_000;

/** Resources whose objects own nothing and are owned by nothing: they are many and end by themselves. */
const ignored = new Set(['events', 'events.events.k8s.io']);

interface Monitor {
  readonly resource: ServedResource;
  /** Ends the informer; absent for one that others of the process share. */
  readonly stop: AbortController | undefined;
}

/** What the monitors tell. */
export interface MonitorEvents {
  handlerOf(ref: GroupVersionResource): EventHandler<KubeObject>;
  /** Discovery was looked at: kinds may be known that were not. */
  discovered(): void;
}

/** Watches every resource that can be watched and deleted, in its preferred version, from the moment it is served. */
export class ResourceMonitors {
  readonly #context: ControllerContext;
  readonly #events: MonitorEvents;
  readonly #served = new Map<string, ServedResource>();
  readonly #monitors = new Map<string, Monitor>();
  #wake: (() => void) | undefined;
  #wanted = false;

  constructor(context: ControllerContext, events: MonitorEvents) {
    this.#context = context;
    this.#events = events;
    const changed = (): void => this.#look();
    for (const ref of [customResourceDefinitions, apiServices]) {
      context.informers.informer(ref).addHandler({ onAdd: changed, onUpdate: changed, onDelete: changed });
    }
  }

  /** Looks at discovery once; resolves when everything that is there has been seen. */
  start(signal: AbortSignal): Promise<void> {
    return this.#discover(signal);
  }

  /** Looks again whenever something may have changed; resolves when the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#pause(signal);
        await this.#discover(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#context.logger.warn('discovery for garbage collection failed', { error: messageOf(error) });
      }
    }
  }

  #look(): void {
    this.#wanted = true;
    this.#wake?.();
  }

  /** The resource of an owner; the reference may name a version other than the preferred one. */
  find(owner: OwnerReference): ServedResource | undefined {
    const exact = this.#served.get(`${owner.apiVersion} ${owner.kind}`);
    if (exact !== undefined) return exact;
    const { group } = parseApiVersion(owner.apiVersion);
    for (const served of this.#served.values()) {
      if (served.group === group && served.kind === owner.kind) return served;
    }
    return undefined;
  }

  /** Waits for the period to pass, or a change and what comes with it. */
  async #pause(signal: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    if (!this.#wanted) {
      const early = new AbortController();
      this.#wake = () => early.abort();
      try {
        await clock.sleep(discoveryPeriodMs, AbortSignal.any([signal, early.signal]));
      } catch (error) {
        if (!early.signal.aborted) throw error;
      } finally {
        this.#wake = undefined;
      }
    }
    if (this.#wanted) await clock.sleep(settleMs, signal);
  }

  async #discover(signal: AbortSignal): Promise<void> {
    this.#wanted = false;
    const { resources, failures } = await discover(this.#context.client);
    const collectable = resources.filter(({ verbs }) =>
      ['delete', 'list', 'watch'].every((verb) => verbs.includes(verb)),
    );
    const found = new Set<string>();
    const fresh: Promise<void>[] = [];
    for (const resource of collectable) {
      const id = idOf(resource);
      found.add(id);
      this.#served.set(`${apiVersionOf(resource)} ${resource.kind}`, resource);
      if (ignored.has(id)) continue;
      const known = this.#monitors.get(id);
      if (known?.resource.version === resource.version) continue;
      if (known !== undefined) this.#drop(id, known);
      fresh.push(this.#watch(id, resource, signal));
    }
    for (const [id, monitor] of this.#monitors) {
      if (!found.has(id) && !failures.has(apiVersionOf(monitor.resource))) this.#drop(id, monitor);
    }
    this.#context.informers.start(signal);
    // Nothing is judged an orphan before all owners could be seen.
    if (fresh.length > 0) {
      const patience = new AbortController();
      const limit = this.#context.clock.sleep(syncPatienceMs, AbortSignal.any([signal, patience.signal]));
      await Promise.race([Promise.all(fresh), limit]);
      patience.abort();
      await limit.catch(() => undefined);
    }
    signal.throwIfAborted();
    this.#events.discovered();
  }

  /** Resolves when the first list was seen, or the resource is served no more. */
  #watch(id: string, resource: ServedResource, signal: AbortSignal): Promise<void> {
    const { group, version, resource: plural } = resource;
    const ref = { group, version, resource: plural };
    const { informer, stop } = this.#informer(ref, signal);
    this.#monitors.set(id, { resource, stop });
    informer.addHandler(this.#events.handlerOf(ref));
    const until = stop === undefined ? signal : AbortSignal.any([signal, stop.signal]);
    return informer.whenSynced(until).catch(() => undefined);
  }

  /** What is built in stays as long as the process; what is not goes when it is served no more. */
  #informer(
    ref: GroupVersionResource,
    signal: AbortSignal,
  ): {
    readonly informer: Informer;
    readonly stop: AbortController | undefined;
  } {
    const { client, clock, logger, random, informers } = this.#context;
    if (findResource(ref.group, ref.version, ref.resource) !== undefined)
      return { informer: informers.informer(ref), stop: undefined };
    const stop = new AbortController();
    const own = createInformerFactory(client, { clock, logger, random });
    const informer = own.informer(ref);
    own.start(AbortSignal.any([signal, stop.signal]));
    return { informer, stop };
  }

  #drop(id: string, { resource, stop }: Monitor): void {
    if (stop === undefined) return;
    stop.abort();
    this.#monitors.delete(id);
    this.#served.delete(`${apiVersionOf(resource)} ${resource.kind}`);
  }
}

function idOf({ group, resource }: ServedResource): string {
  return group === '' ? resource : `${resource}.${group}`;
}
