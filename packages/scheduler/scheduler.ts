import type { Client } from '@coxswain/client';
import type { EventRecorder, InformerFactory } from '@coxswain/controller';
import type { Clock, Logger } from '@coxswain/machinery';
import { formatTime, isNotFound } from '@coxswain/machinery';
import { SchedulerCache } from './cache.ts';
import { createClusterReader } from './cluster-reader.ts';
import type { ClusterEvent, ClusterReader, Plugin } from './framework.ts';
import { type PodInfo, podInfoOf } from './node-info.ts';
import { defaultPlugins } from './plugins/default-plugins.ts';
import { findPreemption } from './preemption.ts';
import { explainRefusals, type Placement, schedulePod } from './schedule-pod.ts';
import { SchedulingQueue } from './scheduling-queue.ts';
import { isTerminated, type Node, type Pod, podKey } from './types.ts';

export interface SchedulerOptions {
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Pods with this `spec.schedulerName` are placed. Default: `default-scheduler`. */
  readonly schedulerName?: string;
  readonly plugins?: readonly Plugin[];
  /** 0 up to 1; decides between equal nodes. */
  readonly random: () => number;
}

const pods = { group: '', version: 'v1', resource: 'pods' } as const;
const nodes = { group: '', version: 'v1', resource: 'nodes' } as const;
const budgets = { group: 'policy', version: 'v1', resource: 'poddisruptionbudgets' } as const;

/** Attempts made before other work of the process gets its turn. */
const attemptsATurn = 20;
/** Bindings under way at once; more would only queue in the API server. */
const bindingsAtOnce = 100;

/**
 * Places pods on nodes: watches pods without a node, finds each the best one, and binds it. Several schedulers
 * may run beside each other under different names.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #name: string;
  readonly #plugins: readonly Plugin[];
  readonly #cache = new SchedulerCache();
  readonly #queue: SchedulingQueue;
  readonly #cluster: ClusterReader;
  readonly #budgets: ReturnType<InformerFactory['informer']>;
  readonly #nominated = new Map<string, Map<string, PodInfo>>();
  readonly #start = { index: 0 };
  #turnPending = false;
  #bindings = 0;
  #running = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#name = options.schedulerName ?? 'default-scheduler';
    this.#plugins = options.plugins ?? defaultPlugins;
    this.#queue = new SchedulingQueue(this.#plugins, options.clock, () => this.#wantTurn());
    const reader = createClusterReader(options.informers);
    this.#cluster = reader;
    this.#budgets = options.informers.informer(budgets);
    for (const informer of reader.volumes) {
      const wake = (): void => this.#queue.wake('volume-change');
      informer.addHandler({ onAdd: wake, onUpdate: wake, onDelete: wake });
    }
    this.#watchNodes();
    this.#watchPods();
  }

  /** Starts placing pods when the informers have synced; resolves when the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    this.#options.informers.start(signal);
    await this.#options.informers.whenSynced(signal);
    this.#running = true;
    this.#wantTurn();
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    this.#running = false;
    this.#queue.close();
  }

  #watchNodes(): void {
    this.#options.informers.informer(nodes).addHandler({
      onAdd: (node) => {
        this.#cache.setNode(node);
        this.#queue.wake('node-add');
      },
      onUpdate: (before, after) => {
        // Heartbeats change conditions and times alone: nothing that a plugin reads.
        if (!nodeChanged(before, after)) return;
        this.#cache.setNode(after);
        this.#queue.wake('node-update');
      },
      onDelete: (node) => this.#cache.removeNode(node.metadata.name as string),
    });
  }

  #watchPods(): void {
    const seen = (pod: Pod, event: ClusterEvent): void => {
      this.#cache.setPod(pod);
      if (pod['spec'].nodeName) {
        this.#queue.done(pod);
        this.#forgetNomination(pod);
        this.#queue.wake(event);
      } else if (this.#isOurs(pod) && !this.#cache.isAssumed(pod)) {
        this.#queue.set(pod);
      }
    };
    this.#options.informers.informer(pods).addHandler({
      onAdd: (pod) => seen(pod, 'pod-add'),
      onUpdate: (before, after) => {
        const ended = isTerminated(after) && !isTerminated(before);
        if (before.metadata.uid !== after.metadata.uid) this.#gone(before);
        seen(after, ended ? 'pod-delete' : 'pod-update');
      },
      onDelete: (pod) => this.#gone(pod),
    });
  }

  #gone(pod: Pod): void {
    this.#cache.removePod(pod);
    this.#queue.delete(pod);
    this.#forgetNomination(pod);
    if (pod['spec'].nodeName) this.#queue.wake('pod-delete');
  }

  #isOurs(pod: Pod): boolean {
    return pod['spec'].schedulerName === this.#name && !pod.metadata.deletionTimestamp && !isTerminated(pod);
  }

  #wantTurn(): void {
    if (!this.#running || this.#turnPending) return;
    this.#turnPending = true;
    setImmediate(() => {
      this.#turnPending = false;
      this.#turn();
    });
  }

  #turn(): void {
    for (let i = 0; i < attemptsATurn; i++) {
      if (this.#bindings >= bindingsAtOnce || !this.#running) return;
      const pod = this.#queue.pop();
      if (!pod) return;
      this.#attempt(pod);
    }
    this.#wantTurn();
  }

  #attempt(pod: Pod): void {
    if (pod.metadata.deletionTimestamp) {
      this.#queue.done(pod);
      return;
    }
    let placement: Placement;
    try {
      placement = schedulePod(
        {
          plugins: this.#plugins,
          snapshot: this.#cache,
          cluster: this.#cluster,
          nominated: (node) => [...(this.#nominated.get(node)?.values() ?? [])],
          random: this.#options.random,
          start: this.#start,
        },
        pod,
      );
    } catch (error) {
      this.#options.logger.error('scheduling attempt failed', { pod: podKey(pod), error: String(error) });
      this.#queue.requeue(pod, new Set());
      return;
    }
    if (placement.node === undefined) this.#unschedulable(pod, placement);
    else void this.#bind(pod, placement.node);
  }

  async #bind(pod: Pod, node: string): Promise<void> {
    const { namespace, name, uid } = pod.metadata as { namespace: string; name: string; uid: string };
    this.#cache.assume(pod, node);
    this.#bindings++;
    try {
      await this.#options.client.resource(pods, namespace).createSubresource(name, 'binding', {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name, namespace, uid },
        target: { kind: 'Node', name: node },
      });
      this.#queue.done(pod);
      this.#forgetNomination(pod);
      const text = `Successfully assigned ${namespace}/${name} to ${node}`;
      this.#options.recorder.event(pod, 'Normal', 'Scheduled', text);
    } catch (error) {
      this.#cache.forget(pod);
      if (isNotFound(error)) {
        this.#queue.done(pod);
      } else {
        this.#options.logger.warn('binding failed', { pod: podKey(pod), node, error: String(error) });
        this.#options.recorder.event(pod, 'Warning', 'FailedScheduling', `binding rejected: ${error}`);
        this.#queue.requeue(pod, new Set());
      }
    } finally {
      this.#bindings--;
      this.#wantTurn();
    }
  }

  #unschedulable(pod: Pod, placement: Extract<Placement, { node: undefined }>): void {
    const total = this.#cache.nodes.length;
    let message = explainRefusals(total, placement.refusals);
    const refusedBy = new Set([...placement.refusals.values()].map((refusal) => refusal.plugin));
    if (total > 0) {
      const preemption = findPreemption(
        placement.cycle,
        this.#plugins,
        placement.refusals,
        this.#budgets.lister.list(),
      );
      if (preemption.candidate) {
        const { node, victims } = preemption.candidate;
        this.#nominate(pod, node);
        void this.#evict(pod, node, victims);
      } else {
        message += ` no new claims to deallocate, preemption: ${preemption.message}`;
      }
    }
    this.#queue.requeue(pod, refusedBy);
    this.#options.recorder.event(pod, 'Warning', 'FailedScheduling', message);
    void this.#patchStatus(pod, message);
  }

  #nominate(pod: Pod, node: string): void {
    this.#forgetNomination(pod);
    const held = this.#nominated.get(node) ?? new Map<string, PodInfo>();
    this.#nominated.set(node, held.set(podKey(pod), podInfoOf(pod)));
  }

  #forgetNomination(pod: Pod): void {
    const key = podKey(pod);
    for (const [node, held] of this.#nominated) {
      if (held.delete(key) && held.size === 0) this.#nominated.delete(node);
    }
  }

  #nominatedNode(pod: Pod): string | undefined {
    const key = podKey(pod);
    for (const [node, held] of this.#nominated) if (held.has(key)) return node;
    return undefined;
  }

  async #evict(pod: Pod, node: string, victims: readonly Pod[]): Promise<void> {
    await Promise.all(
      victims.map(async (victim) => {
        const client = this.#options.client.resource(pods, victim.metadata.namespace);
        const name = victim.metadata.name as string;
        try {
          const disruption = condition(
            this.#options.clock,
            'DisruptionTarget',
            'True',
            'PreemptionByScheduler',
          );
          const message = `${this.#name}: preempting to accommodate a higher priority pod`;
          await client.patch(
            name,
            'application/strategic-merge-patch+json',
            { metadata: { uid: victim.metadata.uid }, status: { conditions: [{ ...disruption, message }] } },
            { subresource: 'status' },
          );
          await client.delete(name, { preconditions: { uid: victim.metadata.uid as string } });
          const text = `Preempted by pod ${pod.metadata.uid} on node ${node}`;
          this.#options.recorder.event(victim, 'Normal', 'Preempted', text);
        } catch (error) {
          if (isNotFound(error)) return;
          this.#options.logger.warn('preemption failed', { victim: podKey(victim), error: String(error) });
          this.#forgetNomination(pod);
        }
      }),
    );
  }

  async #patchStatus(pod: Pod, message: string): Promise<void> {
    const before = pod['status']?.conditions?.find((c: { type: string }) => c.type === 'PodScheduled');
    const nominatedNodeName = this.#nominatedNode(pod);
    const same =
      before?.status === 'False' && before.reason === 'Unschedulable' && before.message === message;
    if (same && nominatedNodeName === pod['status']?.nominatedNodeName) return;
    const changed = before?.status === 'False' ? { lastTransitionTime: before.lastTransitionTime } : {};
    const scheduled = condition(this.#options.clock, 'PodScheduled', 'False', 'Unschedulable');
    const status = {
      conditions: [{ ...scheduled, ...changed, message }],
      ...(nominatedNodeName === undefined ? {} : { nominatedNodeName }),
    };
    try {
      await this.#options.client
        .resource(pods, pod.metadata.namespace)
        .patch(
          pod.metadata.name as string,
          'application/strategic-merge-patch+json',
          { metadata: { uid: pod.metadata.uid }, status },
          { subresource: 'status' },
        );
    } catch (error) {
      if (!isNotFound(error)) {
        this.#options.logger.warn('pod status not patched', { pod: podKey(pod), error: String(error) });
      }
    }
  }
}

function condition(clock: Clock, type: string, status: string, reason: string): Record<string, string> {
  return { type, status, reason, lastTransitionTime: formatTime(clock.now()) };
}

function nodeChanged(before: Node, after: Node): boolean {
  const view = (node: Node): string =>
    JSON.stringify([
      node.metadata.labels,
      node['spec'],
      node['status']?.allocatable,
      node['status']?.images,
      node['status']?.conditions?.map((c: Record<string, unknown>) => [c['type'], c['status']]),
    ]);
  return view(before) !== view(after);
}
