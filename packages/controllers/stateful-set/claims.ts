import type { Client } from '@coxswain/client';
import type { EventRecorder, Informer } from '@coxswain/controller';
import { isNotFound, type KubeObject, type OwnerReference } from '@coxswain/machinery';
import { messageOf } from '../shared/pod-control.ts';
import { persistentVolumeClaims } from '../shared/resources.ts';
import { claimName, isInRange, ordinalOf } from './identity.ts';

/** Makes the claims of a set's pods and keeps their owners as the retention policy wants them. */
export class StatefulClaims {
  readonly #client: Client;
  readonly #claims: Informer;
  readonly #recorder: EventRecorder;

  constructor(client: Client, claims: Informer, recorder: EventRecorder) {
    this.#client = client;
    this.#claims = claims;
    this.#recorder = recorder;
  }

  /** Creates the claims that the pod lacks. Throws where one is being deleted: the pod must wait for that. */
  async ensure(set: KubeObject, pod: KubeObject): Promise<void> {
    const { namespace } = set.metadata;
    for (const template of templatesOf(set)) {
      const name = claimName(set, template, ordinalOf(pod));
      const held = this.#claims.lister.get(namespace as string, name) ?? (await this.#get(namespace, name));
      if (held?.metadata.deletionTimestamp) throw new Error(`pvc ${name} is being deleted`);
      if (held) continue;
      const text = `create Claim ${name} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`;
      try {
        await this.#client.resource(persistentVolumeClaims, namespace).create({
          ...template,
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: {
            ...template.metadata,
            name,
            namespace: namespace as string,
            labels: { ...template.metadata.labels, ...set['spec'].selector.matchLabels },
          },
        });
        this.#recorder.event(set, 'Normal', 'SuccessfulCreate', `${text} success`);
      } catch (error) {
        this.#recorder.event(set, 'Warning', 'FailedCreate', `${text} failed error: ${messageOf(error)}`);
        throw error;
      }
    }
  }

  /** Writes the owners that the retention policy wants on the pod's claims. */
  async enforceRetention(set: KubeObject, pod: KubeObject): Promise<void> {
    if (!set['spec'].persistentVolumeClaimRetentionPolicy) return;
    const { namespace } = set.metadata;
    for (const template of templatesOf(set)) {
      const held = this.#claims.lister.get(namespace as string, claimName(set, template, ordinalOf(pod)));
      if (!held) continue;
      const ownerReferences = wantedOwners(set, pod, held.metadata.ownerReferences ?? []);
      if (!ownerReferences) continue;
      const metadata = { ...held.metadata, ownerReferences };
      await this.#client.resource(persistentVolumeClaims, namespace).update({ ...held, metadata });
    }
  }

  /** Whether a claim of the pod belongs to a pod that is gone and goes with it. */
  isStale(set: KubeObject, pod: KubeObject): boolean {
    return templatesOf(set).some((template) => {
      const name = claimName(set, template, ordinalOf(pod));
      const held = this.#claims.lister.get(set.metadata.namespace as string, name);
      return (held?.metadata.ownerReferences ?? []).some(
        (owner) => owner.kind === 'Pod' && owner.name === pod.metadata.name && owner.uid !== pod.metadata.uid,
      );
    });
  }

  async #get(namespace: string | undefined, name: string): Promise<KubeObject | undefined> {
    try {
      return await this.#client.resource(persistentVolumeClaims, namespace).get(name);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}

function templatesOf(set: KubeObject): readonly KubeObject[] {
  return set['spec'].volumeClaimTemplates ?? [];
}

/** The owners that the claim should have; undefined when it has them. Pure. */
function wantedOwners(
  set: KubeObject,
  pod: KubeObject,
  held: readonly OwnerReference[],
): OwnerReference[] | undefined {
  const { whenDeleted = 'Retain', whenScaled = 'Retain' } =
    set['spec'].persistentVolumeClaimRetentionPolicy ?? {};
  const scaledDown = whenScaled === 'Delete' && !isInRange(set, ordinalOf(pod));
  const wanted: OwnerReference[] = [];
  if (scaledDown) wanted.push(ownerRef(pod, 'v1', 'Pod'));
  else if (whenDeleted === 'Delete') wanted.push(ownerRef(set, 'apps/v1', 'StatefulSet'));
  const others = held.filter((owner) => owner.uid !== set.metadata.uid && owner.uid !== pod.metadata.uid);
  const same =
    held.length === others.length + wanted.length &&
    wanted.every((owner) => held.some((other) => other.uid === owner.uid));
  return same ? undefined : [...others, ...wanted];
}

function ownerRef(owner: KubeObject, apiVersion: string, kind: string): OwnerReference {
  return {
    apiVersion,
    kind,
    name: owner.metadata.name as string,
    uid: owner.metadata.uid as string,
    controller: true,
    blockOwnerDeletion: true,
  };
}
