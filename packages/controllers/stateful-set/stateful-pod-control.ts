import type { Client } from '@coxswain/client';
import { type EventRecorder, keyOf } from '@coxswain/controller';
import { isAlreadyExists, isNotFound, type KubeObject } from '@coxswain/machinery';
import type { PendingWrites } from '../shared/pending-writes.ts';
import { isNamespaceTerminating, messageOf } from '../shared/pod-control.ts';
import { pods } from '../shared/resources.ts';
import type { StatefulClaims } from './claims.ts';
import { withIdentity, withStorage } from './identity.ts';

/** Creates, mends and deletes pods of stateful sets, records events, and notes each write as pending. */
export class StatefulPodControl {
  readonly #client: Client;
  readonly #recorder: EventRecorder;
  readonly #pending: PendingWrites;
  readonly #claims: StatefulClaims;

  constructor(client: Client, recorder: EventRecorder, pending: PendingWrites, claims: StatefulClaims) {
    this.#client = client;
    this.#recorder = recorder;
    this.#pending = pending;
    this.#claims = claims;
  }

  /** Creates the pod after its claims. A claim that goes with an earlier pod is waited for. */
  async create(set: KubeObject, pod: KubeObject): Promise<void> {
    if (this.#claims.isStale(set, pod)) return;
    await this.#told(set, pod, 'create', async () => {
      await this.#claims.ensure(set, pod);
      this.#pending.created(
        keyOf(set),
        await this.#client.resource(pods, pod.metadata.namespace).create(pod),
      );
    });
  }

  async update(set: KubeObject, pod: KubeObject): Promise<void> {
    await this.#told(set, pod, 'update', async () => {
      await this.#claims.ensure(set, pod);
      const mended = withStorage(set, withIdentity(pod));
      await this.#client.resource(pods, pod.metadata.namespace).update(mended);
    });
  }

  async delete(set: KubeObject, pod: KubeObject): Promise<void> {
    const { name, namespace, uid } = pod.metadata as { name: string; namespace: string; uid: string };
    await this.#told(set, pod, 'delete', async () => {
      try {
        await this.#client.resource(pods, namespace).delete(name, { preconditions: { uid } });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
      this.#pending.deleted(keyOf(set), pod);
    });
  }

  async #told(
    set: KubeObject,
    pod: KubeObject,
    verb: 'create' | 'update' | 'delete',
    work: () => Promise<void>,
  ): Promise<void> {
    const reason = `${verb.charAt(0).toUpperCase()}${verb.slice(1)}`;
    const text = `${verb} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`;
    try {
      await work();
      this.#recorder.event(set, 'Normal', `Successful${reason}`, `${text} successful`);
    } catch (error) {
      // A pod that is there already is news of a late cache, no failure.
      if (!isAlreadyExists(error) && !isNamespaceTerminating(error)) {
        this.#recorder.event(set, 'Warning', `Failed${reason}`, `${text} failed error: ${messageOf(error)}`);
      }
      throw error;
    }
  }
}
