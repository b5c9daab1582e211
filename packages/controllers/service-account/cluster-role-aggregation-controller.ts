import { type Informer, keyOf } from '@coxswain/controller';
import { deepEqual, isNotFound, type KubeObject, selectorFromLabelSelector } from '@coxswain/machinery';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { clusterRoles } from '../shared/resources.ts';

/** Fills the rules of cluster roles that aggregate others. */
export class ClusterRoleAggregationController implements RunnableController {
  readonly name = 'clusterrole-aggregation-controller';
  readonly #context: ControllerContext;
  readonly #roles: Informer;
  readonly #queue: ReturnType<ControllerContext['queue']>;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#queue = context.queue(this.name);
    this.#roles = context.informers.informer(clusterRoles);
    // Any role may be selected by any aggregate, whose labels it had before or has now.
    const changed = (): void => {
      for (const role of this.#roles.lister.list()) if (role['aggregationRule']) this.#queue.add(keyOf(role));
    };
    this.#roles.addHandler({ onAdd: changed, onUpdate: changed, onDelete: changed });
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run((key) => this.#reconcile(key), { workers: 5, signal });
  }

  async #reconcile(name: string): Promise<void> {
    const role = this.#roles.lister.getByKey(name);
    if (!role?.['aggregationRule']) return;
    const rules = this.#aggregate(role);
    if (deepEqual(rules, role['rules'] ?? [])) return;
    try {
      await this.#context.client
        .resource(clusterRoles)
        .patch(
          name,
          'application/apply-patch+yaml',
          { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name }, rules },
          { fieldManager: 'clusterrole-aggregation-controller', force: true },
        );
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** The rules of all selected roles, in the order of their names, each rule once. */
  #aggregate(role: KubeObject): unknown[] {
    const selectors = (role['aggregationRule'].clusterRoleSelectors ?? []).map(selectorFromLabelSelector);
    const sources = this.#roles.lister
      .list()
      .filter(
        (other) =>
          other !== role &&
          selectors.some((s: { matches(l?: object): boolean }) => s.matches(other.metadata.labels)),
      )
      .sort((a, b) => ((a.metadata.name as string) < (b.metadata.name as string) ? -1 : 1));
    const rules: unknown[] = [];
    for (const rule of sources.flatMap((source) => source['rules'] ?? [])) {
      if (!rules.some((held) => deepEqual(held, rule))) rules.push(rule);
    }
    return rules;
  }
}
