import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Clock, Logger, Timer } from '@coxswain/machinery';
import { TransformError, type ValueTransformer } from '../transformer.ts';
import { type DataKey, dataKey, seedSize } from './data-key.ts';
import {
  decodeEncryptedObject,
  dekSourceTypes,
  type EncryptedObject,
  encodeEncryptedObject,
} from './encrypted-object.ts';
import type { EncryptedSecret, KmsService, KmsStatus } from './kms-service.ts';

const versions: readonly string[] = ['v2', 'v2beta1'];
/** How often a plugin is asked for its key: when it was well, and when it was not. */
const wellIntervalMs = 60_000;
const unwellIntervalMs = 10_000;
/** With a plugin that fails, the seed at hand is written with no longer than this. */
const writeTtlMs = 180_000;
const longestKeyId = 1024;
const knownKeysLimit = 1000;

/** The seed that values are written with. */
interface WriteState {
  readonly key: DataKey;
  readonly secret: EncryptedSecret;
  /** By the monotonic clock. */
  expires: number;
}

/**
 * Provider `kms` of version 2: values are encrypted by keys derived from a seed that the plugin encrypts once. The
 * plugin is asked again when it changes its key, and for seeds that were not seen yet.
 */
export class KmsV2 implements ValueTransformer {
  readonly prefix: string;
  readonly remote = true;
  readonly #name: string;
  readonly #service: KmsService;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** Keys of secrets that the plugin decrypted or encrypted, by what they look like when stored. */
  readonly #known = new Map<string, DataKey>();
  /** Secrets that the plugin is decrypting. */
  readonly #asking = new Map<string, Promise<DataKey>>();
  #state: WriteState | undefined;
  #fault = 'the plugin was not asked yet';
  #probing: Promise<void> | undefined;
  #timer: Timer | undefined;
  #closed = false;

  constructor(name: string, service: KmsService, clock: Clock, logger: Logger) {
    this.prefix = `k8s:enc:kms:v2:${name}:`;
    this.#name = name;
    this.#service = service;
    this.#clock = clock;
    this.#logger = logger;
  }

  get label(): string {
    return this.#labelFor(this.#state?.secret.keyId ?? '', dekSourceTypes.seed);
  }

  /** Asks the plugin how it is and takes up its key; again and again until closed. */
  async start(): Promise<void> {
    await this.probe();
    if (this.#closed) return;
    const interval = this.#fault === '' ? wellIntervalMs : unwellIntervalMs;
    this.#timer = this.#clock.after(interval, () => void this.start());
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#service.close();
  }

  /** Why the plugin is not well; undefined when it is. */
  async check(): Promise<string | undefined> {
    await this.probe();
    return this.#fault === '' ? undefined : this.#fault;
  }

  /** Never rejects. */
  probe(): Promise<void> {
    this.#probing ??= this.#probe().finally(() => {
      this.#probing = undefined;
    });
    return this.#probing;
  }

  async #probe(): Promise<void> {
    const wasWell = this.#fault === '';
    try {
      const status = await this.#service.status();
      checkStatus(status);
      await this.#rotate(status.keyId);
      this.#fault = '';
      if (!wasWell) this.#logger.info('the KMS plugin is well', { name: this.#name });
    } catch (error) {
      this.#fault = `failed to perform status section of the healthz check for KMS Provider ${this.#name}, error: ${(error as Error).message}`;
      this.#logger.error('the KMS plugin is not well', { name: this.#name, error: String(error) });
    }
  }

  async #rotate(keyId: string): Promise<void> {
    const expires = this.#clock.monotonic() + writeTtlMs;
    if (this.#state?.secret.keyId === keyId) {
      this.#state.expires = expires;
      return;
    }
    const seed = randomBytes(seedSize);
    const secret = await this.#service.encrypt(seed, randomUUID());
    checkKeyId(secret.keyId);
    if (secret.keyId !== keyId) {
      throw new Error(
        `failed to rotate DEK: statusKeyIDHash=${hashOf(keyId)}, encryptKeyIDHash=${hashOf(secret.keyId)}`,
      );
    }
    const key = dataKey(seed, dekSourceTypes.seed);
    this.#remember(secret, dekSourceTypes.seed, key);
    this.#state = { key, secret, expires };
  }

  encrypt(value: Uint8Array, authenticated: string): Uint8Array | Promise<Uint8Array> {
    if (this.#state !== undefined) return this.#seal(this.#state, value, authenticated);
    return this.probe().then(() => {
      if (this.#state === undefined) throw new Error(this.#fault);
      return this.#seal(this.#state, value, authenticated);
    });
  }

  #seal({ key, secret, expires }: WriteState, value: Uint8Array, authenticated: string): Uint8Array {
    if (this.#clock.monotonic() >= expires) {
      throw new Error(`EDEK with keyID hash "${hashOf(secret.keyId)}" expired: ${this.#fault}`);
    }
    return encodeEncryptedObject({
      encryptedData: key.seal(value, authenticated),
      keyId: secret.keyId,
      encryptedDekSource: secret.ciphertext,
      annotations: secret.annotations,
      dekSourceType: dekSourceTypes.seed,
    });
  }

  decrypt(data: Uint8Array, authenticated: string): Uint8Array | Promise<Uint8Array> {
    const object = decodeEncryptedObject(data);
    const name = cacheKey(secretOf(object), object.dekSourceType);
    const known = this.#known.get(name);
    if (known !== undefined) return known.open(object.encryptedData, authenticated);
    let asking = this.#asking.get(name);
    if (asking === undefined) {
      asking = this.#ask(object).finally(() => this.#asking.delete(name));
      this.#asking.set(name, asking);
    }
    return asking.then((key) => key.open(object.encryptedData, authenticated));
  }

  async #ask(object: EncryptedObject): Promise<DataKey> {
    const { dekSourceType } = object;
    const secret = secretOf(object);
    const seed = await this.#service.decrypt(secret, randomUUID());
    const key = dataKey(seed, dekSourceType);
    this.#remember(secret, dekSourceType, key);
    return key;
  }

  labelOf(data: Uint8Array): string {
    try {
      const { keyId, dekSourceType } = decodeEncryptedObject(data);
      return this.#labelFor(keyId, dekSourceType);
    } catch (error) {
      if (error instanceof TransformError) return '';
      throw error;
    }
  }

  #labelFor(keyId: string, dekSourceType: number): string {
    return `${this.prefix}${dekSourceType}:${keyId}`;
  }

  #remember(secret: EncryptedSecret, dekSourceType: number, key: DataKey): void {
    if (this.#known.size >= knownKeysLimit) {
      const [oldest] = this.#known.keys();
      this.#known.delete(oldest as string);
    }
    this.#known.set(cacheKey(secret, dekSourceType), key);
  }
}

function secretOf(object: EncryptedObject): EncryptedSecret {
  const { encryptedDekSource, keyId, annotations } = object;
  return { ciphertext: encryptedDekSource, keyId, annotations };
}

/** Everything that the plugin may look at. */
function cacheKey({ ciphertext, keyId, annotations }: EncryptedSecret, dekSourceType: number): string {
  const hash = createHash('sha256');
  const add = (bytes: Uint8Array | string): void => {
    hash.update(`${Buffer.byteLength(bytes)}:`).update(bytes);
  };
  add(String(dekSourceType));
  add(ciphertext);
  add(keyId);
  for (const name of Object.keys(annotations).sort()) {
    add(name);
    add(annotations[name] as Uint8Array);
  }
  return hash.digest('base64');
}

function checkStatus({ healthz, version, keyId }: KmsStatus): void {
  if (healthz !== 'ok') throw new Error(`got unexpected healthz status: ${healthz}`);
  if (!versions.includes(version)) throw new Error(`expected KMSv2 API version v2, got ${version}`);
  checkKeyId(keyId);
}

function checkKeyId(keyId: string): void {
  if (keyId === '') throw new Error('expected KMSv2 KeyID to be set, got keyID is empty');
  if (Buffer.byteLength(keyId) > longestKeyId) {
    throw new Error(
      `expected KMSv2 KeyID to be set, got keyID is ${Buffer.byteLength(keyId)} bytes, which exceeds the max size of ${longestKeyId}`,
    );
  }
}

/** Key ids may tell too much for a log. */
function hashOf(keyId: string): string {
  return keyId === '' ? '' : `sha256:${createHash('sha256').update(keyId).digest('hex')}`;
}
