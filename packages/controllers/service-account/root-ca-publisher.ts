import type { Informer } from '@coxswain/controller';
import { deepEqual, isAlreadyExists, isConflict, isNotFound, type KubeObject } from '@coxswain/machinery';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { isNamespaceTerminating } from '../shared/pod-control.ts';
import { configMaps } from '../shared/resources.ts';
import { isActive, watchPerNamespace } from './per-namespace.ts';

const name = 'kube-root-ca.crt';
const descriptionKey = 'kubernetes.io/description';
const description =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the ' +
  'internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** Keeps a config map with the cluster's root certificate in every namespace. */
export class RootCaPublisher implements RunnableController {
  readonly name = 'root-ca-certificate-publisher-controller';
  readonly #context: ControllerContext;
  readonly #rootCa: string;
  readonly #namespaces: Informer;
  readonly #maps: Informer;
  readonly #queue: ReturnType<ControllerContext['queue']>;

  /** @param rootCa PEM */
  constructor(context: ControllerContext, rootCa: string) {
    this.#context = context;
    this.#rootCa = rootCa;
    this.#queue = context.queue(this.name);
    const watched = watchPerNamespace(context, configMaps, name, (key) => this.#queue.add(key));
    this.#namespaces = watched.namespaces;
    this.#maps = watched.objects;
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run((key) => this.#reconcile(key), { workers: 1, signal });
  }

  async #reconcile(namespace: string): Promise<void> {
    if (!isActive(this.#namespaces.lister.getByKey(namespace))) return;
    const held = this.#maps.lister.get(namespace, name);
    const client = this.#context.client.resource(configMaps, namespace);
    const wanted = { 'ca.crt': this.#rootCa };
    try {
      if (!held) {
        const annotations = { [descriptionKey]: description };
        const map: KubeObject = {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name, namespace, annotations },
        };
        await client.create({ ...map, data: wanted });
      } else if (
        !deepEqual(held['data'], wanted) ||
        held.metadata.annotations?.[descriptionKey] === undefined
      ) {
        const annotations = { ...held.metadata.annotations, [descriptionKey]: description };
        await client.update({ ...held, metadata: { ...held.metadata, annotations }, data: wanted });
      }
    } catch (error) {
      if (isConflict(error)) this.#queue.addRateLimited(namespace);
      else if (!isAlreadyExists(error) && !isNotFound(error) && !isNamespaceTerminating(error)) throw error;
    }
  }
}
