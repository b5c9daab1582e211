import type { Mount, MountPropagation } from '@coxswain/cri';
import { expand } from '../kuberuntime/expansion.ts';
import type { Container, VolumeMount } from '../types.ts';
import type { MountedVolume } from './contract.ts';
import { resolveSubPath } from './sub-path.ts';

const propagations: Readonly<Record<string, MountPropagation>> = {
  HostToContainer: 'PROPAGATION_HOST_TO_CONTAINER',
  Bidirectional: 'PROPAGATION_BIDIRECTIONAL',
};

/** The mounts of a container's volumes. */
export async function containerMounts(
  container: Container,
  volumes: ReadonlyMap<string, MountedVolume>,
  env: ReadonlyMap<string, string>,
): Promise<Mount[]> {
  const mounts: Mount[] = [];
  for (const mount of container.volumeMounts ?? []) {
    const volume = volumes.get(mount.name);
    if (!volume)
      throw new Error(`cannot find volume "${mount.name}" to mount into container "${container.name}"`);
    mounts.push({
      containerPath: mount.mountPath.startsWith('/') ? mount.mountPath : `/${mount.mountPath}`,
      hostPath: await hostPathOf(mount, volume, env),
      readonly: volume.readOnly || mount.readOnly === true,
      propagation: propagations[mount.mountPropagation ?? ''] ?? 'PROPAGATION_PRIVATE',
      recursiveReadOnly: mount.recursiveReadOnly === 'Enabled',
    });
  }
  return mounts;
}

async function hostPathOf(
  mount: VolumeMount,
  volume: MountedVolume,
  env: ReadonlyMap<string, string>,
): Promise<string> {
  const subPath = mount.subPathExpr ? expandStrictly(mount.subPathExpr, env) : mount.subPath;
  return subPath ? resolveSubPath(volume.hostPath, subPath) : volume.hostPath;
}

/** A path with a variable that is not there would name some other place. */
function expandStrictly(text: string, env: ReadonlyMap<string, string>): string {
  const expanded = expand(text, env);
  const missing = /\$\(([^)]+)\)/.exec(expanded);
  if (missing) throw new Error(`missing value for "${missing[1]}"`);
  return expanded;
}
