import { type EventRecorder, type Informer, keyOf } from '@coxswain/controller';
import { deepEqual, isConflict, isNotFound, type KubeObject } from '@coxswain/machinery';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { persistentVolumeClaims, persistentVolumes, storageClasses } from '../shared/resources.ts';
import { classOf, findVolume, isBoundTo, mismatch } from './match-volume.ts';

const bindCompleted = 'pv.kubernetes.io/bind-completed';
const boundByController = 'pv.kubernetes.io/bound-by-controller';
const selectedNode = 'volume.kubernetes.io/selected-node';
const provisioner = 'volume.kubernetes.io/storage-provisioner';
const betaProvisioner = 'volume.beta.kubernetes.io/storage-provisioner';
const provisionedBy = 'pv.kubernetes.io/provisioned-by';
/** The provisioner of classes whose volumes people make. */
const noProvisioner = 'kubernetes.io/no-provisioner';

/** Claims without a volume are looked at again so often. */
const resyncMs = 15_000;

/** Binds claims to volumes, asks provisioners for those that lack one, and frees the volumes of claims that are gone. */
export class VolumeBinderController implements RunnableController {
  readonly name = 'persistentvolume-binder-controller';
  readonly #context: ControllerContext;
  readonly #claims: Informer;
  readonly #volumes: Informer;
  readonly #classes: Informer;
  readonly #recorder: EventRecorder;
  readonly #queue: ReturnType<ControllerContext['queue']>;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#queue = context.queue(this.name);
    this.#recorder = context.recorder('persistentvolume-controller');
    this.#claims = context.informers.informer(persistentVolumeClaims);
    this.#volumes = context.informers.informer(persistentVolumes);
    this.#classes = context.informers.informer(storageClasses);
    this.#claims.addHandler({
      onAdd: (claim) => this.#queue.add(`claim ${keyOf(claim)}`),
      onUpdate: (_, after) => this.#queue.add(`claim ${keyOf(after)}`),
      onDelete: (claim) => {
        const volume: string | undefined = claim['spec'].volumeName;
        if (volume) this.#queue.add(`volume ${volume}`);
      },
    });
    const volumeChanged = (volume: KubeObject): void => {
      this.#queue.add(`volume ${keyOf(volume)}`);
      const ref = volume['spec'].claimRef;
      if (ref) this.#queue.add(`claim ${ref.namespace}/${ref.name}`);
      else this.#retryClaims(volume);
    };
    this.#volumes.addHandler({
      onAdd: volumeChanged,
      onUpdate: (_, after) => volumeChanged(after),
      onDelete: volumeChanged,
    });
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run((key) => this.#reconcile(key), { workers: 1, signal });
  }

  /** Claims of the class may have waited for this volume. */
  #retryClaims(volume: KubeObject): void {
    for (const claim of this.#claims.lister.list()) {
      if (!claim['spec'].volumeName && classOf(claim) === classOf(volume))
        this.#queue.add(`claim ${keyOf(claim)}`);
    }
  }

  async #reconcile(key: string): Promise<{ requeueAfterMs: number } | undefined> {
    const [what, name] = key.split(' ') as [string, string];
    try {
      if (what === 'volume') {
        const volume = this.#volumes.lister.getByKey(name);
        if (volume) await this.#syncVolume(volume);
        return undefined;
      }
      const claim = this.#claims.lister.getByKey(name);
      if (!claim) return undefined;
      if (claim.metadata.annotations?.[bindCompleted] !== undefined) return await this.#syncBound(claim);
      return await this.#syncUnbound(claim);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      if (!isConflict(error)) throw error;
      this.#queue.addRateLimited(key);
      return undefined;
    }
  }

  async #syncUnbound(claim: KubeObject): Promise<{ requeueAfterMs: number } | undefined> {
    const name: string | undefined = claim['spec'].volumeName;
    if (!name) {
      const delayed = this.#isDelayed(claim);
      const volume = findVolume(claim, this.#volumes.lister.list(), delayed);
      if (volume) {
        await this.#bind(volume, claim);
        return undefined;
      }
      await this.#seekVolume(claim, delayed);
      await this.#writeClaimStatus(claim, { phase: 'Pending' });
      return { requeueAfterMs: resyncMs };
    }
    const volume = this.#volumes.lister.get('', name);
    if (!volume) {
      await this.#writeClaimStatus(claim, { phase: 'Pending' });
      return { requeueAfterMs: resyncMs };
    }
    if (volume['spec'].claimRef !== undefined && !isBoundTo(volume, claim)) {
      const text = `volume "${name}" already bound to a different claim.`;
      this.#recorder.event(claim, 'Warning', 'FailedBinding', text);
      await this.#writeClaimStatus(claim, { phase: 'Pending' });
      return { requeueAfterMs: resyncMs };
    }
    const fault = volume['spec'].claimRef === undefined ? mismatch(volume, claim) : undefined;
    if (fault !== undefined) {
      const text = `Cannot bind to requested volume "${name}": ${fault}`;
      this.#recorder.event(claim, 'Warning', 'VolumeMismatch', text);
      await this.#writeClaimStatus(claim, { phase: 'Pending' });
      return { requeueAfterMs: resyncMs };
    }
    await this.#bind(volume, claim);
    return undefined;
  }

  /** The class leaves the choice to the scheduler, and it has not chosen yet. */
  #isDelayed(claim: KubeObject): boolean {
    const storageClass = this.#classes.lister.get('', classOf(claim));
    return (
      storageClass?.['volumeBindingMode'] === 'WaitForFirstConsumer' &&
      claim.metadata.annotations?.[selectedNode] === undefined
    );
  }

  /** Tells what the claim waits for, and the provisioner that it is wanted. */
  async #seekVolume(claim: KubeObject, delayed: boolean): Promise<void> {
    if (delayed) {
      const text = 'waiting for first consumer to be created before binding';
      this.#recorder.event(claim, 'Normal', 'WaitForFirstConsumer', text);
      return;
    }
    const name = classOf(claim);
    if (name === '') {
      const text = 'no persistent volumes available for this claim and no storage class is set';
      this.#recorder.event(claim, 'Normal', 'FailedBinding', text);
      return;
    }
    const storageClass = this.#classes.lister.get('', name);
    if (!storageClass) {
      const text = `storageclass.storage.k8s.io "${name}" not found`;
      this.#recorder.event(claim, 'Warning', 'ProvisioningFailed', text);
      return;
    }
    const driver: string = storageClass['provisioner'];
    if (driver === noProvisioner) return;
    const annotations = { ...claim.metadata.annotations, [provisioner]: driver, [betaProvisioner]: driver };
    if (!deepEqual(annotations, claim.metadata.annotations)) {
      await this.#context.client
        .resource(persistentVolumeClaims, claim.metadata.namespace)
        .update({ ...claim, metadata: { ...claim.metadata, annotations } });
    }
    const text =
      `Waiting for a volume to be created either by the external provisioner '${driver}' or manually by the system ` +
      'administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.';
    this.#recorder.event(claim, 'Normal', 'ExternalProvisioning', text);
  }

  async #syncBound(claim: KubeObject): Promise<undefined> {
    const name: string = claim['spec'].volumeName ?? '';
    const volume = name === '' ? undefined : this.#volumes.lister.get('', name);
    if (!volume || (volume['spec'].claimRef !== undefined && !isBoundTo(volume, claim))) {
      if (claim['status']?.phase === 'Lost') return undefined;
      const [reason, text] =
        name === ''
          ? ['ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!']
          : volume
            ? ['ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly']
            : ['ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!'];
      this.#recorder.event(claim, 'Warning', reason as string, text as string);
      await this.#writeClaimStatus(claim, { phase: 'Lost' });
      return undefined;
    }
    await this.#bind(volume, claim);
    return undefined;
  }

  /** Ties the two together in four writes, each left out where it is done; a broken one is taken up again. */
  async #bind(volume: KubeObject, claim: KubeObject): Promise<void> {
    const bound = await this.#bindVolume(volume, claim);
    await this.#writeVolumePhase(bound, 'Bound');
    const claims = this.#context.client.resource(persistentVolumeClaims, claim.metadata.namespace);
    const annotations = {
      ...claim.metadata.annotations,
      ...(claim['spec'].volumeName ? {} : { [boundByController]: 'yes' }),
      [bindCompleted]: 'yes',
    };
    const volumeName = bound.metadata.name as string;
    let held = claim;
    if (claim['spec'].volumeName !== volumeName || !deepEqual(annotations, claim.metadata.annotations)) {
      held = await claims.update({
        ...claim,
        metadata: { ...claim.metadata, annotations },
        spec: { ...claim['spec'], volumeName },
      });
    }
    const { accessModes, capacity } = bound['spec'];
    // A claim that was resized tells its size itself.
    const shown = held['status']?.phase === 'Bound' ? (held['status'].capacity ?? capacity) : capacity;
    await this.#writeClaimStatus(held, { phase: 'Bound', accessModes, capacity: shown });
  }

  async #bindVolume(volume: KubeObject, claim: KubeObject): Promise<KubeObject> {
    const ref = volume['spec'].claimRef;
    if (ref?.uid) return volume;
    const { namespace, name, uid, resourceVersion } = claim.metadata;
    const claimRef = {
      kind: 'PersistentVolumeClaim',
      apiVersion: 'v1',
      namespace,
      name,
      uid,
      resourceVersion,
    };
    const annotations = {
      ...volume.metadata.annotations,
      ...(ref === undefined ? { [boundByController]: 'yes' } : {}),
    };
    return await this.#context.client.resource(persistentVolumes).update({
      ...volume,
      metadata: { ...volume.metadata, annotations },
      spec: { ...volume['spec'], claimRef },
    });
  }

  async #syncVolume(volume: KubeObject): Promise<void> {
    const ref = volume['spec'].claimRef;
    if (!ref?.uid) {
      await this.#writeVolumePhase(volume, 'Available');
      return;
    }
    const claim =
      this.#claims.lister.get(ref.namespace, ref.name) ?? (await this.#getClaim(ref.namespace, ref.name));
    if (claim && claim.metadata.uid === ref.uid) {
      if (claim['spec'].volumeName === volume.metadata.name) await this.#writeVolumePhase(volume, 'Bound');
      else this.#queue.add(`claim ${keyOf(claim)}`);
      return;
    }
    const phase = volume['status']?.phase;
    if (phase !== 'Released' && phase !== 'Failed') await this.#writeVolumePhase(volume, 'Released');
    else if (phase === 'Released') await this.#reclaim(volume);
  }

  async #getClaim(namespace: string, name: string): Promise<KubeObject | undefined> {
    try {
      return await this.#context.client.resource(persistentVolumeClaims, namespace).get(name);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** What external provisioners made they delete; nothing here can delete or recycle other volumes. */
  async #reclaim(volume: KubeObject): Promise<void> {
    const policy = volume['spec'].persistentVolumeReclaimPolicy;
    if (policy === 'Retain' || volume.metadata.annotations?.[provisionedBy] || volume['spec'].csi) return;
    const name = volume.metadata.name;
    const [reason, message] =
      policy === 'Delete'
        ? [
            'VolumeFailedDelete',
            `error getting deleter volume plugin for volume "${name}": no deletable volume plugin matched`,
          ]
        : ['VolumeFailedRecycle', `No recycler plugin found for the volume!`];
    await this.#writeVolumePhase(volume, 'Failed', message);
    this.#recorder.event(volume, 'Warning', reason as string, message as string);
  }

  async #writeVolumePhase(volume: KubeObject, phase: string, message?: string): Promise<void> {
    if (volume['status']?.phase === phase) return;
    const status = { phase, ...(message === undefined ? {} : { message }) };
    await this.#context.client.resource(persistentVolumes).updateStatus({ ...volume, status });
  }

  async #writeClaimStatus(claim: KubeObject, wanted: Record<string, unknown>): Promise<void> {
    const { accessModes: _modes, capacity: _capacity, ...rest } = claim['status'] ?? {};
    const status = { ...rest, ...wanted };
    if (deepEqual(claim['status'] ?? {}, status)) return;
    await this.#context.client
      .resource(persistentVolumeClaims, claim.metadata.namespace)
      .updateStatus({ ...claim, status });
  }
}
