import { type Informer, keyOf } from '@coxswain/controller';
import { deepEqual, isAlreadyExists, isNotFound, type KubeObject } from '@coxswain/machinery';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { isNamespaceTerminating } from '../shared/pod-control.ts';
import { endpoints, pods, services } from '../shared/resources.ts';
import { watchPods } from './endpoint-slice-controller.ts';
import { endpointGroups, selects, selectsPods } from './service-endpoints.ts';

const managedBy = 'endpoints.kubernetes.io/managed-by';
const manager = 'endpoint-controller';
const headless = 'service.kubernetes.io/headless';
const overCapacity = 'endpoints.kubernetes.io/over-capacity';
/** More do not fit into one Endpoints object; EndpointSlices have them all. */
const maxAddresses = 1000;

/** Keeps the (deprecated, still widely read) Endpoints of services with a selector. */
export class EndpointsController implements RunnableController {
  readonly name = 'endpoints-controller';
  readonly #context: ControllerContext;
  readonly #services: Informer;
  readonly #pods: Informer;
  readonly #endpoints: Informer;
  readonly #queue: ReturnType<ControllerContext['queue']>;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#queue = context.queue(this.name);
    this.#services = context.informers.informer(services);
    this.#pods = context.informers.informer(pods);
    this.#endpoints = context.informers.informer(endpoints);
    const enqueue = (service: KubeObject): void => this.#queue.add(keyOf(service));
    this.#services.addHandler({ onAdd: enqueue, onUpdate: (_, after) => enqueue(after), onDelete: enqueue });
    this.#endpoints.addHandler({ onDelete: enqueue });
    watchPods(this.#pods, this.#services, enqueue);
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run((key) => this.#reconcile(key), { workers: 5, signal });
  }

  async #reconcile(key: string): Promise<void> {
    const service = this.#services.lister.getByKey(key);
    const held = this.#endpoints.lister.getByKey(key);
    if (!service) {
      await this.#remove(held);
      return;
    }
    if (!selectsPods(service)) return;
    const wanted = this.#build(service, held);
    const client = this.#context.client.resource(endpoints, service.metadata.namespace);
    try {
      if (!held) await client.create(wanted);
      else if (!same(held, wanted)) await client.update(wanted);
    } catch (error) {
      if (isNamespaceTerminating(error)) return;
      if (isNotFound(error) || isAlreadyExists(error)) this.#queue.addRateLimited(key);
      else throw error;
    }
  }

  /** Endpoints go with their service, unless somebody else made them. */
  async #remove(held: KubeObject | undefined): Promise<void> {
    if (held?.metadata.labels?.[managedBy] !== manager) return;
    const { name, namespace, uid } = held.metadata as { name: string; namespace: string; uid: string };
    try {
      await this.#context.client.resource(endpoints, namespace).delete(name, { preconditions: { uid } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  #build(service: KubeObject, held: KubeObject | undefined): KubeObject {
    const selected = this.#pods.lister
      .list(service.metadata.namespace)
      .filter((pod) => selects(service, pod));
    const primary = service['spec'].ipFamilies?.[0] ?? 'IPv4';
    const groups = endpointGroups(
      { ...service, spec: { ...service['spec'], ipFamilies: [primary] } },
      selected,
      () => undefined,
    );
    const total = groups.reduce((sum, group) => sum + group.endpoints.length, 0);
    const share = total > maxAddresses ? maxAddresses / total : 1;
    const subsets = groups.map(({ endpoints: list, ports }) => {
      const shown = list.slice(0, Math.ceil(list.length * share)).filter((e) => !e.conditions.terminating);
      const address = (e: (typeof list)[number]): object => ({
        ip: e.addresses[0],
        ...(e.hostname ? { hostname: e.hostname } : {}),
        ...(e.nodeName ? { nodeName: e.nodeName } : {}),
        targetRef: e.targetRef,
      });
      const ready = shown
        .filter((e) => e.conditions.ready)
        .sort(byAddress)
        .map(address);
      const notReady = shown
        .filter((e) => !e.conditions.ready)
        .sort(byAddress)
        .map(address);
      return {
        ...(ready.length > 0 ? { addresses: ready } : {}),
        ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
        ports: ports.map(({ name, ...port }) => (name === '' ? port : { name, ...port })),
      };
    });
    const filled = subsets.filter((subset) => subset.addresses || subset.notReadyAddresses);
    const labels: Record<string, string> = { ...service.metadata.labels, [managedBy]: manager };
    delete labels[headless];
    if (service['spec'].clusterIP === 'None') labels[headless] = '';
    const annotations: Record<string, string> = { ...held?.metadata.annotations };
    delete annotations[overCapacity];
    if (share < 1) annotations[overCapacity] = 'truncated';
    const { name, namespace } = service.metadata as { name: string; namespace: string };
    return {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: {
        ...(held?.metadata ?? { name, namespace }),
        labels,
        ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
      },
      ...(filled.length > 0 ? { subsets: filled } : {}),
    };
  }
}

function same(held: KubeObject, wanted: KubeObject): boolean {
  return (
    deepEqual(held['subsets'] ?? [], wanted['subsets'] ?? []) &&
    deepEqual(held.metadata.labels ?? {}, wanted.metadata.labels ?? {}) &&
    deepEqual(held.metadata.annotations ?? {}, wanted.metadata.annotations ?? {})
  );
}

function byAddress(
  a: { readonly addresses: readonly string[] },
  b: { readonly addresses: readonly string[] },
): number {
  return (a.addresses[0] as string) < (b.addresses[0] as string) ? -1 : 1;
}
