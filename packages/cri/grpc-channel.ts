import type { Clock } from '@coxswain/machinery';
import {
  type ClientReadableStream,
  type ClientUnaryCall,
  credentials,
  loadPackageDefinition,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { codeName, RuntimeError } from './runtime-error.ts';

type Unary = (
  request: unknown,
  metadata: Metadata,
  options: { deadline?: number },
  done: (error: ServiceError | null, reply: any) => void,
) => ClientUnaryCall;

/** A gRPC service on a unix socket, called by method name. */
export class GrpcService {
  readonly #client: Record<string, unknown> & { close(): void };
  readonly #clock: Clock;

  /** @param service full name, such as `runtime.v1.ImageService` */
  constructor(descriptors: object, service: string, socket: string, clock: Clock) {
    this.#clock = clock;
    const root = loadPackageDefinition(
      // 64-bit numbers become JS numbers: times lose some hundred nanoseconds, sizes lose nothing.
      fromJSON(descriptors as Parameters<typeof fromJSON>[0], {
        longs: Number,
        enums: String,
        defaults: true,
      }),
    );
    const Service = service.split('.').reduce<any>((node, part) => node[part], root);
    this.#client = new Service(`unix:${socket}`, credentials.createInsecure(), {
      'grpc.max_receive_message_length': 32 << 20,
      // A runtime that restarts is back in a second: do not wait longer than that to find out.
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 1000,
    });
  }

  /** Rejects with `RuntimeError`. `timeoutMs` 0 means none. */
  call(
    method: string,
    request: object,
    timeoutMs: number,
    signal?: AbortSignal,
    metadata: Readonly<Record<string, string>> = {},
  ): Promise<any> {
    return new Promise((resolve, reject) => {
      const unary = this.#client[method] as Unary;
      const options = timeoutMs > 0 ? { deadline: this.#clock.now() + timeoutMs } : {};
      const abort = (): void => call.cancel();
      const call = unary.call(this.#client, request, headersOf(metadata), options, (error, reply) => {
        signal?.removeEventListener('abort', abort);
        if (error) reject(toRuntimeError(error));
        else resolve(reply);
      });
      if (signal?.aborted) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Resolves when the signal aborts or the server ends the stream; rejects with `RuntimeError`. */
  stream(
    method: string,
    request: object,
    metadata: Readonly<Record<string, string>>,
    handlers: { readonly onData: (message: any) => void; readonly onOpen: () => void },
    signal: AbortSignal,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const headers = headersOf(metadata);
      const open = this.#client[method] as (
        request: object,
        metadata: Metadata,
      ) => ClientReadableStream<unknown>;
      const stream = open.call(this.#client, request, headers);
      const abort = (): void => stream.cancel();
      const finish = (error?: unknown): void => {
        signal.removeEventListener('abort', abort);
        if (error === undefined || signal.aborted) resolve();
        else reject(error);
      };
      stream.on('metadata', handlers.onOpen);
      stream.on('data', handlers.onData);
      stream.on('error', (error) => finish(toRuntimeError(error as ServiceError)));
      stream.on('end', () => finish());
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort, { once: true });
    });
  }

  close(): void {
    this.#client.close();
  }
}

function headersOf(metadata: Readonly<Record<string, string>>): Metadata {
  const headers = new Metadata();
  for (const [key, value] of Object.entries(metadata)) headers.set(key, value);
  return headers;
}

function toRuntimeError(error: ServiceError): RuntimeError {
  return new RuntimeError(codeName(error.code), error.details ?? error.message, { cause: error });
}
