import { type Informer, keyOf } from '@coxswain/controller';
import { deepEqual, isNotFound, type KubeObject } from '@coxswain/machinery';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { PendingWrites } from '../shared/pending-writes.ts';
import { isNamespaceTerminating, messageOf } from '../shared/pod-control.ts';
import { endpointSlices, endpoints, services } from '../shared/resources.ts';
import { mirroredGroups, shouldMirror } from './mirrored-endpoints.ts';
import { planSlices, type SliceContent } from './plan-slices.ts';

const managedBy = 'endpointslice.kubernetes.io/managed-by';
const manager = 'endpointslicemirroring-controller.k8s.io';
const serviceName = 'kubernetes.io/service-name';
const byService = 'mirrored service';
/** Annotations that are about the Endpoints object alone. */
const ownAnnotations: ReadonlySet<string> = new Set([
  'endpoints.kubernetes.io/last-change-trigger-time',
  'kubectl.kubernetes.io/last-applied-configuration',
]);

/** Keeps EndpointSlices for Endpoints that somebody writes by hand, for services without a selector. */
export class EndpointSliceMirroringController implements RunnableController {
  readonly name = 'endpointslice-mirroring-controller';
  readonly #context: ControllerContext;
  readonly #endpoints: Informer;
  readonly #services: Informer;
  readonly #slices: Informer;
  readonly #pending: PendingWrites;
  readonly #queue: ReturnType<ControllerContext['queue']>;
  readonly #recorder: ReturnType<ControllerContext['recorder']>;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#queue = context.queue(this.name);
    this.#recorder = context.recorder('endpoint-slice-mirroring-controller');
    this.#endpoints = context.informers.informer(endpoints);
    this.#services = context.informers.informer(services);
    this.#slices = context.informers.informer(endpointSlices);
    this.#slices.addIndex(byService, (slice) =>
      slice.metadata.labels?.[managedBy] === manager
        ? [`${slice.metadata.namespace}/${slice.metadata.labels[serviceName] ?? ''}`]
        : [],
    );
    this.#pending = new PendingWrites(this.#slices, context.clock);
    // A service and its Endpoints share their name, and so the key.
    const enqueue = (object: KubeObject): void => this.#queue.add(keyOf(object));
    for (const informer of [this.#endpoints, this.#services]) {
      informer.addHandler({ onAdd: enqueue, onUpdate: (_, after) => enqueue(after), onDelete: enqueue });
    }
    const sliceChanged = ({ metadata: { labels, namespace } }: KubeObject): void => {
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
    if (!this.#pending.settled(key)) return;
    const source = this.#endpoints.lister.getByKey(key);
    const service = this.#services.lister.getByKey(key);
    const mirror =
      source !== undefined &&
      shouldMirror(source) &&
      service !== undefined &&
      service['spec'].selector === undefined;
    const mine = this.#slices.lister.byIndex(byService, key);
    if (!mirror) this.#pending.forget(key);
    const plan = planSlices(mirror ? mirroredGroups(source['subsets'] ?? []) : [], mine);
    const [namespace] = key.split('/');
    const client = this.#context.client.resource(endpointSlices, namespace);
    try {
      for (const slice of plan.remove) {
        await client.delete(slice.metadata.name as string);
        this.#pending.deleted(key, slice);
      }
      if (!mirror) return;
      for (const content of plan.create) {
        this.#pending.created(key, await client.create(sliceOf(source, content)));
      }
      for (const { slice, content } of withNewMetadata(source, mine, plan)) {
        const { metadata, ...rest } = sliceOf(source, content);
        await client.update({
          ...rest,
          metadata: {
            ...slice.metadata,
            labels: metadata.labels ?? {},
            annotations: metadata.annotations ?? {},
          },
        });
      }
    } catch (error) {
      if (isNamespaceTerminating(error) || isNotFound(error)) return;
      if (source !== undefined) {
        const text = `Error updating Endpoint Slices for Endpoints ${key}: ${messageOf(error)}`;
        this.#recorder.event(source, 'Warning', 'FailedToUpdateEndpointSlices', text);
      }
      throw error;
    }
  }
}

/** The planned updates, and those of slices whose labels or annotations are no longer the Endpoints'. */
function withNewMetadata(
  source: KubeObject,
  mine: readonly KubeObject[],
  plan: ReturnType<typeof planSlices>,
): readonly { slice: KubeObject; content: SliceContent }[] {
  const updates = [...plan.update];
  const touched = new Set([...plan.remove, ...plan.update.map(({ slice }) => slice)]);
  for (const slice of mine) {
    if (touched.has(slice)) continue;
    const { addressType, ports = [], endpoints: held = [] } = slice as unknown as SliceContent;
    const content = { addressType, ports, endpoints: held };
    const { labels, annotations = {} } = sliceOf(source, content).metadata;
    if (
      !deepEqual(labels, slice.metadata.labels) ||
      !deepEqual(annotations, slice.metadata.annotations ?? {})
    ) {
      updates.push({ slice, content });
    }
  }
  return updates;
}

function sliceOf(source: KubeObject, content: SliceContent): KubeObject {
  const { name, namespace, uid } = source.metadata as { name: string; namespace: string; uid: string };
  const annotations = Object.entries(source.metadata.annotations ?? {}).filter(
    ([k]) => !ownAnnotations.has(k),
  );
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: { ...source.metadata.labels, [serviceName]: name, [managedBy]: manager },
      annotations: Object.fromEntries(annotations),
      ownerReferences: [
        { apiVersion: 'v1', kind: 'Endpoints', name, uid, controller: true, blockOwnerDeletion: true },
      ],
    },
    ...content,
  };
}
