import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { connect as connectPlain, type Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { newServiceUnavailable, newStatusError, nodeHttp, nodeTls } from '@coxswain/machinery';
import { goFault, goVerification } from '../go-fault.ts';
import type { Location } from './connector.ts';

/** How the server identifies itself to kubelets, and finds them. */
export interface KubeletClientOptions {
  /** PEM. */
  readonly cert?: string;
  readonly key?: string;
  /** PEM bundle; absent: kubelets' certificates are not checked, as upstream's default. */
  readonly ca?: string;
  /** `--kubelet-preferred-address-types`. */
  readonly preferredAddressTypes?: readonly string[];
}

export interface BackendRequest {
  readonly method: string;
  readonly headers?: Record<string, string | string[]>;
  /** What becomes of the request: a body to pipe into it, or its end. */
  readonly send: (outgoing: ClientRequest) => void;
  /** Whether nobody waits for the answer any more: then a broken connection was broken on purpose. */
  readonly abandoned?: () => boolean;
}

/** How a server is known that is no kubelet, and how this one shows itself to it. */
export interface BackendTls {
  /** Keeps its connections. */
  readonly agent: Agent;
  readonly options: ConnectionOptions;
}

const agents = new WeakMap<KubeletClientOptions, Agent>();

function agentOf(options: KubeletClientOptions): Agent {
  let agent = agents.get(options);
  if (agent === undefined) {
    agent = new Agent({ keepAlive: true, ...tlsOptions(options) });
    agents.set(options, agent);
  }
  return agent;
}

function tlsOptions(options: KubeletClientOptions): object {
  return {
    ...(options.cert === undefined ? {} : { cert: options.cert }),
    ...(options.key === undefined ? {} : { key: options.key }),
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    rejectUnauthorized: options.ca !== undefined,
    ...goVerification,
  };
}

/**
 * Asks a kubelet, pod or service; gives its answer, whatever its code.
 * @throws {StatusError} the words of upstream's proxies when nothing answers
 */
export async function askBackend(
  location: Location,
  kubelet: KubeletClientOptions,
  request: BackendRequest,
): Promise<IncomingMessage> {
  // Every connection that waits in the agent may have been closed by the other side a moment ago.
  for (;;) {
    const { answer, stale, error } = await attempt(location, kubelet, request);
    if (answer !== undefined) return answer;
    if (!stale || request.abandoned?.() === true) throw unreachable(location, error as Error);
  }
}

interface Attempt {
  readonly answer?: IncomingMessage;
  readonly error?: Error;
  /** The connection was used before and broke before it answered: a request without effects may be sent again. */
  readonly stale: boolean;
}

function attempt(
  location: Location,
  kubelet: KubeletClientOptions,
  { method, headers = {}, send }: BackendRequest,
): Promise<Attempt> {
  const { protocol, host, port, path } = location;
  const options = { host, port, path, method, headers };
  const outgoing =
    protocol === 'http:'
      ? nodeHttp.request(options)
      : httpsRequest(
          location.tls !== undefined
            ? { ...options, agent: location.tls.agent }
            : location.kubelet
              ? { ...options, agent: agentOf(kubelet) }
              : { ...options, rejectUnauthorized: false },
        );
  return new Promise((resolve) => {
    outgoing.on('response', (answer) => resolve({ answer, stale: false }));
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const broke = error.code === 'ECONNRESET' || error.code === 'EPIPE';
      resolve({ error, stale: outgoing.reusedSocket && broke && isSafe(method) });
    });
    send(outgoing);
  });
}

export function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** A connection of its own to a location, for an upgrade. */
export function dial(location: Location, kubelet: KubeletClientOptions): Promise<Socket> {
  const { host, port, protocol } = location;
  return new Promise((resolve, reject) => {
    const backend =
      protocol === 'http:'
        ? connectPlain({ host, port })
        : nodeTls.connect({
            host,
            port,
            ALPNProtocols: ['http/1.1'],
            ...(location.tls?.options ??
              (location.kubelet ? tlsOptions(kubelet) : { rejectUnauthorized: false })),
          });
    const onError = (error: Error): void => reject(unreachable(location, error));
    backend.once('error', onError);
    backend.once(protocol === 'http:' ? 'connect' : 'secureConnect', () => {
      backend.off('error', onError);
      resolve(backend);
    });
  });
}

/** The error of a dead kubelet or pod, with the words of upstream's proxies. */
function unreachable({ kubelet, protocol, host, port, path }: Location, error: Error): Error {
  const text = goFault(error, host, port);
  if (!kubelet) return newServiceUnavailable(`error trying to reach service: ${text}`);
  return newStatusError({
    code: 500,
    reason: 'InternalError',
    message: `Internal error occurred: Get "${protocol}//${host}:${port}${path}": ${text}`,
    details: { causes: [{ message: text }] },
  });
}
