import { homedir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import {
  defaultKubeconfigPaths,
  type Kubeconfig,
  KubeconfigError,
  mergeKubeconfigs,
  readKubeconfig,
  writeKubeconfig,
} from '@coxswain/client';
import type { Session } from '../session.ts';

const emptyConfig: Kubeconfig = {
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [],
  users: [],
  contexts: [],
  'current-context': '',
};

/** The kubeconfig that the command line and the environment point at; files that are not there count for nothing. */
export function loadedConfig(session: Session): Kubeconfig {
  const path = session.flags.string('kubeconfig');
  if (path !== undefined) return readKubeconfig(path);
  const found = defaultKubeconfigPaths().flatMap((each) => ifThere(each) ?? []);
  return found.length === 0 ? emptyConfig : mergeKubeconfigs(found);
}

/** The file that changes go to. */
export function configPath(session: Session): string {
  return (
    session.flags.string('kubeconfig') ?? defaultKubeconfigPaths()[0] ?? join(homedir(), '.kube', 'config')
  );
}

/** Changes the file that changes go to; it is made when it is not there. */
export async function changeConfig(
  session: Session,
  edit: (config: Kubeconfig) => Kubeconfig,
): Promise<void> {
  const path = configPath(session);
  await writeKubeconfig(path, withRelativePaths(edit(ifThere(path) ?? emptyConfig), dirname(resolve(path))));
}

const pathFields = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'];

/** Files below the kubeconfig's own folder are named from there, so that the folder can be moved. */
function withRelativePaths(config: Kubeconfig, dir: string): Kubeconfig {
  const made = <T extends object>(entry: T): T =>
    Object.fromEntries(
      Object.entries(entry).map(([field, value]) => {
        if (!pathFields.includes(field) || typeof value !== 'string') return [field, value];
        const below = relative(dir, value);
        return [field, below.startsWith('..') ? value : below];
      }),
    ) as T;
  return {
    ...config,
    clusters: config.clusters.map((each) => ({ ...each, cluster: made(each.cluster) })),
    users: config.users.map((each) => ({ ...each, user: made(each.user) })),
  };
}

function ifThere(path: string): Kubeconfig | undefined {
  try {
    return readKubeconfig(path);
  } catch (error) {
    const cause = error instanceof KubeconfigError ? (error.cause as NodeJS.ErrnoException) : undefined;
    if (cause?.code === 'ENOENT') return undefined;
    throw error;
  }
}
