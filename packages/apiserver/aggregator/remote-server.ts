import type { IncomingMessage } from 'node:http';
import { Agent, type AgentOptions } from 'node:https';
import type { Socket } from 'node:net';
import { type HttpTransport, httpTransport, type Transport } from '@coxswain/client';
import { newGenericServerResponse } from '@coxswain/machinery';
import type { ObjectReader, UserInfo } from '../access/contract.ts';
import { askBackend, type BackendTls } from '../http/connect/backend.ts';
import type { Location } from '../http/connect/connector.ts';
import { goVerification } from '../http/go-fault.ts';
import { type ApiService, isAvailable, referenceOf, type ServiceReference } from './api-service.ts';
import { identityHeaders } from './identity-headers.ts';
import { type Routing, resolveService, type Target } from './resolve-service.ts';

/** What is the same for all servers behind this one. */
export interface RemoteSettings {
  readonly reader: ObjectReader;
  readonly routing: Routing;
  /** Gives the certificate by which they know this server, PEM; absent: it shows none. */
  readonly proxyClient?: () => { readonly cert: string; readonly key: string };
  /** A number from 0 to below 1. */
  readonly random: () => number;
}

/** How much a connection trusts: as the APIService says, or anything, where only availability is in question. */
type Trust = 'verified' | 'anything';

/** Transports of users of this process that are kept; the oldest goes first. There are some 50 such users. */
const transportsKept = 200;

const unnamed = { method: '', group: '', resource: '', name: '' } as const;

/** The server of one version of an API, as its APIService names it. */
export class RemoteServer {
  readonly #settings: RemoteSettings;
  readonly #reference: ServiceReference;
  #tls: Readonly<Record<Trust, BackendTls>>;
  readonly #transports = new Map<string, HttpTransport>();
  #targets: readonly Target[] | undefined;
  #service: ApiService;

  constructor(service: ApiService, settings: RemoteSettings) {
    this.#service = service;
    this.#settings = settings;
    this.#reference = referenceOf(service) as ServiceReference;
    this.#tls = this.#agents();
  }

  /** The APIService as it is now. */
  get service(): ApiService {
    return this.#service;
  }

  get name(): string {
    return this.#service.metadata.name as string;
  }

  get group(): string {
    return this.#service.spec.group ?? '';
  }

  get version(): string {
    return this.#service.spec.version;
  }

  get reference(): ServiceReference {
    return this.#reference;
  }

  get available(): boolean {
    return isAvailable(this.#service);
  }

  /** Takes a newer state of the APIService, unless it names another server or trusts another certificate. */
  take(service: ApiService): boolean {
    const before = this.#service.spec;
    const after = service.spec;
    const same =
      JSON.stringify(referenceOf(service)) === JSON.stringify(this.#reference) &&
      (before.caBundle ?? '') === (after.caBundle ?? '') &&
      before.insecureSkipTLSVerify === after.insecureSkipTLSVerify;
    if (same) this.#service = service;
    return same;
  }

  /** The service or its endpoints have changed. */
  forgetTargets(): void {
    this.#targets = undefined;
  }

  /** Where a request goes. @throws Error in upstream's words when the service leads nowhere */
  locate(path: string, trust: Trust = 'verified'): Location {
    return { protocol: 'https:', ...this.#target(), path, kubelet: false, tls: this.#tls[trust] };
  }

  /** Asks in a user's name; gives the answer, whatever its code. */
  ask(
    location: Location,
    user: UserInfo,
    headers: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<IncomingMessage> {
    return askBackend(
      location,
      {},
      {
        method: 'GET',
        headers: { ...headers, ...identityHeaders(user) },
        send: (outgoing) => {
          const onAbort = (): void => void outgoing.destroy(signal?.reason);
          signal?.addEventListener('abort', onAbort, { once: true });
          outgoing.once('close', () => signal?.removeEventListener('abort', onAbort));
          outgoing.end();
        },
      },
    );
  }

  /**
   * A client's transport that acts as a user of this process.
   * @throws {StatusError} 503 where the server is away
   */
  clientFor(user: UserInfo): Transport {
    const { host, port } = this.#availableTarget();
    const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
    const key = `${server} ${JSON.stringify(user)}`;
    let transport = this.#transports.get(key);
    if (transport === undefined) {
      const { ca, cert, key: clientKey, rejectUnauthorized, servername } = this.#verified();
      transport = httpTransport({
        server,
        ...(ca === undefined ? {} : { ca: ca as string }),
        ...(cert === undefined ? {} : { cert: cert as string, key: clientKey as string }),
        insecureSkipTlsVerify: rejectUnauthorized === false,
        tlsServerName: servername as string,
        headers: identityHeaders(user),
      });
      const [oldest] = this.#transports.keys();
      if (this.#transports.size >= transportsKept && oldest !== undefined) {
        this.#transports.get(oldest)?.close();
        this.#transports.delete(oldest);
      }
      this.#transports.set(key, transport);
    }
    return transport;
  }

  /** This server shows itself with another certificate: later requests go over new connections. */
  renew(): void {
    this.retire();
    this.#tls = this.#agents();
  }

  /** Another one takes its place: what is under way may end, and then its connections go. */
  retire(): void {
    for (const { agent } of Object.values(this.#tls)) closeWhenFree(agent);
    this.#forgetTransports();
  }

  /** Breaks all connections. */
  close(): void {
    for (const { agent } of Object.values(this.#tls)) agent.destroy();
    this.#forgetTransports();
  }

  #forgetTransports(): void {
    for (const transport of this.#transports.values()) transport.close();
    this.#transports.clear();
  }

  #availableTarget(): Target {
    if (this.available) {
      try {
        return this.#target();
      } catch {
        // As over the wire, why is in the APIService's condition alone.
      }
    }
    throw newGenericServerResponse(503, 'service unavailable', unnamed, { unexpected: true });
  }

  #target(): Target {
    this.#targets ??= resolveService(this.#settings.reader, this.#reference, this.#settings.routing);
    const targets = this.#targets;
    const at = targets.length === 1 ? 0 : Math.floor(this.#settings.random() * targets.length);
    return targets[at] as Target;
  }

  /** How many different places a check may come to. */
  get places(): number {
    this.#targets ??= resolveService(this.#settings.reader, this.#reference, this.#settings.routing);
    return this.#targets.length;
  }

  #agents(): Readonly<Record<Trust, BackendTls>> {
    return {
      verified: withAgent(this.#verified()),
      anything: withAgent({ ...this.#client(), rejectUnauthorized: false }),
    };
  }

  #client(): AgentOptions {
    const { proxyClient } = this.#settings;
    const { name, namespace } = this.#reference;
    return {
      servername: `${name}.${namespace}.svc`,
      ...proxyClient?.(),
    };
  }

  #verified(): AgentOptions {
    const { caBundle, insecureSkipTLSVerify } = this.#service.spec;
    const ca = Buffer.from(caBundle ?? '', 'base64').toString('utf8');
    return {
      ...this.#client(),
      ...goVerification,
      ...(ca === '' ? {} : { ca }),
      ...(insecureSkipTLSVerify === true ? { rejectUnauthorized: false } : {}),
    };
  }
}

function closeWhenFree(agent: Agent): void {
  agent.on('free', (socket: Socket) => socket.destroy());
  for (const waiting of Object.values(agent.freeSockets))
    for (const socket of waiting ?? []) socket.destroy();
}

function withAgent(options: AgentOptions): BackendTls {
  return { agent: new Agent({ keepAlive: true, ...options }), options: options as BackendTls['options'] };
}
