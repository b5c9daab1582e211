import type { Informer } from '@coxswain/controller';
import { formatTime, isNotFound, type KubeObject } from '@coxswain/machinery';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { ipAddresses, serviceCidrs } from '../shared/resources.ts';
import { isAllocated, orphanedAddress, overlapping, rangesOf } from './orphaned-address.ts';

const finalizer = 'networking.k8s.io/service-cidr-finalizer';
const name = 'service-cidr-controller';

/** API servers hear of a deletion by then, and give no more addresses out of the range. */
const deletionGraceMs = 10_000;

interface Readiness {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

const ready: Readiness = { status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' };
const terminating: Readiness = {
  status: 'False',
  reason: 'Terminating',
  message:
    'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
};

/** Tells that ServiceCIDRs are ready, and keeps those whose addresses no other would have. */
export class ServiceCidrController implements RunnableController {
  readonly name = name;
  readonly #context: ControllerContext;
  readonly #ranges: Informer;
  readonly #addresses: Informer;
  readonly #queue: ReturnType<ControllerContext['queue']>;
  readonly #recorder: ReturnType<ControllerContext['recorder']>;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#queue = context.queue(name);
    this.#recorder = context.recorder(name);
    this.#ranges = context.informers.informer(serviceCidrs);
    this.#addresses = context.informers.informer(ipAddresses);
    const lookAt = (range: KubeObject): void => this.#queue.add(range.metadata.name as string);
    this.#ranges.addHandler({
      onAdd: (range) => {
        lookAt(range);
        // It may be what others wait for to go.
        for (const other of overlapping(range, this.#ranges.lister.list())) lookAt(other);
      },
      onUpdate: (_, after) => lookAt(after),
      onDelete: lookAt,
    });
    const lookAtRanges = (address: KubeObject): void => {
      if (!isAllocated(address)) return;
      for (const range of rangesOf(address.metadata.name as string, this.#ranges.lister.list()))
        lookAt(range);
    };
    this.#addresses.addHandler({ onAdd: lookAtRanges, onUpdate: () => {}, onDelete: lookAtRanges });
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run((key) => this.#reconcile(key), { workers: 5, signal });
  }

  async #reconcile(key: string): Promise<void> {
    const range = this.#ranges.lister.getByKey(key);
    if (range === undefined) return;
    const { deletionTimestamp } = range.metadata;
    if (deletionTimestamp !== undefined) return this.#letGo(range, Date.parse(deletionTimestamp));
    await this.#setFinalizer(range, { finalizers: [finalizer] }, false);
    try {
      await this.#tell(range, ready);
    } catch (error) {
      const text = 'The ServiceCIDR Status can not be set to Ready=True';
      this.#recorder.event(range, 'Warning', 'KubernetesServiceCIDRError', text);
      throw error;
    }
  }

  async #letGo(range: KubeObject, since: number): Promise<void> {
    const orphan = orphanedAddress(range, this.#ranges.lister.list(), this.#addresses.lister.list());
    if (orphan !== undefined) return this.#tell(range, terminating);
    const leftMs = since + deletionGraceMs - this.#context.clock.now();
    if (leftMs > 0) {
      this.#queue.addAfter(range.metadata.name as string, leftMs);
      return;
    }
    await this.#setFinalizer(range, { '$deleteFromPrimitiveList/finalizers': [finalizer] }, true);
  }

  /** @param had whether it must have the finalizer for there to be something to do */
  async #setFinalizer({ metadata }: KubeObject, patch: object, had: boolean): Promise<void> {
    if ((metadata.finalizers ?? []).includes(finalizer) !== had) return;
    try {
      await this.#context.client
        .resource(serviceCidrs)
        .patch(metadata.name as string, 'application/strategic-merge-patch+json', { metadata: patch });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async #tell(range: KubeObject, { status, reason, message }: Readiness): Promise<void> {
    const known: readonly Record<string, unknown>[] = range['status']?.conditions ?? [];
    const before = known.find(({ type }) => type === 'Ready');
    if (before?.['status'] === status && before['message'] === message) return;
    const condition = {
      type: 'Ready',
      status,
      lastTransitionTime: formatTime(this.#context.clock.now()),
      ...(reason === '' ? {} : { reason }),
      message,
    };
    await this.#context.client.resource(serviceCidrs).apply(
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'ServiceCIDR',
        metadata: { name: range.metadata.name as string },
        status: { conditions: [condition] },
      },
      { fieldManager: name, force: true, subresource: 'status' },
    );
  }
}
