import type { Client } from '@coxswain/client';
import type { EventRecorder } from '@coxswain/controller';
import { isNotFound, type KubeObject, StatusError } from '@coxswain/machinery';
import { controllerRef } from './claim.ts';
import type { PendingWrites } from './pending-writes.ts';
import { pods } from './resources.ts';

/** The owner for which pods are created and deleted. */
export interface PodOwner {
  readonly object: KubeObject;
  readonly apiVersion: string;
  readonly kind: string;
  readonly key: string;
}

/** Creates and deletes pods for a controller, records events, and notes each write as pending. */
export class PodControl {
  readonly #client: Client;
  readonly #recorder: EventRecorder;
  readonly #pending: PendingWrites;

  constructor(client: Client, recorder: EventRecorder, pending: PendingWrites) {
    this.#client = client;
    this.#recorder = recorder;
    this.#pending = pending;
  }

  /** Creates a pod from the template, named after the owner unless `parts` name it. */
  async create(
    owner: PodOwner,
    template: Readonly<Record<string, any>>,
    parts: Partial<KubeObject> = {},
  ): Promise<void> {
    const { metadata: fixed, ...rest } = parts;
    const namespace = owner.object.metadata.namespace as string;
    const pod: KubeObject = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...(fixed?.name === undefined
          ? { generateName: podNamePrefix(owner.object.metadata.name as string) }
          : {}),
        namespace,
        labels: { ...template['metadata']?.labels },
        annotations: { ...template['metadata']?.annotations },
        finalizers: [...(template['metadata']?.finalizers ?? [])],
        ...fixed,
        ownerReferences: [controllerRef(owner.object, owner.apiVersion, owner.kind)],
      },
      spec: template['spec'],
      ...rest,
    };
    try {
      const created = await this.#client.resource(pods, namespace).create(pod);
      this.#pending.created(owner.key, created);
      this.#recorder.event(
        owner.object,
        'Normal',
        'SuccessfulCreate',
        `Created pod: ${created.metadata.name}`,
      );
    } catch (error) {
      // In a namespace that goes away every create fails; that is no news.
      if (!isNamespaceTerminating(error)) {
        this.#recorder.event(owner.object, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`);
      }
      throw error;
    }
  }

  async delete(owner: PodOwner, pod: KubeObject): Promise<void> {
    const { name, namespace, uid } = pod.metadata as { name: string; namespace: string; uid: string };
    try {
      await this.#client.resource(pods, namespace).delete(name, { preconditions: { uid } });
      this.#pending.deleted(owner.key, pod);
      this.#recorder.event(owner.object, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
    } catch (error) {
      if (isNotFound(error)) return;
      this.#recorder.event(owner.object, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(error)}`);
      throw error;
    }
  }
}

/** Long names are cut where the suffix would make the pod's name no DNS label: the server does that. */
function podNamePrefix(ownerName: string): string {
  return `${ownerName}-`;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function isNamespaceTerminating(error: unknown): boolean {
  return (
    error instanceof StatusError &&
    (error.status.details?.causes ?? []).some((cause) => cause.reason === 'NamespaceTerminating')
  );
}
