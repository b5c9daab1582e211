import { deepEqual } from '@coxswain/machinery';
import type { Container, Node, Pod, ResourceRequirements } from '../types.ts';
import { resourceShortage } from './admission.ts';

/** Why a pod does not have the resources that its spec says. */
export interface ResizePending {
  readonly reason: 'Deferred' | 'Infeasible';
  readonly message: string;
}

/** A pod with what the node has granted it in place of what its spec says, where the two differ. */
export interface Allocated {
  readonly pod: Pod;
  /** Absent when all is granted. */
  readonly pending?: ResizePending;
}

type Granted = ReadonlyMap<string, ResourceRequirements>;

/** What each pod of the node was granted. A pod that asks for more than there is keeps what it had. */
export class Allocations {
  readonly #granted = new Map<string, Granted>();
  readonly #node: () => Node | undefined;
  readonly #others: (uid: string) => readonly Pod[];

  /** @param others the other pods that have resources of the node */
  constructor(node: () => Node | undefined, others: (uid: string) => readonly Pod[]) {
    this.#node = node;
    this.#others = others;
  }

  /**
   * Grants the pod what its spec says, if there is room for it.
   *
   * @param runs the pod has run before: what it had then stands in its status
   */
  allocate(pod: Pod, runs: boolean): Allocated {
    const uid = pod.metadata.uid ?? '';
    const before = this.#granted.get(uid) ?? (runs ? fromStatus(pod) : undefined);
    const wanted = grantsOf(pod);
    if (before === undefined || deepEqual([...before], [...wanted])) {
      this.#granted.set(uid, wanted);
      return { pod };
    }
    const node = this.#node();
    const others = this.#others(uid).map((other) => this.of(other));
    const short = node && resourceShortage(pod, others, node);
    if (!short) {
      this.#granted.set(uid, wanted);
      return { pod };
    }
    this.#granted.set(uid, before);
    const never = resourceShortage(pod, [], node) !== undefined;
    const { resource, requested, used, capacity } = short;
    const message = never
      ? `Node didn't have enough capacity: ${resource}, requested: ${requested}, capacity: ${capacity}`
      : `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`;
    return { pod: withGrants(pod, before), pending: { reason: never ? 'Infeasible' : 'Deferred', message } };
  }

  /** The pod with what it was granted. */
  of(pod: Pod): Pod {
    const granted = this.#granted.get(pod.metadata.uid ?? '');
    return granted ? withGrants(pod, granted) : pod;
  }

  forget(uid: string): void {
    this.#granted.delete(uid);
  }
}

function containersOf(pod: Pod): readonly Container[] {
  return [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
}

function grantsOf(pod: Pod): Granted {
  return new Map(containersOf(pod).map((c) => [c.name, c.resources ?? {}]));
}

/** Before the kubelet was restarted, the pod had what its status says. */
function fromStatus(pod: Pod): Granted {
  const statuses = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
  return new Map(
    containersOf(pod).map((c) => {
      const status = statuses.find((s) => s.name === c.name);
      return [c.name, status?.resources ?? c.resources ?? {}];
    }),
  );
}

function withGrants(pod: Pod, granted: Granted): Pod {
  const grant = (c: Container): Container => {
    const resources = granted.get(c.name);
    return resources === undefined || deepEqual(resources, c.resources ?? {}) ? c : { ...c, resources };
  };
  const { containers, initContainers } = pod.spec;
  return {
    ...pod,
    spec: {
      ...pod.spec,
      containers: containers.map(grant),
      ...(initContainers ? { initContainers: initContainers.map(grant) } : {}),
    },
  };
}
