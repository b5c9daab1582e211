import type { Informer } from '@coxswain/controller';
import { formatTime, isNotFound, type KubeObject } from '@coxswain/machinery';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { messageOf } from '../shared/pod-control.ts';
import { isPodTerminal } from '../shared/pod-state.ts';
import { nodes, pods } from '../shared/resources.ts';
import { runPeriodically } from '../shared/run-periodically.ts';

const periodMs = 20_000;
/** A node must have been gone for two looks before its pods are. */
const quarantineMs = 40_000;

const outOfService = 'node.kubernetes.io/out-of-service';

/** --terminated-pod-gc-threshold's default. */
const terminatedPodThreshold = 12_500;

/** Removes pods of nodes that are gone, pods deleted before they were placed, and ended pods beyond a number. */
export class PodGarbageCollector implements RunnableController {
  readonly name = 'pod-garbage-collector-controller';
  readonly #context: ControllerContext;
  readonly #threshold: number;
  readonly #pods: Informer;
  readonly #nodes: Informer;
  /** When each missing node was first missed, ms. */
  readonly #missing = new Map<string, number>();

  constructor(context: ControllerContext, threshold = terminatedPodThreshold) {
    this.#context = context;
    this.#threshold = threshold;
    this.#pods = context.informers.informer(pods);
    this.#nodes = context.informers.informer(nodes);
  }

  async run(signal: AbortSignal): Promise<void> {
    await runPeriodically(this.#context, this.name, periodMs, signal, () => this.#collect());
  }

  async #collect(): Promise<void> {
    const all = this.#pods.lister.list();
    const terminated = all.filter((pod) => isPodTerminal(pod) && !pod.metadata.deletionTimestamp);
    if (this.#threshold > 0 && terminated.length > this.#threshold) {
      const oldest = terminated.sort(byCreation).slice(0, terminated.length - this.#threshold);
      for (const pod of oldest) await this.#remove(pod);
    }
    await this.#collectOrphans(all);
    for (const pod of all) {
      if (!pod.metadata.deletionTimestamp) continue;
      if (!pod['spec'].nodeName) await this.#remove(pod);
      else if (this.#isOutOfService(pod['spec'].nodeName)) await this.#fail(pod);
    }
  }

  /** Somebody vouches that the node is off: its kubelet will never say that a pod has ended. */
  #isOutOfService(name: string): boolean {
    const node = this.#nodes.lister.get('', name);
    const ready = node?.['status']?.conditions?.find((c: { type: string }) => c.type === 'Ready');
    const taints: readonly { readonly key: string }[] = node?.['spec']?.taints ?? [];
    return ready?.status !== 'True' && taints.some((taint) => taint.key === outOfService);
  }

  async #collectOrphans(all: readonly KubeObject[]): Promise<void> {
    const now = this.#context.clock.now();
    const used = Map.groupBy(all, (pod) => (pod['spec'].nodeName as string | undefined) ?? '');
    used.delete('');
    for (const name of this.#missing.keys())
      if (!used.has(name) || this.#nodes.lister.get('', name)) this.#missing.delete(name);
    for (const [name, held] of used) {
      if (this.#nodes.lister.get('', name)) continue;
      const since = this.#missing.get(name) ?? now;
      this.#missing.set(name, since);
      if (now - since < quarantineMs || !(await this.#isGone(name))) continue;
      for (const pod of held) await this.#remove(pod, 'PodGC: node no longer exists');
    }
  }

  async #isGone(node: string): Promise<boolean> {
    try {
      await this.#context.client.resource(nodes).get(node);
      return false;
    } catch (error) {
      return isNotFound(error);
    }
  }

  /** Deletes at once a pod that its node will not end, marked failed. */
  async #fail(pod: KubeObject): Promise<void> {
    const { name, namespace, uid } = pod.metadata as { name: string; namespace: string; uid: string };
    if (!isPodTerminal(pod)) {
      const patch = { metadata: { uid }, status: { phase: 'Failed' } };
      try {
        await this.#context.client
          .resource(pods, namespace)
          .patch(name, 'application/strategic-merge-patch+json', patch, { subresource: 'status' });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    await this.#remove(pod);
  }

  /** Deletes at once; a pod that had not ended is marked failed first, and why. */
  async #remove(pod: KubeObject, disruption?: string): Promise<void> {
    const client = this.#context.client.resource(pods, pod.metadata.namespace);
    const { name, uid } = pod.metadata as { name: string; uid: string };
    try {
      if (disruption !== undefined && !isPodTerminal(pod)) {
        const lastTransitionTime = formatTime(this.#context.clock.now());
        const condition = {
          type: 'DisruptionTarget',
          status: 'True',
          reason: 'DeletionByPodGC',
          lastTransitionTime,
        };
        await client.patch(
          name,
          'application/strategic-merge-patch+json',
          {
            metadata: { uid },
            status: { phase: 'Failed', conditions: [{ ...condition, message: disruption }] },
          },
          { subresource: 'status' },
        );
      }
      await client.delete(name, { gracePeriodSeconds: 0, preconditions: { uid } });
    } catch (error) {
      if (isNotFound(error)) return;
      this.#context.logger.warn('pod not collected', {
        pod: `${pod.metadata.namespace}/${name}`,
        error: messageOf(error),
      });
    }
  }
}

function byCreation(a: KubeObject, b: KubeObject): number {
  return (a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? -1 : 1;
}
