import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ClusterError } from '../cluster-error.ts';
import { run } from '../run.ts';
import { writeFileAtomic } from '../write-file.ts';

/** containerd's namespace that CRI works in. */
const criNamespace = 'k8s.io';

/**
 * The label on images that were brought in from a file. They cannot be pulled again, so that image garbage
 * collection must spare them. `pinned` is what newer containerds tell a kubelet by themselves.
 */
const localImageLabels: Readonly<Record<string, string>> = {
  'io.coxswain.image': 'local',
  'io.cri-containerd.pinned': 'pinned',
};

/** What was loaded of an archive; the archive is the same one as long as its size and time are. */
interface Loaded {
  readonly archive: string;
  readonly names: readonly string[];
}

/**
 * Brings the images of an OCI or Docker archive into one containerd, their names kept, and gives the names. An
 * archive that was brought before, and whose images are there, is not read again.
 *
 * @throws ClusterError INVALID_OPTION when the file is not there, COMMAND_FAILED when it is no such archive
 */
export async function loadImage(socket: string, file: string): Promise<readonly string[]> {
  const archive = await identify(file);
  const record = join(dirname(socket), 'loaded-images.json');
  const before = await readLoaded(record);
  const ctr = ['ctr', '--address', socket, '--namespace', criNamespace, 'images'];
  const present = new Set((await run([...ctr, 'list', '--quiet'])).split('\n'));
  const known = before.find((entry) => entry.archive === archive);
  if (known?.names.every((name) => present.has(name))) return known.names;

  const output = await run([...ctr, 'import', file]);
  const names = [...output.matchAll(/^unpacking (\S+) \(/gm)].map((match) => match[1] as string);
  const labels = Object.entries(localImageLabels).map(([key, value]) => `${key}=${value}`);
  for (const name of names) await run([...ctr, 'label', name, ...labels]);
  // A name that another archive brought stands for this one's image now.
  const others = before.filter((entry) => !entry.names.some((name) => names.includes(name)));
  await writeFileAtomic(record, `${JSON.stringify([...others, { archive, names }])}\n`);
  return names;
}

async function identify(file: string): Promise<string> {
  try {
    const { size, mtimeMs, ino } = await stat(file);
    return `${resolve(file)} ${size} ${mtimeMs} ${ino}`;
  } catch (error) {
    throw new ClusterError('INVALID_OPTION', `cannot read the image archive "${file}"`, error);
  }
}

async function readLoaded(record: string): Promise<readonly Loaded[]> {
  try {
    return JSON.parse(await readFile(record, 'utf8')) as readonly Loaded[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
