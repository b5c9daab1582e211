import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import { type Clock, systemClock } from '@coxswain/machinery';
import {
  type ChannelCredentials,
  type ClientDuplexStream,
  credentials,
  loadPackageDefinition,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { EtcdError, fromServiceError } from './etcd-error.ts';
import descriptors from './etcd-v3.json' with { type: 'json' };
import { callCounts } from './grpc-metrics.ts';

/** How etcd is reached. */
export interface EtcdEndpoints {
  /** `http://HOST:PORT` or `https://HOST:PORT`; the first that answers is used. */
  readonly servers: readonly string[];
  /** PEM of the CAs of etcd's certificates; the system's when absent. */
  readonly ca?: string;
  /** PEM of the client certificate and its key. */
  readonly cert?: string;
  readonly key?: string;
  /** Default: the machine's. Deadlines are wall time, so a clock that stands still does not do. */
  readonly clock?: Clock;
  /** How long a call waits for an answer at most, in milliseconds. Default: as long as a request of the API. */
  readonly callPatienceMs?: number;
}

type Service = 'KV' | 'Watch' | 'Lease' | 'Maintenance';
type Stub = Record<string, (...args: any[]) => any> & { close(): void };

/** A stream of watch requests and responses. */
export type WatchCall = ClientDuplexStream<object, any>;

/** A request that was sent. */
interface Call {
  cancel(): void;
}

interface Endpoint {
  readonly url: string;
  readonly stubs: Readonly<Record<Service, Stub>>;
}

/** What one attempt may take where others can be asked; a member without quorum answers after 5 to 7 s by itself. */
const attemptMs = 7_500;
/** How long calls are tried on all endpoints: a little longer than the minute a request of the API may take. */
const patienceMs = 65_000;
/** The same for writes, which are not to be done when nobody waits for them any more: 34 s, as upstream's requests. */
const writePatienceMs = 34_000;
/** An attempt is not given up sooner for a patience that is short. */
const shortestAttemptMs = 5_000;
const firstDelayMs = 25;
const longestDelayMs = 500;

const options = {
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
  // As kube-apiserver's client: a dead peer is found out after 30 s + 10 s.
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
  // etcd is back in a second or another endpoint is asked: do not wait longer to find out.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
};

/** Calls to etcd, whichever endpoint answers. */
export class EtcdChannel {
  readonly #endpoints: readonly Endpoint[];
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  readonly #running = new Set<Call>();
  readonly #patienceMs: number;
  readonly #attemptMs: number;
  #current = 0;

  constructor(at: EtcdEndpoints) {
    this.#clock = at.clock ?? systemClock;
    this.#patienceMs = at.callPatienceMs ?? patienceMs;
    this.#attemptMs = at.servers.length > 1 ? Math.min(attemptMs, this.#patienceMs) : this.#patienceMs;
    if (at.servers.length === 0) throw new RangeError('connect to etcd: no server is named');
    const root = loadPackageDefinition(
      // Revisions are counted from 1: they fit a JS number for some hundred thousand years.
      fromJSON(descriptors as Parameters<typeof fromJSON>[0], {
        longs: Number,
        enums: String,
        defaults: true,
        oneofs: false,
      }),
    )['etcdserverpb'] as unknown as Record<Service, new (...args: unknown[]) => Stub>;
    this.#endpoints = at.servers.map((url) => {
      const { address, host, secure } = addressOf(url);
      const stub = (service: Service): Stub =>
        new root[service](address, credentialsOf(at, secure, host), { ...options, ...serverName(host) });
      return {
        url,
        stubs: {
          KV: stub('KV'),
          Watch: stub('Watch'),
          Lease: stub('Lease'),
          Maintenance: stub('Maintenance'),
        },
      };
    });
  }

  /**
   * Asks one member after the other until one answers, as long as a request may take. A write that may have reached
   * a member is not sent again: it rejects with an `EtcdError` whose `maybeSent` is true.
   * @param repeatable the request may be sent twice
   * @param patienceMs how long it is tried, where that is not as long as any other
   */
  async call(
    service: Service,
    method: string,
    request: object,
    repeatable: boolean,
    revision = 0,
    patienceMs = repeatable ? this.#patienceMs : Math.min(this.#patienceMs, writePatienceMs),
  ): Promise<any> {
    const attemptMs = Math.min(this.#attemptMs, Math.max(patienceMs, shortestAttemptMs));
    const until = this.#clock.monotonic() + patienceMs;
    let tried = 0;
    for (let delay = firstDelayMs; ; delay = Math.min(delay * 2, longestDelayMs)) {
      const endpoint = this.endpoint;
      tried++;
      try {
        return await this.#once(endpoint, service, method, request, revision, attemptMs);
      } catch (error) {
        if (!(error instanceof EtcdError) || !error.passing) throw error;
        this.#leave(endpoint);
        if (error.maybeSent && !repeatable) throw error;
        if (this.#closing.signal.aborted) throw error;
        // One that hangs uses up all patience: the others are asked nevertheless.
        if (tried >= this.#endpoints.length && this.#clock.monotonic() + delay > until) throw error;
      }
      await this.#clock.sleep(delay, this.#closing.signal).catch(() => undefined);
    }
  }

  /** Opens a stream for a watch on the present endpoint. It fails when the member loses its leader. */
  openWatch(): { readonly call: WatchCall; readonly endpoint: string; failed(): void } {
    const endpoint = this.endpoint;
    const metadata = new Metadata();
    metadata.set('hasleader', 'true');
    const call = endpoint.stubs.Watch['Watch']!(metadata) as WatchCall;
    countStream(call);
    return { call, endpoint: endpoint.url, failed: () => this.#leave(endpoint) };
  }

  close(): void {
    this.#closing.abort();
    for (const call of this.#running) call.cancel();
    for (const { stubs } of this.#endpoints) for (const stub of Object.values(stubs)) stub.close();
  }

  get endpoint(): Endpoint {
    return this.#endpoints[this.#current] as Endpoint;
  }

  /** The next call goes to the next endpoint, unless another call has already moved on. */
  #leave(endpoint: Endpoint): void {
    if (this.endpoint === endpoint) this.#current = (this.#current + 1) % this.#endpoints.length;
  }

  #once(
    endpoint: Endpoint,
    service: Service,
    method: string,
    request: object,
    revision: number,
    attemptMs: number,
  ): Promise<any> {
    const counts = callCounts('unary', service, method);
    counts.started.value++;
    counts.sent.value++;
    return new Promise((resolve, reject) => {
      const call: Call = endpoint.stubs[service][method]!(
        request,
        new Metadata(),
        { deadline: this.#clock.now() + attemptMs },
        (error: ServiceError | null, reply: unknown) => {
          this.#running.delete(call);
          counts.handled(error?.code ?? status.OK);
          if (error === null) counts.received.value++;
          if (error) reject(fromServiceError(error, endpoint.url, revision));
          else resolve(reply);
        },
      );
      this.#running.add(call);
    });
  }
}

function countStream(call: WatchCall): void {
  const counts = callCounts('bidi_stream', 'Watch', 'Watch');
  counts.started.value++;
  const write = call.write.bind(call);
  call.write = (...message: Parameters<WatchCall['write']>) => {
    counts.sent.value++;
    return write(...message);
  };
  call.on('data', () => counts.received.value++);
  call.on('status', ({ code }) => counts.handled(code));
}

function credentialsOf(at: EtcdEndpoints, secure: boolean, host: string): ChannelCredentials {
  if (!secure) return credentials.createInsecure();
  const bytes = (pem: string | undefined): Buffer | null => (pem === undefined ? null : Buffer.from(pem));
  return credentials.createSsl(bytes(at.ca), bytes(at.key), bytes(at.cert), {
    checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate),
  });
}

/** TLS has no addresses for names: where one is given, any name stands in and the certificate is checked for it. */
function serverName(host: string): Readonly<Record<string, string>> {
  return isIP(host) === 0 ? {} : { 'grpc.ssl_target_name_override': 'etcd' };
}

function addressOf(url: string): {
  readonly address: string;
  readonly host: string;
  readonly secure: boolean;
} {
  const match = /^(https?):\/\/(\[[^\]]+\]|[^/:]+)(?::(\d+))?\/?$/.exec(url);
  if (match === null) throw new RangeError(`connect to etcd: "${url}" is not of the form https://HOST:PORT`);
  const [, scheme, host = '', port = '2379'] = match;
  return { address: `${host}:${port}`, host: host.replace(/^\[|\]$/g, ''), secure: scheme === 'https' };
}
