import type { Clock } from '@coxswain/machinery';
import { status as codes, credentials, loadPackageDefinition, type ServiceError } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { TransformError } from '../transformer.ts';
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

/** Faults that another attempt may not meet. */
const passing: ReadonlySet<number> = new Set([
  codes.UNAVAILABLE,
  codes.DEADLINE_EXCEEDED,
  codes.RESOURCE_EXHAUSTED,
  codes.ABORTED,
  codes.CANCELLED,
]);

/** A KMS plugin behind a unix socket, version 2 of its interface. */
export class KmsPlugin implements KmsService {
  readonly #stub: Stub;
  readonly #clock: Clock;
  readonly #timeoutMs: number;

  /** @param endpoint such as `unix:///run/kms.sock`, or `unix://@abstract` */
  constructor(endpoint: string, timeoutMs: number, clock: Clock) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    const root = loadPackageDefinition(
      fromJSON(descriptors as Parameters<typeof fromJSON>[0], { defaults: true }),
    ) as unknown as {
      readonly v2: { readonly KeyManagementService: new (...args: unknown[]) => Stub };
    };
    this.#stub = new root.v2.KeyManagementService(target(endpoint), credentials.createInsecure(), {
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
    try {
      const { plaintext } = await this.#call<{ plaintext: Uint8Array }>('decrypt', { ...secret, uid });
      return plaintext;
    } catch (error) {
      const { code } = (error as Error).cause as ServiceError;
      if (passing.has(code)) throw error;
      throw new TransformError(`failed to decrypt DEK, error: ${(error as Error).message}`, { cause: error });
    }
  }

  close(): void {
    this.#stub.close();
  }

  #call<T>(method: 'status' | 'encrypt' | 'decrypt', request: object): Promise<T> {
    return new Promise((resolve, reject) => {
      const deadline = this.#clock.now() + this.#timeoutMs;
      this.#stub[method](request, { deadline }, (error, reply) => {
        if (error === null) resolve(reply as T);
        else reject(new Error(`rpc error: ${error.message}`, { cause: error }));
      });
    });
  }
}

/** The endpoint as gRPC names it. */
function target(endpoint: string): string {
  const path = endpoint.slice('unix://'.length);
  return path.startsWith('@') ? `unix-abstract:${path.slice(1)}` : `unix:${path}`;
}
