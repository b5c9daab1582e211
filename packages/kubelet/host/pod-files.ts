import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { hostNetworkHostsFile, hostsFile, podHostname } from '../network/hosts-file.ts';
import type { Container, Pod } from '../types.ts';

/** Files of a pod that are not in a volume of it. */
export interface PodFiles {
  /** Makes the directories that the pod's logs go to. */
  prepare(pod: Pod): Promise<void>;
  /** Absolute; the runtime writes the containers' logs below it. */
  logDirectory(pod: Pod): string;
  /** Writes the pod's hosts file; absent where containers keep their image's own. */
  hostsFile(pod: Pod, podIps: readonly string[]): Promise<string | undefined>;
  /** Makes the file that the container leaves its last words in; absent where there are no files. */
  terminationLog(pod: Pod, container: Container): Promise<string | undefined>;
  /** Removes the pod's logs. Its directory goes with its volumes. */
  removeLogs(pod: PodIdentity): Promise<void>;
  /** Pods of this kubelet of which there are logs. */
  podsWithLogs(): Promise<readonly PodIdentity[]>;
}

/** What names the log directory of a pod. */
export interface PodIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** For simulated nodes. */
export const noPodFiles: PodFiles = {
  prepare: async () => {},
  logDirectory: () => '',
  hostsFile: async () => undefined,
  terminationLog: async () => undefined,
  removeLogs: async () => {},
  podsWithLogs: async () => [],
};

export class DiskPodFiles implements PodFiles {
  readonly #rootDir: string;
  readonly #logsDir: string;
  readonly #clusterDomain: string;

  constructor(options: {
    readonly rootDir: string;
    readonly podLogsDir: string;
    readonly clusterDomain: string;
  }) {
    this.#rootDir = options.rootDir;
    this.#logsDir = options.podLogsDir;
    this.#clusterDomain = options.clusterDomain;
  }

  get #index(): string {
    return join(this.#rootDir, 'pod-logs');
  }

  async prepare(pod: Pod): Promise<void> {
    const uid = pod.metadata.uid ?? '';
    const logs = this.logDirectory(pod);
    await mkdir(join(this.#rootDir, 'pods', uid, 'containers'), { recursive: true, mode: 0o750 });
    // Kubelets of one machine may share the directory of logs: this says which are ours to remove.
    await mkdir(this.#index, { recursive: true });
    await writeFile(join(this.#index, basename(logs)), '');
    const containers = [
      ...(pod.spec.initContainers ?? []),
      ...pod.spec.containers,
      ...(pod.spec.ephemeralContainers ?? []),
    ];
    await Promise.all(containers.map((c) => mkdir(join(logs, c.name), { recursive: true })));
  }

  logDirectory(pod: Pod): string {
    const { namespace, name, uid } = pod.metadata;
    return join(this.#logsDir, `${namespace}_${name}_${uid}`);
  }

  async hostsFile(pod: Pod, podIps: readonly string[]): Promise<string | undefined> {
    const path = join(this.#rootDir, 'pods', pod.metadata.uid ?? '', 'etc-hosts');
    const { hostname, domain } = podHostname(pod, this.#clusterDomain);
    const text = pod.spec.hostNetwork
      ? hostNetworkHostsFile(pod, await readFile('/etc/hosts', 'utf8'))
      : hostsFile(pod, podIps, hostname, domain);
    // Written in place, not by a new file: a running container has this one mounted.
    await writeFile(path, text, { mode: 0o644 });
    await chmod(path, 0o644);
    return path;
  }

  async terminationLog(pod: Pod, container: Container): Promise<string | undefined> {
    const directory = join(this.#rootDir, 'pods', pod.metadata.uid ?? '', 'containers', container.name);
    await mkdir(directory, { recursive: true, mode: 0o750 });
    const path = join(directory, randomBytes(4).toString('hex'));
    // Any user of the container may write it.
    await writeFile(path, '', { mode: 0o666 });
    await chmod(path, 0o666);
    return path;
  }

  async removeLogs(pod: PodIdentity): Promise<void> {
    const directory = join(this.#logsDir, `${pod.namespace}_${pod.name}_${pod.uid}`);
    await rm(directory, { recursive: true, force: true });
    await rm(join(this.#index, basename(directory)), { force: true });
  }
  async podsWithLogs(): Promise<readonly PodIdentity[]> {
    try {
      return (await readdir(this.#index)).flatMap((entry) => {
        const [namespace = '', name = '', uid = ''] = entry.split('_');
        return uid === '' ? [] : [{ namespace, name, uid }];
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }
}
