import type { Pod } from '../types.ts';

/** A volume that is in place on the node. */
export interface MountedVolume {
  readonly hostPath: string;
  /** Whether containers may only read it, whatever they ask for. */
  readonly readOnly: boolean;
}

/** Brings the volumes of pods in place, keeps their contents current, and takes them away. */
export interface VolumeManager {
  /**
   * Resolves with the pod's volumes by name when all are in place. Idempotent; called before containers start
   * and again whenever something that a volume shows may have changed.
   */
  mount(pod: Pod): Promise<ReadonlyMap<string, MountedVolume>>;
  /** Takes away all volumes of the pod, and what only lived in them. Idempotent. */
  unmount(uid: string): Promise<void>;
  /** Pods of which something is still in place. */
  podUids(): Promise<readonly string[]>;
}

/** A volume that did not come in place. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError';
  readonly code = 'ERR_KUBELET_VOLUME';
  readonly volume: string;

  constructor(volume: string, cause: unknown) {
    super(`MountVolume.SetUp failed for volume "${volume}" : ${(cause as Error).message}`, { cause });
    this.volume = volume;
  }
}

/** For simulated nodes: every volume is in place at once, and holds nothing. */
export const noVolumes: VolumeManager = {
  mount: async (pod) =>
    new Map((pod.spec.volumes ?? []).map((v) => [v.name, { hostPath: '/', readOnly: false }])),
  unmount: async () => {},
  podUids: async () => [],
};
