import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolvedKubeconfig } from './kubeconfig.ts';

/** Where the kubelet mounts a pod's service account. */
const serviceAccountDir = '/var/run/secrets/kubernetes.io/serviceaccount';

/** How a pod reaches its API server (client-go's InClusterConfig); undefined outside of one. */
export function inClusterConfig(
  env: NodeJS.ProcessEnv = process.env,
  dir: string = serviceAccountDir,
): ResolvedKubeconfig | undefined {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  const tokenFile = join(dir, 'token');
  if (host === undefined || port === undefined || !existsSync(tokenFile)) return undefined;
  const namespaceFile = join(dir, 'namespace');
  return {
    contextName: 'in-cluster',
    namespace: existsSync(namespaceFile) ? readFileSync(namespaceFile, 'utf8').trim() : 'default',
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    ca: readFileSync(join(dir, 'ca.crt')),
    tokenFile,
  };
}
