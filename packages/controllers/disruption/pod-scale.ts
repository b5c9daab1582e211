import type { Client } from '@coxswain/client';
import type { Informer } from '@coxswain/controller';
import { isNotFound, type KubeObject, type OwnerReference, parseApiVersion } from '@coxswain/machinery';
import { controllerOf } from '../shared/claim.ts';
import { discoverResources, type ServedResource } from '../shared/served-resources.ts';

/** Finds out how many pods the controllers of pods want. */
export class PodScale {
  readonly #client: Client;
  /** By kind: the controllers that are watched in any case. */
  readonly #known: Readonly<Record<string, Informer>>;
  #served: readonly ServedResource[] | undefined;

  constructor(client: Client, known: Readonly<Record<string, Informer>>) {
    this.#client = client;
    this.#known = known;
  }

  /** The sum over the controllers of these pods, and the pods that have none. Throws where it cannot tell. */
  async of(
    pods: readonly KubeObject[],
  ): Promise<{ readonly count: number; readonly unmanaged: readonly string[] }> {
    const scales = new Map<string, number>();
    const unmanaged: string[] = [];
    for (const pod of pods) {
      const controller = controllerOf(pod);
      if (!controller) {
        unmanaged.push(pod.metadata.name as string);
        continue;
      }
      if (scales.has(controller.uid)) continue;
      const found = await this.#scale(pod.metadata.namespace as string, controller);
      if (!found) throw new Error(`found no controllers for pod "${pod.metadata.name}"`);
      scales.set(found.uid, found.count);
      // A ReplicaSet stands for its Deployment: its other pods are not asked about again.
      scales.set(controller.uid, controller.uid === found.uid ? found.count : 0);
    }
    return { count: [...scales.values()].reduce((sum, count) => sum + count, 0), unmanaged };
  }

  async #scale(
    namespace: string,
    owner: OwnerReference,
  ): Promise<{ readonly uid: string; readonly count: number } | undefined> {
    const informer = this.#known[owner.kind];
    if (!informer) return await this.#genericScale(namespace, owner);
    const object = informer.lister.get(namespace, owner.name);
    if (!object || object.metadata.uid !== owner.uid) return undefined;
    const parent = owner.kind === 'ReplicaSet' ? controllerOf(object) : undefined;
    if (parent?.kind === 'Deployment') return await this.#scale(namespace, parent);
    return { uid: owner.uid, count: object['spec'].replicas ?? 1 };
  }

  /** Kinds of others say by their subresource `scale` how many pods they want. */
  async #genericScale(
    namespace: string,
    owner: OwnerReference,
  ): Promise<{ readonly uid: string; readonly count: number } | undefined> {
    this.#served ??= await discoverResources(this.#client);
    const { group } = parseApiVersion(owner.apiVersion);
    const served = this.#served.find((each) => each.group === group && each.kind === owner.kind);
    if (!served) {
      // It may be served by the next time.
      this.#served = undefined;
      return undefined;
    }
    if (!served.subresources.includes('scale')) {
      throw new Error(`${served.resource}.${group} does not implement the scale subresource`);
    }
    try {
      const scale = await this.#client.resource(served, namespace).getSubresource(owner.name, 'scale');
      return scale.metadata.uid === owner.uid
        ? { uid: owner.uid, count: scale['spec']?.replicas ?? 0 }
        : undefined;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}
