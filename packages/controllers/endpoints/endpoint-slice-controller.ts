import { type Informer, keyOf } from '@coxswain/controller';
import { deepEqual, isNotFound, type KubeObject } from '@coxswain/machinery';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { PendingWrites } from '../shared/pending-writes.ts';
import { isNamespaceTerminating, messageOf } from '../shared/pod-control.ts';
import { endpointSlices, nodes, pods, services } from '../shared/resources.ts';
import { planSlices, type SliceContent } from './plan-slices.ts';
import { endpointGroups, selects, selectsPods } from './service-endpoints.ts';

const managedBy = 'endpointslice.kubernetes.io/managed-by';
const manager = 'endpointslice-controller.k8s.io';
const serviceName = 'kubernetes.io/service-name';
const headless = 'service.kubernetes.io/headless';
const triggerTime = 'endpoints.kubernetes.io/last-change-trigger-time';

const byService = 'service';

/** Keeps the EndpointSlices of services with a selector. */
export class EndpointSliceController implements RunnableController {
  readonly name = 'endpointslice-controller';
  readonly #context: ControllerContext;
  readonly #services: Informer;
  readonly #pods: Informer;
  readonly #slices: Informer;
  readonly #nodes: Informer;
  readonly #pending: PendingWrites;
  readonly #queue: ReturnType<ControllerContext['queue']>;
  readonly #recorder: ReturnType<ControllerContext['recorder']>;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#queue = context.queue(this.name);
    this.#recorder = context.recorder('endpoint-slice-controller');
    this.#services = context.informers.informer(services);
    this.#pods = context.informers.informer(pods);
    this.#slices = context.informers.informer(endpointSlices);
    this.#nodes = context.informers.informer(nodes);
    this.#slices.addIndex(byService, (slice) => [
      `${slice.metadata.namespace}/${slice.metadata.labels?.[serviceName] ?? ''}`,
    ]);
    this.#pending = new PendingWrites(this.#slices, context.clock);
    const enqueue = (service: KubeObject): void => this.#queue.add(keyOf(service));
    this.#services.addHandler({ onAdd: enqueue, onUpdate: (_, after) => enqueue(after), onDelete: enqueue });
    watchPods(this.#pods, this.#services, enqueue);
    const sliceChanged = (slice: KubeObject): void => {
      const { labels, namespace } = slice.metadata;
      if (labels?.[managedBy] === manager) this.#queue.add(`${namespace}/${labels[serviceName]}`);
    };
    this.#slices.addHandler({
      onAdd: sliceChanged,
      onUpdate: (_, after) => sliceChanged(after),
      onDelete: sliceChanged,
    });
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run((key) => this.#reconcile(key), { workers: 5, signal });
  }

  async #reconcile(key: string): Promise<void> {
    const service = this.#services.lister.getByKey(key);
    // The slices of a service that is gone are the garbage collector's: they have an owner reference.
    if (!service || !selectsPods(service)) {
      this.#pending.forget(key);
      return;
    }
    if (!this.#pending.settled(key)) return;
    const selected = this.#pods.lister
      .list(service.metadata.namespace)
      .filter((pod) => selects(service, pod));
    const groups = endpointGroups(service, selected, (name) => this.#nodes.lister.get('', name));
    // A service without a single endpoint still shows one, empty, slice.
    const families: readonly ('IPv4' | 'IPv6')[] = service['spec'].ipFamilies ?? ['IPv4'];
    const mine = this.#slices.lister
      .byIndex(byService, key)
      .filter((s) => s.metadata.labels?.[managedBy] === manager);
    const plan = planSlices(groups, mine);
    const create = [...plan.create];
    const remove = [...plan.remove];
    const update = [...plan.update];
    for (const addressType of families) {
      if (groups.some((group) => group.addressType === addressType)) continue;
      const held = mine.find((slice) => slice['addressType'] === addressType);
      const empty: SliceContent = { addressType, ports: [], endpoints: [] };
      if (!held) create.push(empty);
      else {
        remove.splice(remove.indexOf(held), 1);
        if ((held['endpoints'] ?? []).length > 0) update.push({ slice: held, content: empty });
      }
    }
    const client = this.#context.client.resource(endpointSlices, service.metadata.namespace);
    const changing = new Set(update.map(({ slice }) => slice));
    for (const slice of mine) {
      if (
        changing.has(slice) ||
        remove.includes(slice) ||
        deepEqual(labelsOf(service), slice.metadata.labels)
      )
        continue;
      const { addressType, ports, endpoints } = slice as unknown as SliceContent;
      update.push({ slice, content: { addressType, ports: ports ?? [], endpoints: endpoints ?? [] } });
    }
    try {
      for (const content of create)
        this.#pending.created(key, await client.create(this.#build(service, content)));
      for (const { slice, content } of update) {
        const { metadata } = slice;
        const next = this.#build(service, content);
        await client.update({
          ...next,
          metadata: {
            ...metadata,
            labels: next.metadata.labels ?? {},
            annotations: { ...metadata.annotations, ...next.metadata.annotations },
          },
        });
      }
      for (const slice of remove) {
        await client.delete(slice.metadata.name as string);
        this.#pending.deleted(key, slice);
      }
    } catch (error) {
      if (isNamespaceTerminating(error) || isNotFound(error)) return;
      const text = `Error updating Endpoint Slices for Service ${key}: ${messageOf(error)}`;
      this.#recorder.event(service, 'Warning', 'FailedToUpdateEndpointSlices', text);
      throw error;
    }
  }

  #build(service: KubeObject, content: SliceContent): KubeObject {
    const { name, namespace, uid } = service.metadata as { name: string; namespace: string; uid: string };
    return {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        generateName: `${name}-`,
        namespace,
        labels: labelsOf(service),
        annotations: {
          [triggerTime]: new Date(this.#context.clock.now()).toISOString().replace(/\.\d+Z/, 'Z'),
        },
        ownerReferences: [
          { apiVersion: 'v1', kind: 'Service', name, uid, controller: true, blockOwnerDeletion: true },
        ],
      },
      ...content,
    };
  }
}

/** The service's own labels go onto its slices, with those that say whose they are. */
function labelsOf(service: KubeObject): Record<string, string> {
  const labels: Record<string, string> = { ...service.metadata.labels };
  delete labels[headless];
  if (service['spec'].clusterIP === 'None') labels[headless] = '';
  return { ...labels, [serviceName]: service.metadata.name as string, [managedBy]: manager };
}

/** Calls `enqueue` for every service that a pod's change concerns. */
export function watchPods(
  podInformer: Informer,
  serviceInformer: Informer,
  enqueue: (service: KubeObject) => void,
): void {
  const changed = (...versions: readonly KubeObject[]): void => {
    for (const service of serviceInformer.lister.list(versions[0]?.metadata.namespace)) {
      if (versions.some((pod) => selects(service, pod))) enqueue(service);
    }
  };
  podInformer.addHandler({
    onAdd: (pod) => changed(pod),
    onUpdate: (before, after) => {
      if (endpointView(before) !== endpointView(after)) changed(before, after);
    },
    onDelete: (pod) => changed(pod),
  });
}

/** What of a pod shows in endpoints. */
function endpointView(pod: KubeObject): string {
  const ready = pod['status']?.conditions?.find((c: { type: string }) => c.type === 'Ready')?.status;
  return JSON.stringify([
    pod.metadata.labels,
    pod.metadata.deletionTimestamp,
    pod['status']?.podIPs ?? pod['status']?.podIP,
    pod['status']?.phase,
    ready,
    pod['spec'].nodeName,
  ]);
}
