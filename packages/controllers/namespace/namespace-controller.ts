import { type Informer, keyOf, type ReconcileResult } from '@coxswain/controller';
import {
  formatTime,
  type GroupVersionResource,
  isConflict,
  isNotFound,
  type KubeObject,
  StatusError,
} from '@coxswain/machinery';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { messageOf } from '../shared/pod-control.ts';
import { namespaces } from '../shared/resources.ts';
import { discover } from '../shared/served-resources.ts';

/** What is left in a namespace of one resource. */
interface Remainder {
  readonly ref: GroupVersionResource;
  readonly count: number;
  readonly finalizers: ReadonlyMap<string, number>;
  /** Seconds until the longest grace period is over; 0: nothing waits for one. */
  readonly graceSeconds: number;
}

interface Outcome {
  readonly remainders: readonly Remainder[];
  readonly discoveryErrors: readonly string[];
  readonly deletionErrors: readonly string[];
}

/** While content is left the namespace is looked at again this often. */
const recheckMs = 1_000;

const conditionTypes = [
  'NamespaceDeletionDiscoveryFailure',
  'NamespaceDeletionGroupVersionParsingFailure',
  'NamespaceDeletionContentFailure',
  'NamespaceContentRemaining',
  'NamespaceFinalizersRemaining',
] as const;

/** Empties namespaces that are being deleted, then lets go of them. */
export class NamespaceController implements RunnableController {
  readonly name = 'namespace-controller';
  readonly #context: ControllerContext;
  readonly #namespaces: Informer;
  readonly #queue: ReturnType<ControllerContext['queue']>;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#queue = context.queue(this.name);
    this.#namespaces = context.informers.informer(namespaces);
    const enqueue = (namespace: KubeObject): void => {
      if (namespace.metadata.deletionTimestamp) this.#queue.add(keyOf(namespace));
    };
    this.#namespaces.addHandler({ onAdd: enqueue, onUpdate: (_, after) => enqueue(after) });
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run((key) => this.#reconcile(key), { workers: 10, signal });
  }

  async #reconcile(name: string): Promise<ReconcileResult> {
    const client = this.#context.client.resource(namespaces);
    let namespace: KubeObject;
    try {
      namespace = await client.get(name);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
    const finalizers: readonly string[] = namespace['spec']?.finalizers ?? [];
    if (!namespace.metadata.deletionTimestamp || !finalizers.includes('kubernetes')) return undefined;
    const outcome = await this.#deleteContent(name);
    try {
      const current = await this.#report(namespace, outcome);
      if (outcome.remainders.length + outcome.deletionErrors.length + outcome.discoveryErrors.length > 0) {
        return { requeueAfterMs: Math.max(recheckMs, longestGrace(outcome) * 500) };
      }
      await client.updateSubresource(name, 'finalize', {
        ...current,
        spec: { ...current['spec'], finalizers: finalizers.filter((f) => f !== 'kubernetes') },
      });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      if (isConflict(error)) return { requeueAfterMs: 0 };
      throw error;
    }
    return undefined;
  }

  async #deleteContent(namespace: string): Promise<Outcome> {
    const { resources, errors } = await this.#deletableResources();
    const deletionErrors: string[] = [];
    const deleteAllOf = async (refs: readonly GroupVersionResource[]): Promise<Remainder[]> => {
      const remainders = await Promise.all(
        refs.map(async (ref) => {
          try {
            return await this.#deleteAll(ref, namespace);
          } catch (error) {
            deletionErrors.push(messageOf(error));
            return undefined;
          }
        }),
      );
      return remainders.filter((r) => r !== undefined);
    };
    // Pods go first: until they are gone, what guards or serves them (network policies, secrets) stays.
    const isPods = ({ group, resource }: GroupVersionResource): boolean =>
      group === '' && resource === 'pods';
    let remainders = await deleteAllOf(resources.filter(isPods));
    if (remainders.length + deletionErrors.length === 0) {
      remainders = await deleteAllOf(resources.filter((ref) => !isPods(ref)));
    }
    return { remainders, discoveryErrors: errors, deletionErrors };
  }

  async #deleteAll(ref: GroupVersionResource, namespace: string): Promise<Remainder | undefined> {
    const client = this.#context.client.resource(ref, namespace);
    let list = await this.#list(ref, namespace);
    if (list.length === 0) return undefined;
    try {
      await client.deleteCollection(undefined, { propagationPolicy: 'Background' });
    } catch (error) {
      if (!(error instanceof StatusError) || error.code !== 405) throw error;
      for (const object of list) await this.#deleteOne(ref, object);
    }
    list = await this.#list(ref, namespace);
    if (list.length === 0) return undefined;
    const finalizers = new Map<string, number>();
    for (const object of list) {
      for (const finalizer of object.metadata.finalizers ?? []) {
        finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1);
      }
    }
    const graceSeconds = Math.max(
      0,
      ...list.map((object) => Number(object.metadata.deletionGracePeriodSeconds ?? 0)),
    );
    return { ref, count: list.length, finalizers, graceSeconds };
  }

  async #deleteOne(ref: GroupVersionResource, object: KubeObject): Promise<void> {
    try {
      await this.#context.client
        .resource(ref, object.metadata.namespace)
        .delete(object.metadata.name as string);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async #list(ref: GroupVersionResource, namespace: string): Promise<readonly KubeObject[]> {
    try {
      return (await this.#context.client.resource(ref, namespace).list()).items;
    } catch (error) {
      if (isNotFound(error) || (error instanceof StatusError && error.code === 405)) return [];
      throw error;
    }
  }

  /** One version of every namespaced resource that can be deleted: all groups, whoever serves them. */
  async #deletableResources(): Promise<{ resources: GroupVersionResource[]; errors: string[] }> {
    const { resources, failures } = await discover(this.#context.client);
    const deletable = resources.filter(
      ({ namespaced, verbs }) => namespaced && verbs.includes('delete') && verbs.includes('list'),
    );
    const errors = [...failures].sort(([a], [b]) => (a < b ? -1 : 1)).map(([at, why]) => `${at}: ${why}`);
    const refs = deletable.map(({ group, version, resource }) => ({ group, version, resource }));
    return { resources: withoutAliases(refs), errors };
  }

  async #report(namespace: KubeObject, outcome: Outcome): Promise<KubeObject> {
    const held: readonly Record<string, any>[] = namespace['status']?.conditions ?? [];
    const now = formatTime(this.#context.clock.now());
    const wanted = conditionsOf(outcome);
    const conditions: Record<string, any>[] = held.filter((c) => !conditionTypes.includes(c['type']));
    let changed = false;
    for (const condition of wanted) {
      const before = held.find((c) => c['type'] === condition.type);
      if (before?.['status'] === condition.status && before['message'] === condition.message) {
        conditions.push(before);
        continue;
      }
      changed = true;
      const same = before?.['status'] === condition.status;
      conditions.push({ ...condition, lastTransitionTime: same ? before?.['lastTransitionTime'] : now });
    }
    if (!changed) return namespace;
    return await this.#context.client.resource(namespaces).updateStatus({
      ...namespace,
      apiVersion: 'v1',
      kind: 'Namespace',
      status: { ...namespace['status'], conditions },
    });
  }
}

function longestGrace(outcome: Outcome): number {
  return Math.max(0, ...outcome.remainders.map((r) => (r.finalizers.size === 0 ? r.graceSeconds : 0)));
}

/** `events` is served by two groups from one store; deleting it once is enough. */
function withoutAliases(resources: readonly GroupVersionResource[]): GroupVersionResource[] {
  return resources.filter((ref) => !(ref.group === 'events.k8s.io' && ref.resource === 'events'));
}

function conditionsOf(outcome: Outcome): { type: string; status: string; reason: string; message: string }[] {
  const condition = (type: string, bad: boolean, badReason: string, reason: string, message: string) => ({
    type,
    status: bad ? 'True' : 'False',
    reason: bad ? badReason : reason,
    message,
  });
  const { remainders, discoveryErrors, deletionErrors } = outcome;
  const finalizers = new Map<string, number>();
  for (const remainder of remainders) {
    for (const [name, count] of remainder.finalizers)
      finalizers.set(name, (finalizers.get(name) ?? 0) + count);
  }
  const left = remainders
    .map(({ ref, count }) => `${ref.resource}.${ref.group} has ${count} resource instances`)
    .sort();
  const held = [...finalizers].map(([name, count]) => `${name} in ${count} resource instances`).sort();
  return [
    condition(
      'NamespaceDeletionDiscoveryFailure',
      discoveryErrors.length > 0,
      'DiscoveryFailed',
      'ResourcesDiscovered',
      discoveryErrors.length > 0
        ? `Discovery failed for some groups, ${discoveryErrors.length} failing: unable to retrieve the complete list of server APIs: ${discoveryErrors.join(', ')}`
        : 'All resources successfully discovered',
    ),
    condition(
      'NamespaceDeletionGroupVersionParsingFailure',
      false,
      'GroupVersionParsingFailed',
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ),
    condition(
      'NamespaceDeletionContentFailure',
      deletionErrors.length > 0,
      'ContentDeletionFailed',
      'ContentDeleted',
      deletionErrors.length > 0
        ? `Failed to delete all resource types, ${deletionErrors.length} remaining: ${deletionErrors.join(', ')}`
        : 'All content successfully deleted, may be waiting on finalization',
    ),
    condition(
      'NamespaceContentRemaining',
      left.length > 0,
      'SomeResourcesRemain',
      'ContentRemoved',
      left.length > 0
        ? `Some resources are remaining: ${left.join(', ')}`
        : 'All content successfully removed',
    ),
    condition(
      'NamespaceFinalizersRemaining',
      held.length > 0,
      'SomeFinalizersRemain',
      'ContentHasNoFinalizers',
      held.length > 0
        ? `Some content in the namespace has finalizers remaining: ${held.join(', ')}`
        : 'All content-preserving finalizers finished',
    ),
  ];
}
