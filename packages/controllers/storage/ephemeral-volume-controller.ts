import { type EventRecorder, type Informer, keyOf } from '@coxswain/controller';
import { isAlreadyExists, type KubeObject } from '@coxswain/machinery';
import { controllerRef } from '../shared/claim.ts';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { isNamespaceTerminating, messageOf } from '../shared/pod-control.ts';
import { isPodTerminal } from '../shared/pod-state.ts';
import { persistentVolumeClaims, pods } from '../shared/resources.ts';

/** Makes the claims of generic ephemeral volumes; they go with their pod. */
export class EphemeralVolumeController implements RunnableController {
  readonly name = 'ephemeral-volume-controller';
  readonly #context: ControllerContext;
  readonly #pods: Informer;
  readonly #claims: Informer;
  readonly #recorder: EventRecorder;
  readonly #queue: ReturnType<ControllerContext['queue']>;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#queue = context.queue(this.name);
    this.#recorder = context.recorder('ephemeral_volume');
    this.#pods = context.informers.informer(pods);
    this.#claims = context.informers.informer(persistentVolumeClaims);
    const enqueue = (pod: KubeObject): void => {
      if (ephemeralOf(pod).length > 0) this.#queue.add(keyOf(pod));
    };
    this.#pods.addHandler({ onAdd: enqueue, onUpdate: (_, after) => enqueue(after) });
    this.#claims.addHandler({
      onDelete: (claim) => {
        const pod = claim.metadata.ownerReferences?.find((owner) => owner.kind === 'Pod' && owner.controller);
        if (pod) this.#queue.add(`${claim.metadata.namespace}/${pod.name}`);
      },
    });
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run((key) => this.#reconcile(key), { workers: 5, signal });
  }

  async #reconcile(key: string): Promise<void> {
    const pod = this.#pods.lister.getByKey(key);
    if (!pod || pod.metadata.deletionTimestamp || isPodTerminal(pod)) return;
    for (const volume of ephemeralOf(pod)) await this.#ensure(pod, volume);
  }

  async #ensure(pod: KubeObject, volume: Record<string, any>): Promise<void> {
    const { namespace, uid } = pod.metadata as { namespace: string; uid: string };
    const name = `${pod.metadata.name}-${volume['name']}`;
    const held = this.#claims.lister.get(namespace, name);
    if (held) {
      if (held.metadata.ownerReferences?.some((owner) => owner.uid === uid)) return;
      throw new Error(`PVC "${keyOf(held)}" was not created for pod "${keyOf(pod)}" (pod is not owner)`);
    }
    const { metadata, spec } = volume['ephemeral'].volumeClaimTemplate;
    try {
      await this.#context.client.resource(persistentVolumeClaims, namespace).create({
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: {
          name,
          namespace,
          labels: { ...metadata?.labels },
          annotations: { ...metadata?.annotations },
          ownerReferences: [controllerRef(pod, 'v1', 'Pod')],
        },
        spec,
      });
    } catch (error) {
      if (isNamespaceTerminating(error) || isAlreadyExists(error)) return;
      const text = `ephemeral volume controller failed to create PVC: ${messageOf(error)}`;
      this.#recorder.event(pod, 'Warning', 'FailedCreate', text);
      throw error;
    }
  }
}

function ephemeralOf(pod: KubeObject): readonly Record<string, any>[] {
  return (pod['spec'].volumes ?? []).filter((volume: Record<string, any>) => volume['ephemeral']);
}
