import { type Informer, keyOf } from '@coxswain/controller';
import { isNotFound } from '@coxswain/machinery';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { validatingAdmissionPolicies } from '../shared/resources.ts';
import { publishedKinds } from './published-kinds.ts';
import { checkTypes, otherVersions } from './type-checker.ts';

/** Tells in the status of policies which of their expressions do not fit the objects that they are for. */
export class ValidatingAdmissionPolicyStatusController implements RunnableController {
  readonly name = 'validatingadmissionpolicy-status-controller';
  readonly #context: ControllerContext;
  readonly #policies: Informer;
  readonly #queue: ReturnType<ControllerContext['queue']>;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#queue = context.queue(this.name);
    this.#policies = context.informers.informer(validatingAdmissionPolicies);
    this.#policies.addHandler({
      onAdd: (policy) => this.#queue.add(keyOf(policy)),
      onUpdate: (_, policy) => this.#queue.add(keyOf(policy)),
      onDelete: () => {},
    });
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run((key) => this.#reconcile(key), { workers: 5, signal });
  }

  async #reconcile(name: string): Promise<void> {
    const policy = this.#policies.lister.getByKey(name);
    if (policy === undefined) return;
    const { generation = 0 } = policy.metadata;
    if (generation <= (policy['status']?.observedGeneration ?? 0)) return;
    const { transport } = this.#context.client;
    const others = await Promise.all(
      otherVersions(policy).map(({ group, version }) => publishedKinds(transport, group, version)),
    );
    const warnings = checkTypes(policy, others.flat());
    const typeChecking = warnings.length === 0 ? {} : { expressionWarnings: warnings };
    try {
      await this.#context.client.resource(validatingAdmissionPolicies).patch(
        name,
        'application/apply-patch+yaml',
        {
          apiVersion: 'admissionregistration.k8s.io/v1',
          kind: 'ValidatingAdmissionPolicy',
          metadata: { name },
          status: { observedGeneration: generation, typeChecking },
        },
        { fieldManager: this.name, force: true, subresource: 'status' },
      );
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
