import { type Taint, type Toleration, tolerates } from '@coxswain/api';
import type { Informer, ReconcileResult } from '@coxswain/controller';
import { formatTime, isNotFound, type KubeObject } from '@coxswain/machinery';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { nodes, pods } from '../shared/resources.ts';
import { podsByNode } from './node-lifecycle-controller.ts';

/**
 * How long a pod may stay with these NoExecute taints, in seconds from when it first had to bear them: 0 at
 * once, Infinity for ever. Pure.
 */
function staysSeconds(taints: readonly Taint[], tolerations: readonly Toleration[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (const taint of taints) {
    const used = tolerations.filter((toleration) => tolerates(toleration, taint));
    if (used.length === 0) return 0;
    for (const { tolerationSeconds } of used) {
      if (tolerationSeconds !== undefined) least = Math.min(least, Math.max(0, Number(tolerationSeconds)));
    }
  }
  return least;
}

/** Evicts pods from nodes with NoExecute taints when they do not, or no longer, tolerate them. */
export class TaintEvictionController implements RunnableController {
  readonly name = 'taint-eviction-controller';
  readonly #context: ControllerContext;
  readonly #pods: Informer;
  readonly #nodes: Informer;
  /** When each pod began to bear the taints it bears, ms. */
  readonly #since = new Map<string, number>();
  readonly #queue: ReturnType<ControllerContext['queue']>;
  readonly #recorder: ReturnType<ControllerContext['recorder']>;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#queue = context.queue(this.name);
    this.#recorder = context.recorder('taint-eviction-controller');
    this.#nodes = context.informers.informer(nodes);
    this.#pods = context.informers.informer(pods);
    this.#pods.addIndex('node', podsByNode);
    const ofNode = (node: KubeObject): void => {
      for (const pod of this.#pods.lister.byIndex('node', node.metadata.name as string)) this.#enqueue(pod);
    };
    this.#nodes.addHandler({
      onAdd: ofNode,
      onUpdate: (before, after) => {
        if (JSON.stringify(noExecute(before)) !== JSON.stringify(noExecute(after))) ofNode(after);
      },
    });
    this.#pods.addHandler({
      onAdd: (pod) => this.#enqueue(pod),
      onUpdate: (before, after) => {
        const placed = before['spec'].nodeName !== after['spec'].nodeName;
        if (placed || before['spec'].tolerations !== after['spec'].tolerations) this.#enqueue(after);
      },
      onDelete: (pod) => this.#since.delete(pod.metadata.uid as string),
    });
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run((key) => this.#reconcile(key), { workers: 8, signal });
  }

  #enqueue(pod: KubeObject): void {
    if (pod['spec'].nodeName) this.#queue.add(`${pod.metadata.namespace}/${pod.metadata.name}`);
  }

  async #reconcile(key: string): Promise<ReconcileResult> {
    const pod = this.#pods.lister.getByKey(key);
    if (!pod || pod.metadata.deletionTimestamp || !pod['spec'].nodeName) return undefined;
    const uid = pod.metadata.uid as string;
    const node = this.#nodes.lister.get('', pod['spec'].nodeName);
    const taints = node ? noExecute(node) : [];
    if (taints.length === 0) {
      if (this.#since.delete(uid)) {
        const text = `Cancelling deletion of Pod ${key}`;
        this.#recorder.event(pod, 'Normal', 'TaintManagerEviction', text);
      }
      return undefined;
    }
    const stays = staysSeconds(taints, pod['spec'].tolerations ?? []);
    if (stays === Number.POSITIVE_INFINITY) return undefined;
    const now = this.#context.clock.now();
    const since = this.#since.get(uid) ?? now;
    this.#since.set(uid, since);
    const wait = since + stays * 1000 - now;
    if (wait > 0) return { requeueAfterMs: wait };
    await this.#evict(pod, key);
    return undefined;
  }

  async #evict(pod: KubeObject, key: string): Promise<void> {
    const { name, namespace, uid } = pod.metadata as { name: string; namespace: string; uid: string };
    const client = this.#context.client.resource(pods, namespace);
    this.#recorder.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${key}`);
    try {
      const condition = {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'DeletionByTaintManager',
        message: 'Taint manager: deleting due to NoExecute taint',
        lastTransitionTime: formatTime(this.#context.clock.now()),
      };
      await client.patch(
        name,
        'application/strategic-merge-patch+json',
        { metadata: { uid }, status: { conditions: [condition] } },
        { subresource: 'status' },
      );
      await client.delete(name, { preconditions: { uid } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

function noExecute(node: KubeObject): readonly Taint[] {
  return (node['spec']?.taints ?? []).filter((taint: Taint) => taint.effect === 'NoExecute');
}
