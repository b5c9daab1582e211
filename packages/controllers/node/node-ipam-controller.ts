import { type Informer, keyOf } from '@coxswain/controller';
import { isConflict, isNotFound, type KubeObject } from '@coxswain/machinery';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { nodes } from '../shared/resources.ts';
import { NodeRanges } from './node-ranges.ts';

/** Gives every node a range of pod addresses out of the cluster's. */
export class NodeIpamController implements RunnableController {
  readonly name = 'node-ipam-controller';
  readonly #context: ControllerContext;
  readonly #nodes: Informer;
  readonly #ranges: NodeRanges;
  readonly #queue: ReturnType<ControllerContext['queue']>;
  readonly #recorder: ReturnType<ControllerContext['recorder']>;

  constructor(context: ControllerContext, clusterCidr: string, nodeBits: number) {
    this.#context = context;
    this.#ranges = new NodeRanges(clusterCidr, nodeBits);
    this.#queue = context.queue(this.name);
    this.#recorder = context.recorder('cidrAllocator');
    this.#nodes = context.informers.informer(nodes);
    this.#nodes.addHandler({
      onAdd: (node) => this.#seen(node),
      onUpdate: (_, after) => this.#seen(after),
      onDelete: (node) => {
        if (node['spec']?.podCIDR) this.#ranges.release(node['spec'].podCIDR);
      },
    });
  }

  /** The first list has been seen by now, so every range in use is noted before one is given out. */
  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run((key) => this.#reconcile(key), { workers: 1, signal });
  }

  #seen(node: KubeObject): void {
    const held: string | undefined = node['spec']?.podCIDR;
    if (held) this.#ranges.occupy(held);
    else this.#queue.add(keyOf(node));
  }

  async #reconcile(name: string): Promise<void> {
    const node = this.#nodes.lister.getByKey(name);
    if (!node || node['spec']?.podCIDR) return;
    const podCIDR = this.#ranges.allocate();
    if (podCIDR === undefined) {
      this.#recorder.event(
        node,
        'Normal',
        'CIDRNotAvailable',
        `Node ${name} status is now: CIDRNotAvailable`,
      );
      throw new Error(`no range of pod addresses is left for node "${name}"`);
    }
    try {
      await this.#context.client.resource(nodes).patch(name, 'application/strategic-merge-patch+json', {
        metadata: { resourceVersion: node.metadata.resourceVersion },
        spec: { podCIDR, podCIDRs: [podCIDR] },
      });
    } catch (error) {
      this.#ranges.release(podCIDR);
      if (isConflict(error)) this.#queue.addRateLimited(name);
      else if (!isNotFound(error)) throw error;
    }
  }
}
