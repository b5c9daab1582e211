import type { Informer } from '@coxswain/controller';
import { isAlreadyExists, isNotFound } from '@coxswain/machinery';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { isNamespaceTerminating } from '../shared/pod-control.ts';
import { serviceAccounts } from '../shared/resources.ts';
import { isActive, watchPerNamespace } from './per-namespace.ts';

/** Keeps a service account `default` in every namespace. */
export class ServiceAccountController implements RunnableController {
  readonly name = 'serviceaccount-controller';
  readonly #context: ControllerContext;
  readonly #namespaces: Informer;
  readonly #accounts: Informer;
  readonly #queue: ReturnType<ControllerContext['queue']>;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#queue = context.queue(this.name);
    const watched = watchPerNamespace(context, serviceAccounts, 'default', (key) => this.#queue.add(key));
    this.#namespaces = watched.namespaces;
    this.#accounts = watched.objects;
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run((key) => this.#reconcile(key), { workers: 1, signal });
  }

  async #reconcile(namespace: string): Promise<void> {
    if (!isActive(this.#namespaces.lister.getByKey(namespace))) return;
    if (this.#accounts.lister.get(namespace, 'default')) return;
    try {
      await this.#context.client.resource(serviceAccounts, namespace).create({
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'default', namespace },
      });
    } catch (error) {
      if (!isAlreadyExists(error) && !isNotFound(error) && !isNamespaceTerminating(error)) throw error;
    }
  }
}
