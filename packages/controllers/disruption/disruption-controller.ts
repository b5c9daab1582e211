import { type EventRecorder, type Informer, keyOf, type ReconcileResult } from '@coxswain/controller';
import {
  deepEqual,
  formatTime,
  isConflict,
  isNotFound,
  type KubeObject,
  nothingSelector,
  type Selector,
  selectorFromLabelSelector,
} from '@coxswain/machinery';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { messageOf } from '../shared/pod-control.ts';
import { isPodTerminal, podCondition } from '../shared/pod-state.ts';
import {
  deployments,
  podDisruptionBudgets,
  pods,
  replicaSets,
  replicationControllers,
  statefulSets,
} from '../shared/resources.ts';
import {
  budgetStatus,
  deletionTimeoutMs,
  disruptedPods,
  failedStatus,
  healthyCount,
  needsScale,
  wantedOf,
} from './budget.ts';
import { PodScale } from './pod-scale.ts';

const stalePrefix = 'stale ';

/** Keeps in each PodDisruptionBudget's status how many pods may be evicted now. */
export class DisruptionController implements RunnableController {
  readonly name = 'disruption-controller';
  readonly #context: ControllerContext;
  readonly #budgets: Informer;
  readonly #pods: Informer;
  readonly #scale: PodScale;
  readonly #recorder: EventRecorder;
  readonly #queue: ReturnType<ControllerContext['queue']>;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#queue = context.queue(this.name);
    this.#recorder = context.recorder('controllermanager');
    const { informers } = context;
    this.#budgets = informers.informer(podDisruptionBudgets);
    this.#pods = informers.informer(pods);
    const controllers = {
      ReplicationController: informers.informer(replicationControllers),
      ReplicaSet: informers.informer(replicaSets),
      Deployment: informers.informer(deployments),
      StatefulSet: informers.informer(statefulSets),
    };
    this.#scale = new PodScale(context.client, controllers);
    const enqueue = (budget: KubeObject): void => this.#queue.add(keyOf(budget));
    this.#budgets.addHandler({ onAdd: enqueue, onUpdate: (_, after) => enqueue(after), onDelete: enqueue });
    const ofPod = (pod: KubeObject): void => {
      for (const budget of this.#budgets.lister.list(pod.metadata.namespace)) {
        if (selectorOf(budget).matches(pod.metadata.labels)) enqueue(budget);
      }
      if (staleIn(pod, context.clock.now()) !== undefined) this.#queue.add(`${stalePrefix}${keyOf(pod)}`);
    };
    this.#pods.addHandler({
      onAdd: ofPod,
      onUpdate: (before, after) => {
        if (!deepEqual(before.metadata.labels, after.metadata.labels)) ofPod(before);
        ofPod(after);
      },
      onDelete: ofPod,
    });
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run((key) => this.#reconcile(key), { workers: 1, signal });
  }

  async #reconcile(key: string): Promise<ReconcileResult> {
    try {
      if (key.startsWith(stalePrefix)) return await this.#endStale(key.slice(stalePrefix.length));
      const budget = this.#budgets.lister.getByKey(key);
      return budget && (await this.#sync(budget));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      if (!isConflict(error)) throw error;
      this.#queue.addRateLimited(key);
      return undefined;
    }
  }

  async #sync(budget: KubeObject): Promise<ReconcileResult> {
    const now = this.#context.clock.now();
    const selector = selectorOf(budget);
    const selected = this.#pods.lister
      .list(budget.metadata.namespace)
      .filter((pod) => selector.matches(pod.metadata.labels));
    if (selected.length === 0) this.#recorder.event(budget, 'Normal', 'NoPods', 'No matching pods found');
    let count = selected.length;
    if (needsScale(budget)) {
      try {
        const scale = await this.#scale.of(selected);
        count = scale.count;
        if (scale.unmanaged.length > 0) this.#tellUnmanaged(budget, selector);
      } catch (error) {
        const text = `Failed to calculate the number of expected pods: ${messageOf(error)}`;
        this.#recorder.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', text);
        await this.#write(budget, failedStatus(budget, messageOf(error), now));
        throw error;
      }
    }
    const { disrupted, late, recheckMs } = disruptedPods(budget, selected, now);
    for (const pod of late) {
      const text = `Pod was expected by PDB ${keyOf(budget)} to be deleted but it wasn't`;
      this.#recorder.event(pod, 'Warning', 'NotDeleted', text);
    }
    const healthy = healthyCount(selected, disrupted);
    await this.#write(budget, budgetStatus(budget, wantedOf(budget, count), healthy, disrupted, now));
    return recheckMs === undefined ? undefined : { requeueAfterMs: recheckMs + 1 };
  }

  #tellUnmanaged(budget: KubeObject, selector: Selector): void {
    const text =
      `Pods selected by this PodDisruptionBudget (selector: ${selector.toString()}) were found to be unmanaged. ` +
      'As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. ' +
      'To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.';
    this.#recorder.event(budget, 'Warning', 'UnmanagedPods', text);
  }

  async #write(budget: KubeObject, status: Readonly<Record<string, any>>): Promise<void> {
    if (status === budget['status']) return;
    await this.#context.client
      .resource(podDisruptionBudgets, budget.metadata.namespace)
      .updateStatus({ ...budget, apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', status });
  }

  /** A pod that was marked for disruption and was not disrupted is told so. */
  async #endStale(key: string): Promise<ReconcileResult> {
    const pod = this.#pods.lister.getByKey(key);
    const now = this.#context.clock.now();
    const wait = pod && staleIn(pod, now);
    if (!pod || wait === undefined) return undefined;
    if (wait > 0) return { requeueAfterMs: wait };
    const condition = { type: 'DisruptionTarget', status: 'False', lastTransitionTime: formatTime(now) };
    const conditions = pod['status'].conditions.map((held: { type: string }) =>
      held.type === condition.type ? { ...held, ...condition } : held,
    );
    await this.#context.client
      .resource(pods, pod.metadata.namespace)
      .updateStatus({ ...pod, status: { ...pod['status'], conditions } });
    return undefined;
  }
}

function selectorOf(budget: KubeObject): Selector {
  const { selector } = budget['spec'];
  return selector === undefined ? nothingSelector : selectorFromLabelSelector(selector);
}

/** Milliseconds until a mark for disruption that led to nothing is stale; undefined: there is none. */
function staleIn(pod: KubeObject, now: number): number | undefined {
  const condition = podCondition(pod, 'DisruptionTarget');
  if (condition?.status !== 'True' || pod.metadata.deletionTimestamp || isPodTerminal(pod)) return undefined;
  return Math.max(0, Date.parse(condition.lastTransitionTime ?? '') + deletionTimeoutMs - now);
}
