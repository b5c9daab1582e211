import { access } from 'node:fs/promises';
import { ClusterError } from '../cluster-error.ts';
import { run } from '../run.ts';

/** containerd's namespace that CRI works in. */
const criNamespace = 'k8s.io';

/**
 * The label on images that were brought in from a file. They cannot be pulled again, so that image garbage
 * collection must spare them. `pinned` is what newer containerds tell a kubelet by themselves.
 */
export const localImageLabels: Readonly<Record<string, string>> = {
  'io.coxswain.image': 'local',
  'io.cri-containerd.pinned': 'pinned',
};

/**
 * Brings the images of an OCI or Docker archive into one containerd, their names kept, and gives the names.
 *
 * @throws ClusterError INVALID_OPTION when the file is not there, COMMAND_FAILED when it is no such archive
 */
export async function loadImage(socket: string, file: string): Promise<readonly string[]> {
  await access(file).catch((error: unknown) => {
    throw new ClusterError('INVALID_OPTION', `cannot read the image archive "${file}"`, error);
  });
  const ctr = ['ctr', '--address', socket, '--namespace', criNamespace, 'images'];
  const output = await run([...ctr, 'import', '--all-platforms', file]);
  const names = [...output.matchAll(/^unpacking (\S+) \(/gm)].map((match) => match[1] as string);
  const labels = Object.entries(localImageLabels).map(([key, value]) => `${key}=${value}`);
  for (const name of names) await run([...ctr, 'label', name, ...labels]);
  return names;
}
