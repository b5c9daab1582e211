import type { Informer } from '@coxswain/controller';
import { formatTime, isConflict, isNotFound, type KubeObject } from '@coxswain/machinery';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { messageOf } from '../shared/pod-control.ts';
import { isPodReady } from '../shared/pod-state.ts';
import { leases, nodes, pods } from '../shared/resources.ts';

/** Times of the node life cycle, in milliseconds; upstream's defaults. */
export interface NodeLifecycleTimes {
  /** --node-monitor-period. */
  readonly monitorPeriodMs: number;
  /** --node-monitor-grace-period: 5 missed leases of 10 s. */
  readonly monitorGracePeriodMs: number;
  /** --node-startup-grace-period. */
  readonly startupGracePeriodMs: number;
}

const defaultNodeLifecycleTimes: NodeLifecycleTimes = {
  monitorPeriodMs: 5_000,
  monitorGracePeriodMs: 50_000,
  startupGracePeriodMs: 60_000,
};

const leaseNamespace = 'kube-node-lease';

/** Which condition of a node in which state puts which taint on it (with effect NoSchedule). */
const conditionTaints: readonly (readonly [type: string, status: string, taint: string])[] = [
  ['Ready', 'False', 'node.kubernetes.io/not-ready'],
  ['Ready', 'Unknown', 'node.kubernetes.io/unreachable'],
  ['MemoryPressure', 'True', 'node.kubernetes.io/memory-pressure'],
  ['DiskPressure', 'True', 'node.kubernetes.io/disk-pressure'],
  ['NetworkUnavailable', 'True', 'node.kubernetes.io/network-unavailable'],
  ['PIDPressure', 'True', 'node.kubernetes.io/pid-pressure'],
];

const unschedulableTaint = 'node.kubernetes.io/unschedulable';
const evictingTaints = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

interface Health {
  /** When this controller last saw a sign of life: its own clock is the only one it trusts. */
  seenAt: number;
  renewTime: string | undefined;
  heartbeats: string;
}

interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
  readonly timeAdded?: string;
}

/** Watches nodes for signs of life, says in their status when there are none, and taints them. */
export class NodeLifecycleController implements RunnableController {
  readonly name = 'node-lifecycle-controller';
  readonly #context: ControllerContext;
  readonly #times: NodeLifecycleTimes;
  readonly #nodes: Informer;
  readonly #pods: Informer;
  readonly #leases: Informer;
  readonly #health = new Map<string, Health>();
  readonly #queue: ReturnType<ControllerContext['queue']>;
  readonly #recorder: ReturnType<ControllerContext['recorder']>;

  constructor(context: ControllerContext, times: NodeLifecycleTimes = defaultNodeLifecycleTimes) {
    this.#context = context;
    this.#times = times;
    this.#queue = context.queue(this.name);
    this.#recorder = context.recorder('node-controller');
    this.#nodes = context.informers.informer(nodes);
    this.#pods = context.informers.informer(pods);
    this.#pods.addIndex('node', podsByNode);
    this.#leases = context.informers.informer(leases, { namespace: leaseNamespace });
    const enqueue = (node: KubeObject): void => this.#queue.add(node.metadata.name as string);
    this.#nodes.addHandler({
      onAdd: (node) => {
        this.#recorder.event(
          node,
          'Normal',
          'RegisteredNode',
          `Node ${node.metadata.name} event: Registered Node ${node.metadata.name} in Controller`,
        );
        enqueue(node);
      },
      onUpdate: (_, after) => enqueue(after),
      onDelete: (node) => {
        this.#health.delete(node.metadata.name as string);
        this.#recorder.event(
          node,
          'Normal',
          'RemovingNode',
          `Node ${node.metadata.name} event: Removing Node ${node.metadata.name} from Controller`,
        );
      },
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    const workers = this.#queue.run((name) => this.#reconcileTaints(name), { workers: 8, signal });
    while (!signal.aborted) {
      await Promise.all(this.#nodes.lister.list().map((node) => this.#monitor(node)));
      await this.#context.clock.sleep(this.#times.monitorPeriodMs, signal).catch(() => undefined);
    }
    await workers;
  }

  async #monitor(node: KubeObject): Promise<void> {
    try {
      const ready = await this.#checkHealth(node);
      // Also once more after a restart of this controller: pods may be left marked from before.
      if (ready !== 'True') await this.#markPodsNotReady(node);
    } catch (error) {
      if (isNotFound(error)) return;
      this.#context.logger.warn('node not checked', { node: node.metadata.name, error: messageOf(error) });
    }
  }

  /** Notes signs of life; without any for too long the conditions become Unknown. Gives the Ready status. */
  async #checkHealth(node: KubeObject): Promise<string> {
    const name = node.metadata.name as string;
    const now = this.#context.clock.now();
    const conditions: readonly Record<string, any>[] = node['status']?.conditions ?? [];
    const ready = conditions.find((c) => c['type'] === 'Ready');
    const renewTime = this.#leases.lister.get(leaseNamespace, name)?.['spec']?.renewTime as
      | string
      | undefined;
    const heartbeats = JSON.stringify(conditions.map((c) => c['lastHeartbeatTime']));
    const held = this.#health.get(name);
    if (!held)
      this.#health.set(name, {
        seenAt: ready ? now : Date.parse(node.metadata.creationTimestamp ?? formatTime(now)),
        renewTime,
        heartbeats,
      });
    else if (held.renewTime !== renewTime || held.heartbeats !== heartbeats) {
      Object.assign(held, { seenAt: now, renewTime, heartbeats });
    }
    const grace = ready ? this.#times.monitorGracePeriodMs : this.#times.startupGracePeriodMs;
    const seenAt = this.#health.get(name)?.seenAt as number;
    if (now - seenAt <= grace) return ready?.['status'] ?? 'Unknown';
    await this.#markUnknown(node, conditions, now);
    return 'Unknown';
  }

  async #markUnknown(node: KubeObject, before: readonly Record<string, any>[], now: number): Promise<void> {
    const types = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];
    const time = formatTime(now);
    const conditions = [...before];
    let changed = false;
    for (const type of types) {
      const at = conditions.findIndex((c) => c['type'] === type);
      const held = conditions[at];
      if (held?.['status'] === 'Unknown') continue;
      changed = true;
      const next = {
        type,
        status: 'Unknown',
        reason: held ? 'NodeStatusUnknown' : 'NodeStatusNeverUpdated',
        message: held ? 'Kubelet stopped posting node status.' : 'Kubelet never posted node status.',
        lastHeartbeatTime: held?.['lastHeartbeatTime'] ?? node.metadata.creationTimestamp,
        lastTransitionTime: time,
      };
      if (at < 0) conditions.push(next);
      else conditions[at] = next;
    }
    if (!changed) return;
    const wasReady = before.find((c) => c['type'] === 'Ready')?.['status'] === 'True';
    await this.#context.client
      .resource(nodes)
      .updateStatus({ ...node, apiVersion: 'v1', kind: 'Node', status: { ...node['status'], conditions } });
    if (wasReady)
      this.#recorder.event(
        node,
        'Normal',
        'NodeNotReady',
        `Node ${node.metadata.name} status is now: NodeNotReady`,
      );
  }

  /** Takes the pods of a node that is not ready out of their services. */
  async #markPodsNotReady(node: KubeObject): Promise<void> {
    for (const pod of this.#pods.lister.byIndex('node', node.metadata.name as string)) {
      if (!isPodReady(pod)) continue;
      const time = formatTime(this.#context.clock.now());
      const conditions = pod['status'].conditions.map((c: Record<string, any>) =>
        c['type'] === 'Ready' ? { ...c, status: 'False', lastTransitionTime: time } : c,
      );
      try {
        await this.#context.client
          .resource(pods, pod.metadata.namespace)
          .updateStatus({ ...pod, apiVersion: 'v1', kind: 'Pod', status: { ...pod['status'], conditions } });
        this.#recorder.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) throw error;
      }
    }
  }

  async #reconcileTaints(name: string): Promise<void> {
    const node = this.#nodes.lister.getByKey(name);
    if (!node) return;
    const before: readonly Taint[] = node['spec']?.taints ?? [];
    const after = wantedTaints(node, formatTime(this.#context.clock.now()));
    if (JSON.stringify(before) === JSON.stringify(after)) return;
    try {
      await this.#context.client.resource(nodes).patch(name, 'application/merge-patch+json', {
        metadata: { resourceVersion: node.metadata.resourceVersion },
        spec: { taints: after.length === 0 ? null : after },
      });
    } catch (error) {
      if (isConflict(error)) this.#queue.addRateLimited(name);
      else if (!isNotFound(error)) throw error;
    }
  }
}

/** Index of pods by the node they are on. */
export const podsByNode = (pod: KubeObject): readonly string[] => [pod['spec'].nodeName ?? ''];

/** The taints that a node should have by its conditions; others stay as they are. Pure. */
function wantedTaints(node: KubeObject, time: string): Taint[] {
  const before: readonly Taint[] = node['spec']?.taints ?? [];
  const statusOf = (type: string): string | undefined =>
    (node['status']?.conditions ?? []).find((c: Record<string, any>) => c['type'] === type)?.status;
  const keys = new Set(
    conditionTaints.filter(([type, status]) => statusOf(type) === status).map(([, , taint]) => taint),
  );
  if (node['spec']?.unschedulable) keys.add(unschedulableTaint);
  const managed = new Set([...conditionTaints.map(([, , taint]) => taint), unschedulableTaint]);
  const isManaged = (taint: Taint): boolean =>
    (taint.effect === 'NoSchedule' && managed.has(taint.key)) ||
    (taint.effect === 'NoExecute' && evictingTaints.includes(taint.key));
  const wanted: Taint[] = [];
  for (const key of keys) {
    for (const effect of evictingTaints.includes(key) ? ['NoSchedule', 'NoExecute'] : ['NoSchedule']) {
      const held = before.find((taint) => taint.key === key && taint.effect === effect);
      wanted.push(held ?? { key, effect, timeAdded: time });
    }
  }
  const kept = before.filter((taint) => !isManaged(taint) || wanted.includes(taint));
  return [...kept, ...wanted.filter((taint) => !kept.includes(taint))];
}
