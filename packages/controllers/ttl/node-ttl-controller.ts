import { type Informer, keyOf } from '@coxswain/controller';
import { isConflict, isNotFound, type KubeObject } from '@coxswain/machinery';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { nodes } from '../shared/resources.ts';

const annotation = 'node.alpha.kubernetes.io/ttl';

/** How long, seconds, kubelets may keep Secrets and ConfigMaps, by the number of nodes; each step overlaps the next. */
const boundaries = [
  { min: 0, max: 100, seconds: 0 },
  { min: 90, max: 500, seconds: 15 },
  { min: 450, max: 1000, seconds: 30 },
  { min: 900, max: 2000, seconds: 60 },
  { min: 1800, max: Number.POSITIVE_INFINITY, seconds: 300 },
] as const;

/** Tells each node how long its kubelet may keep what it read: the longer the more nodes there are. */
export class NodeTtlController implements RunnableController {
  readonly name = 'ttl-controller';
  readonly #context: ControllerContext;
  readonly #nodes: Informer;
  readonly #queue: ReturnType<ControllerContext['queue']>;
  #count = 0;
  #step = 0;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#queue = context.queue(this.name);
    this.#nodes = context.informers.informer(nodes);
    const enqueue = (node: KubeObject): void => this.#queue.add(keyOf(node));
    this.#nodes.addHandler({
      onAdd: (node) => {
        this.#count++;
        if (this.#count > (boundaries[this.#step]?.max ?? 0)) this.#step++;
        enqueue(node);
      },
      onUpdate: (_, after) => enqueue(after),
      onDelete: () => {
        this.#count--;
        if (this.#count < (boundaries[this.#step]?.min ?? 0)) this.#step--;
      },
    });
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run((key) => this.#reconcile(key), { workers: 5, signal });
  }

  async #reconcile(name: string): Promise<void> {
    const node = this.#nodes.lister.getByKey(name);
    const wanted = String(boundaries[this.#step]?.seconds ?? 0);
    if (!node || node.metadata.annotations?.[annotation] === wanted) return;
    try {
      await this.#context.client.resource(nodes).patch(name, 'application/strategic-merge-patch+json', {
        metadata: { annotations: { [annotation]: wanted } },
      });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }
}
