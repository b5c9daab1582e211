import type { Device, Mount } from '@coxswain/cri';
import type { PodFiles } from '../host/pod-files.ts';
import type { Container, Pod } from '../types.ts';
import { containerMounts } from '../volume/container-mounts.ts';
import type { MountedVolume } from '../volume/contract.ts';
import type { RunContainerOptions } from './container-config.ts';
import { type EnvironmentSources, environmentOf } from './environment.ts';

/** Prepares what a container gets: variables, mounts, its hosts file and the file for its last words. */
export async function runContainerOptions(
  pod: Pod,
  container: Container,
  volumes: ReadonlyMap<string, MountedVolume>,
  sources: EnvironmentSources,
  files: PodFiles,
): Promise<RunContainerOptions> {
  const envs = await environmentOf(pod, container, sources);
  const env = new Map(envs.map((e) => [e.name, e.value]));
  const mounts = await containerMounts(container, volumes, env);
  const taken = (path: string): boolean => mounts.some((m) => m.containerPath === path);

  if (!taken('/etc/hosts')) {
    const hosts = await files.hostsFile(pod, sources.node.podIps);
    if (hosts !== undefined) mounts.push(fileMount(hosts, '/etc/hosts'));
  }
  const messagePath = container.terminationMessagePath ?? '/dev/termination-log';
  if (messagePath !== '' && !taken(messagePath)) {
    const file = await files.terminationLog(pod, container);
    if (file !== undefined) mounts.push(fileMount(file, messagePath));
  }
  return { envs, mounts, devices: blockDevices(container, volumes), volumeGroups: [] };
}

function fileMount(hostPath: string, containerPath: string): Mount {
  return { hostPath, containerPath, readonly: false, propagation: 'PROPAGATION_PRIVATE' };
}

function blockDevices(container: Container, volumes: ReadonlyMap<string, MountedVolume>): Device[] {
  return (container.volumeDevices ?? []).map((device) => {
    const volume = volumes.get(device.name);
    if (!volume)
      throw new Error(`cannot find volume "${device.name}" to pass into container "${container.name}"`);
    const permissions = volume.readOnly ? 'r' : 'mrw';
    return { hostPath: volume.hostPath, containerPath: device.devicePath, permissions };
  });
}
