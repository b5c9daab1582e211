import type { Clock } from '@coxswain/machinery';
import { credentials, loadPackageDefinition, type ServiceError } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { grpcCodeName, KmsCallError } from './kms-call-error.ts';
import type { KmsMetrics } from './kms-metrics.ts';
import type { EncryptedSecret, KmsService, KmsStatus } from './kms-service.ts';
import descriptors from './kms-v2.json' with { type: 'json' };

type Method = (
  request: object,
  options: { readonly deadline: number },
  done: (error: ServiceError | null, reply: unknown) => void,
) => void;

interface Stub {
  readonly status: Method;
  readonly encrypt: Method;
  readonly decrypt: Method;
  close(): void;
}

/** Where a plugin is and how long it may take. */
export interface KmsPluginOptions {
  /** Of the provider, in metrics. */
  readonly name: string;
  /** Such as `unix:///run/kms.sock`, or `unix://@abstract`. */
  readonly endpoint: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly metrics: KmsMetrics;
}

/** A KMS plugin behind a unix socket, version 2 of its interface. */
export class KmsPlugin implements KmsService {
  readonly #stub: Stub;
  readonly #options: KmsPluginOptions;

  constructor(options: KmsPluginOptions) {
    this.#options = options;
    const root = loadPackageDefinition(
      fromJSON(descriptors as Parameters<typeof fromJSON>[0], { defaults: true }),
    ) as unknown as {
      readonly v2: { readonly KeyManagementService: new (...args: unknown[]) => Stub };
    };
    this.#stub = new root.v2.KeyManagementService(target(options.endpoint), credentials.createInsecure(), {
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 1_000,
    });
  }

  status(): Promise<KmsStatus> {
    return this.#call<KmsStatus>('status', {});
  }

  encrypt(plaintext: Uint8Array, uid: string): Promise<EncryptedSecret> {
    return this.#call<EncryptedSecret>('encrypt', { plaintext, uid });
  }

  async decrypt(secret: EncryptedSecret, uid: string): Promise<Uint8Array> {
    const { plaintext } = await this.#call<{ plaintext: Uint8Array }>('decrypt', { ...secret, uid });
    return plaintext;
  }

  close(): void {
    this.#stub.close();
  }

  /** @throws KmsCallError */
  #call<T>(method: keyof typeof methods, request: object): Promise<T> {
    const { name, timeoutMs, clock, metrics } = this.#options;
    const began = clock.monotonic();
    return new Promise((resolve, reject) => {
      this.#stub[method](request, { deadline: clock.now() + timeoutMs }, (error, reply) => {
        metrics.called(name, methods[method], grpcCodeName(error?.code ?? 0), clock.monotonic() - began);
        if (error === null) resolve(reply as T);
        else reject(new KmsCallError(error.code, error.details, { cause: error }));
      });
    });
  }
}

/** Full names, as metrics have them. */
const methods = {
  status: '/v2.KeyManagementService/Status',
  encrypt: '/v2.KeyManagementService/Encrypt',
  decrypt: '/v2.KeyManagementService/Decrypt',
} as const;

/** The endpoint as gRPC names it. */
function target(endpoint: string): string {
  const path = endpoint.slice('unix://'.length);
  return path.startsWith('@') ? `unix-abstract:${path.slice(1)}` : `unix:${path}`;
}
