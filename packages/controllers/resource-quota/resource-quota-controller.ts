import { quotaConcerns, quotaScopesMatch, quotaUsage } from '@coxswain/api';
import { type Informer, keyOf, type ReconcileResult } from '@coxswain/controller';
import {
  deepEqual,
  type GroupVersionResource,
  groupResourceString,
  isConflict,
  isNotFound,
  type KubeObject,
  Quantity,
} from '@coxswain/machinery';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import {
  configMaps,
  persistentVolumeClaims,
  pods,
  replicationControllers,
  resourceQuotas,
  secrets,
  services,
} from '../shared/resources.ts';
import { discoverResources } from '../shared/served-resources.ts';

/** Resources that quotas can name by more than their count. */
const always = [
  pods,
  services,
  persistentVolumeClaims,
  configMaps,
  secrets,
  replicationControllers,
  resourceQuotas,
];
/** Every quota is worked out anew so often, whatever happens. */
const resyncMs = 5 * 60_000;

/** Works out what namespaces use of their ResourceQuotas; admission adds what is created in between. */
export class ResourceQuotaController implements RunnableController {
  readonly name = 'resourcequota-controller';
  readonly #context: ControllerContext;
  readonly #quotas: Informer;
  readonly #queue: ReturnType<ControllerContext['queue']>;
  /** By `resource.group`. */
  readonly #counted = new Map<string, Informer>();
  #signal: AbortSignal | undefined;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#queue = context.queue(this.name);
    this.#quotas = context.informers.informer(resourceQuotas);
    const enqueue = (quota: KubeObject): void => this.#queue.add(keyOf(quota));
    this.#quotas.addHandler({
      onAdd: enqueue,
      onUpdate: (before, after) => {
        // Admission charges the status; only a new limit asks for a new sum.
        if (!deepEqual(before['spec'], after['spec']) || needsSum(after)) enqueue(after);
      },
    });
    for (const ref of always) this.#count(ref);
  }

  run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    return this.#queue.run((key) => this.#reconcile(key), { workers: 5, signal });
  }

  #count(ref: GroupVersionResource): Informer {
    const informer = this.#context.informers.informer(ref);
    this.#counted.set(groupResourceString(ref), informer);
    const now = (): number => this.#context.clock.now();
    const freed = (object: KubeObject): void => {
      for (const quota of this.#quotas.lister.list(object.metadata.namespace)) {
        if (Object.keys(quota['spec'].hard ?? {}).some((name) => quotaConcerns(ref, name))) {
          this.#queue.add(keyOf(quota));
        }
      }
    };
    informer.addHandler({
      onUpdate: (before, after) => {
        if (!sameUsage(quotaUsage(ref, before, now()), quotaUsage(ref, after, now()))) freed(after);
      },
      onDelete: freed,
    });
    return informer;
  }

  async #reconcile(key: string): Promise<ReconcileResult> {
    const quota = this.#quotas.lister.getByKey(key);
    if (!quota) return undefined;
    try {
      const hard: Record<string, string> = quota['spec'].hard ?? {};
      await this.#countNamed(Object.keys(hard));
      const used = this.#used(quota, Object.keys(hard));
      const status = { hard, used };
      if (!deepEqual(quota['status'] ?? {}, status)) {
        await this.#context.client
          .resource(resourceQuotas, quota.metadata.namespace)
          .updateStatus({ ...quota, apiVersion: 'v1', kind: 'ResourceQuota', status });
      }
    } catch (error) {
      if (isNotFound(error)) return undefined;
      if (!isConflict(error)) throw error;
      this.#queue.addRateLimited(key);
      return undefined;
    }
    return { requeueAfterMs: resyncMs };
  }

  /** Watches the resources that are named as `count/RESOURCE.GROUP`. */
  async #countNamed(names: readonly string[]): Promise<void> {
    const missing = names
      .filter((name) => name.startsWith('count/'))
      .map((name) => name.slice('count/'.length))
      .filter((name) => !this.#counted.has(name));
    if (missing.length === 0 || !this.#signal) return;
    for (const served of await discoverResources(this.#context.client)) {
      const { group, version, resource, namespaced, verbs } = served;
      const ref = { group, version, resource };
      if (!namespaced || !missing.includes(groupResourceString(ref))) continue;
      if (!verbs.includes('list') || !verbs.includes('watch')) continue;
      const informer = this.#count(ref);
      this.#context.informers.start(this.#signal);
      await informer.whenSynced(this.#signal);
    }
  }

  #used(quota: KubeObject, names: readonly string[]): Record<string, string> {
    const before: Record<string, string> = quota['status']?.used ?? {};
    const sums: Record<string, Quantity> = {};
    for (const informer of this.#counted.values()) {
      const { ref } = informer;
      const concerned = names.filter((name) => quotaConcerns(ref, name));
      if (concerned.length === 0) continue;
      for (const name of concerned) sums[name] ??= Quantity.fromValue(0);
      for (const object of informer.lister.list(quota.metadata.namespace)) {
        if (!quotaScopesMatch(quota, ref.resource, object)) continue;
        const usage = quotaUsage(ref, object, this.#context.clock.now());
        for (const name of concerned) {
          const amount = usage[name];
          const sum = sums[name] as Quantity;
          // A sum takes its form from what it is made of: 1Gi and not 1073741824.
          if (amount !== undefined) sums[name] = sum.isZero ? amount : sum.add(amount);
        }
      }
    }
    return Object.fromEntries(
      names.flatMap((name) => {
        const text = sums[name]?.toString() ?? before[name];
        return text === undefined ? [] : [[name, text]];
      }),
    );
  }
}

function needsSum(quota: KubeObject): boolean {
  const { hard = {}, used = {} } = quota['status'] ?? {};
  const wanted: Record<string, string> = quota['spec'].hard ?? {};
  return !deepEqual(hard, wanted) || Object.keys(wanted).some((name) => used[name] === undefined);
}

function sameUsage(a: Readonly<Record<string, Quantity>>, b: Readonly<Record<string, Quantity>>): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => b[name] !== undefined && (a[name] as Quantity).compare(b[name]) === 0)
  );
}
