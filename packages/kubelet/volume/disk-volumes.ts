import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@coxswain/machinery';
import { bytes } from '../cm/linux-resources.ts';
import type { PodSurroundings } from '../kuberuntime/downward-fields.ts';
import type { ObjectReader } from '../objects/object-cache.ts';
import type { Pod, Volume } from '../types.ts';
import { writeAtomically } from './atomic-writer.ts';
import { type ClaimReader, claimPath } from './claim.ts';
import { type MountedVolume, VolumeError, type VolumeManager } from './contract.ts';
import { checkHostPath } from './host-path.ts';
import type { ImageVolumes } from './image-volumes.ts';
import type { Mounter } from './mounter.ts';
import { giveToGroup, isOwnedByGroup } from './ownership.ts';
import { isProjection, type PayloadSources, payloadOf } from './payload.ts';
import type { TokenSource } from './token-source.ts';

export interface DiskVolumesOptions {
  /** Holds `pods/<uid>/volumes`. */
  readonly rootDir: string;
  readonly mounter: Mounter;
  readonly objects: ObjectReader;
  readonly tokens: TokenSource;
  readonly claims: ClaimReader;
  readonly images: ImageVolumes;
  readonly trustBundle: PayloadSources['trustBundle'];
  readonly surroundings: (pod: Pod) => PodSurroundings;
  readonly clock: Clock;
}

const imagePlugin = 'image';

/** Volumes as directories below the kubelet's root, in the places where upstream has them. */
export class DiskVolumes implements VolumeManager {
  readonly #options: DiskVolumesOptions;
  /** One at a time a pod: two writers of one volume would trip over each other. */
  readonly #busy = new Map<string, Promise<unknown>>();

  constructor(options: DiskVolumesOptions) {
    this.#options = options;
  }

  mount(pod: Pod): Promise<ReadonlyMap<string, MountedVolume>> {
    return this.#serially(pod.metadata.uid ?? '', () => this.#mountAll(pod));
  }

  unmount(uid: string): Promise<void> {
    return this.#serially(uid, () => this.#unmountAll(uid));
  }

  async podUids(): Promise<readonly string[]> {
    return namesIn(join(this.#options.rootDir, 'pods'));
  }

  async #serially<T>(uid: string, work: () => Promise<T>): Promise<T> {
    const before = this.#busy.get(uid) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#busy.set(uid, mine);
    try {
      return await mine;
    } finally {
      if (this.#busy.get(uid) === mine) this.#busy.delete(uid);
    }
  }

  async #mountAll(pod: Pod): Promise<ReadonlyMap<string, MountedVolume>> {
    const mounted = await Promise.all(
      (pod.spec.volumes ?? []).map(async (volume): Promise<[string, MountedVolume]> => {
        try {
          return [volume.name, await this.#mountOne(pod, volume)];
        } catch (cause) {
          throw new VolumeError(volume.name, cause);
        }
      }),
    );
    return new Map(mounted);
  }

  async #mountOne(pod: Pod, volume: Volume): Promise<MountedVolume> {
    if (volume.hostPath) {
      await checkHostPath(volume.hostPath.path, volume.hostPath.type ?? '');
      return { hostPath: volume.hostPath.path, readOnly: false };
    }
    if (volume.emptyDir) return this.#emptyDir(pod, volume);
    if (isProjection(volume)) return this.#projection(pod, volume);
    if (volume.persistentVolumeClaim) {
      const path = await claimPath(pod, volume.persistentVolumeClaim.claimName, this.#options.claims);
      return { hostPath: path, readOnly: volume.persistentVolumeClaim.readOnly ?? false };
    }
    if (volume.image) {
      const path = this.#path(pod.metadata.uid ?? '', imagePlugin, volume.name);
      await this.#options.images.mount(pod, volume, path);
      return { hostPath: path, readOnly: true };
    }
    const [, kind = 'unknown'] = Object.keys(volume);
    throw new Error(`no volume plugin matched for ${kind}`);
  }

  #path(uid: string, plugin: string, name: string): string {
    return join(this.#options.rootDir, 'pods', uid, 'volumes', `kubernetes.io~${plugin}`, name);
  }

  async #emptyDir(pod: Pod, volume: Volume): Promise<MountedVolume> {
    const path = this.#path(pod.metadata.uid ?? '', 'empty-dir', volume.name);
    await mkdir(path, { recursive: true });
    if (volume.emptyDir?.medium === 'Memory' && !(await this.#options.mounter.isMountPoint(path))) {
      await this.#options.mounter.mountTmpfs(path, bytes(volume.emptyDir.sizeLimit));
    }
    const group = pod.spec.securityContext?.fsGroup;
    const settled = group !== undefined && (await isOwnedByGroup(path, group));
    if (!settled) await chmod(path, 0o777);
    const rootOnly = pod.spec.securityContext?.fsGroupChangePolicy === 'OnRootMismatch';
    if (group !== undefined && !(settled && rootOnly)) await giveToGroup(path, group, false);
    return { hostPath: path, readOnly: false };
  }

  async #projection(pod: Pod, volume: Volume): Promise<MountedVolume> {
    const { objects, tokens, trustBundle, surroundings, clock } = this.#options;
    const plugin = volume.configMap
      ? 'configmap'
      : volume.secret
        ? 'secret'
        : volume.projected
          ? 'projected'
          : 'downward-api';
    const path = this.#path(pod.metadata.uid ?? '', plugin, volume.name);
    const sources = { objects, tokens, trustBundle, node: surroundings(pod) };
    const payload = await payloadOf(pod, volume, sources);
    const stamp = `${new Date(clock.now()).toISOString().slice(0, 19).replace(/[-:T]/g, '_')}.`;
    const group = pod.spec.securityContext?.fsGroup;
    await writeAtomically(path, payload, stamp, async (directory) => {
      if (group !== undefined) await giveToGroup(directory, group, true);
    });
    // Secrets and tokens stay off other users' eyes by the pod directory's own mode.
    return { hostPath: path, readOnly: true };
  }

  async #unmountAll(uid: string): Promise<void> {
    const pod = join(this.#options.rootDir, 'pods', uid);
    for (const path of await this.#options.mounter.mountsBelow(pod))
      await this.#options.mounter.unmount(path);
    for (const name of await namesIn(join(pod, 'volumes', `kubernetes.io~${imagePlugin}`))) {
      await this.#options.images.release(uid, name);
    }
    await rm(pod, { recursive: true, force: true });
    this.#options.tokens.forgetPod(uid);
  }
}

async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
