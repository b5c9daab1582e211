import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import descriptors from './kms/kms-v2.json' with { type: 'json' };

type Call = ServerUnaryCall<any, any>;

/** A KMS plugin on a unix socket of its own; its keys are derived from their ids. */
export class TestingKms {
  readonly #dir = mkdtempSync(join(tmpdir(), 'coxswain-kms-'));
  #server: Server | undefined;
  /** With which it encrypts. */
  keyId = 'key-1';
  healthz = 'ok';
  readonly calls = { status: 0, encrypt: 0, decrypt: 0 };

  get endpoint(): string {
    return `unix://${join(this.#dir, 'kms.sock')}`;
  }

  static async start(): Promise<TestingKms> {
    const kms = new TestingKms();
    await kms.restart();
    return kms;
  }

  async restart(): Promise<void> {
    const { v2 } = loadPackageDefinition(
      fromJSON(descriptors as Parameters<typeof fromJSON>[0], { defaults: true }),
    ) as unknown as { v2: { KeyManagementService: { service: ServiceDefinition } } };
    const server = new Server();
    server.addService(v2.KeyManagementService.service, {
      Status: (_call: Call, done: sendUnaryData<object>) => {
        this.calls.status++;
        done(null, { version: 'v2', healthz: this.healthz, keyId: this.keyId });
      },
      Encrypt: (call: Call, done: sendUnaryData<object>) => {
        this.calls.encrypt++;
        const iv = randomBytes(16);
        const cipher = createCipheriv('aes-256-cbc', keyOf(this.keyId), iv);
        const ciphertext = Buffer.concat([iv, cipher.update(call.request.plaintext), cipher.final()]);
        const annotations = { 'iv.kms.example': iv };
        done(null, { ciphertext, keyId: this.keyId, annotations });
      },
      Decrypt: (call: Call, done: sendUnaryData<object>) => {
        this.calls.decrypt++;
        const { ciphertext, keyId } = call.request;
        const decipher = createDecipheriv('aes-256-cbc', keyOf(keyId), ciphertext.subarray(0, 16));
        const plaintext = Buffer.concat([decipher.update(ciphertext.subarray(16)), decipher.final()]);
        done(null, { plaintext });
      },
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(`unix:${join(this.#dir, 'kms.sock')}`, ServerCredentials.createInsecure(), (error) =>
        error === null ? resolve() : reject(error),
      );
    });
  }

  /** Nobody answers until it is started again. */
  halt(): void {
    this.#server?.forceShutdown();
  }

  close(): void {
    this.halt();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

function keyOf(keyId: string): Buffer {
  return createHash('sha256').update(keyId).digest();
}
