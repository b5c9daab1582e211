import { Client, HttpTransport, parseKubeconfig } from '@coxswain/client';
import { type Clock, isForbidden, isNotFound } from '@coxswain/machinery';
import { isDetachedSignature } from '@coxswain/pki';
import { CliError } from './cli-error.ts';
import { caHash } from './token.ts';

const configMaps = { group: '', version: 'v1', resource: 'configmaps' } as const;
/** The controllers sign a new token's map at once; this is for those that start just now. */
const retryMs = 500;
const patienceMs = 60_000;

interface Discovery {
  readonly server: string;
  /** `ID.SECRET`. */
  readonly token: string;
  /** `sha256:...` of the CA's public key; absent: the token's signature is the proof. */
  readonly caHash: string | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * The cluster's CA, PEM, as ConfigMap kube-public/cluster-info has it. It is read over a connection that proves
 * nothing, so it counts only with the token's signature and, where given, the CA's hash. As kubeadm joins.
 */
export async function discoverCa(options: Discovery): Promise<string> {
  const { server, token, clock, signal } = options;
  const [id = '', secret = ''] = token.split('.');
  const client = new Client(
    new HttpTransport({ server, insecureSkipTlsVerify: true, userAgent: 'cox-join' }),
  );
  const deadline = clock.monotonic() + patienceMs;
  for (;;) {
    const data = await readClusterInfo(client);
    const kubeconfig = data?.['kubeconfig'];
    const signature = data?.[`jws-kubeconfig-${id}`];
    if (kubeconfig !== undefined && signature !== undefined) {
      if (!isDetachedSignature(signature, kubeconfig, id, secret)) {
        throw new CliError('error: the cluster info at the server was not signed with this token');
      }
      return checkedCa(kubeconfig, options.caHash);
    }
    if (clock.monotonic() >= deadline) {
      throw new CliError(
        `error: the server ${server} does not know the token "${id}"; see "cox token create"`,
      );
    }
    await clock.sleep(retryMs, signal);
  }
}

async function readClusterInfo(client: Client): Promise<Record<string, string> | undefined> {
  try {
    return (await client.resource(configMaps, 'kube-public').get('cluster-info'))['data'];
  } catch (error) {
    // `cox token create` publishes it and lets everybody read it.
    if (isNotFound(error) || isForbidden(error)) return undefined;
    throw error;
  }
}

function checkedCa(kubeconfig: string, hash: string | undefined): string {
  const cluster = parseKubeconfig(kubeconfig, 'cluster-info').clusters[0]?.cluster;
  const data = cluster?.['certificate-authority-data'];
  if (data === undefined) throw new CliError('error: the cluster info at the server names no CA');
  const ca = Buffer.from(data, 'base64').toString('utf8');
  if (hash !== undefined && caHash(ca) !== hash) {
    throw new CliError(`error: the CA of the server has the hash ${caHash(ca)}, not ${hash}`);
  }
  return ca;
}
