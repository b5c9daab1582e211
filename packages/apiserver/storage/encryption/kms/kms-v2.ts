import { createHash, randomUUID } from 'node:crypto';
import { type Clock, goQuote, type Logger, type Timer } from '@coxswain/machinery';
import { aggregate } from '../../../config-file/config-file-error.ts';
import { sha256 } from '../../../config-file/hashes.ts';
import { TransformError, type ValueTransformer } from '../transformer.ts';
import { type DataKey, dataKey, seedSize } from './data-key.ts';
import {
  decodeEncryptedObject,
  dekSourceTypes,
  type EncryptedObject,
  encodeEncryptedObject,
  keyIdFault,
  secretFault,
} from './encrypted-object.ts';
import { KmsCallError } from './kms-call-error.ts';
import type { KmsMetrics } from './kms-metrics.ts';
import type { EncryptedSecret, KmsService, KmsStatus } from './kms-service.ts';
import { newSeed } from './new-seed.ts';

const versions: readonly string[] = ['v2', 'v2beta1'];
/** How often a plugin is asked for its key: when it was well, and when it was not. */
const wellIntervalMs = 60_000;
const unwellIntervalMs = 10_000;
/** With a plugin that fails, the seed at hand is written with no longer than this. */
const writeTtlMs = 180_000;
const knownKeysLimit = 1000;

/** The seed that values are written with. */
interface WriteState {
  readonly key: DataKey;
  readonly secret: EncryptedSecret;
  /** By the monotonic clock. */
  expires: number;
}

export interface KmsV2Options {
  /** Of the provider. */
  readonly name: string;
  readonly service: KmsService;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: KmsMetrics;
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
  readonly #metrics: KmsMetrics;
  /** Keys of secrets that the plugin decrypted or encrypted, by what they look like when stored. */
  readonly #known = new Map<string, DataKey>();
  /** Secrets that the plugin is decrypting. */
  readonly #asking = new Map<string, Promise<DataKey>>();
  #state: WriteState | undefined;
  #fault = 'the plugin was not asked yet';
  /** Of the interface, as the plugin told it first. */
  #version: string | undefined;
  #probing: Promise<void> | undefined;
  #timer: Timer | undefined;
  #closed = false;

  constructor({ name, service, clock, logger, metrics }: KmsV2Options) {
    this.prefix = `k8s:enc:kms:v2:${name}:`;
    this.#name = name;
    this.#service = service;
    this.#clock = clock;
    this.#logger = logger;
    this.#metrics = metrics;
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
    this.#fault = await this.#ask();
    if (this.#fault === '' && !wasWell) this.#logger.info('the KMS plugin is well', { name: this.#name });
    if (this.#fault !== '') {
      this.#logger.error('the KMS plugin is not well', { name: this.#name, error: this.#fault });
    }
  }

  /** Why the plugin is not well; '' when it is. */
  async #ask(): Promise<string> {
    let status: KmsStatus;
    try {
      status = await this.#service.status();
    } catch (error) {
      return `failed to perform status section of the healthz check for KMS Provider ${this.#name}, error: ${(error as Error).message}`;
    }
    const faults = [...this.#statusFaults(status), ...(await this.#takeUp(status.keyId))];
    return faults.length === 0
      ? ''
      : `kmsv2 Provider ${this.#name} is not healthy, error: ${aggregate(faults)}`;
  }

  #statusFaults({ healthz, version }: KmsStatus): readonly string[] {
    const faults = healthz === 'ok' ? [] : [`got unexpected healthz status: ${healthz}`];
    if (!versions.includes(version)) return [...faults, `expected KMSv2 API version v2, got ${version}`];
    this.#version ??= version;
    if (version === this.#version) return faults;
    const text = `KMSv2 API version should not change after the initial status response version ${this.#version}, got ${version}`;
    return [...faults, text];
  }

  /** Takes up the key that the plugin works with, also where it is not well otherwise. */
  async #takeUp(keyId: string): Promise<readonly string[]> {
    const fault = keyIdFault(keyId);
    if (fault !== undefined) {
      this.#metrics.invalidKeyId(this.#name, keyId === '' ? 'empty' : 'too_long');
      return [`got invalid KMSv2 KeyID hash ${goQuote(hashOf(keyId))}: ${fault}`];
    }
    this.#metrics.told(this.#name, keyId);
    try {
      await this.#rotate(keyId);
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  }

  async #rotate(keyId: string): Promise<void> {
    const expires = this.#clock.monotonic() + writeTtlMs;
    if (this.#state?.secret.keyId === keyId) {
      this.#state.expires = expires;
      return;
    }
    const uid = randomUUID();
    const seed = newSeed(seedSize);
    let secret: EncryptedSecret | undefined;
    let fault = '<nil>';
    try {
      secret = await this.#encryptSeed(seed, uid);
    } catch (error) {
      fault = (error as Error).message;
    }
    if (secret === undefined || secret.keyId !== keyId) {
      throw new Error(this.#rotationText(uid, fault, keyId, secret?.keyId ?? ''));
    }
    const key = dataKey(seed, dekSourceTypes.seed);
    this.#remember(secret, dekSourceTypes.seed, key);
    this.#state = { key, secret, expires };
  }

  async #encryptSeed(seed: Uint8Array, uid: string): Promise<EncryptedSecret> {
    let secret: EncryptedSecret;
    try {
      secret = await this.#service.encrypt(seed, uid);
    } catch (cause) {
      throw new Error(`failed to encrypt DEK, error: ${(cause as Error).message}`, { cause });
    }
    const { ciphertext: encryptedDekSource, keyId, annotations } = secret;
    const fault = secretFault({ encryptedDekSource, keyId, annotations });
    if (fault !== undefined) throw new Error(fault);
    return secret;
  }

  #rotationText(uid: string, fault: string, statusKeyId: string, encryptKeyId: string): string {
    const state = this.#state;
    const errState = state === undefined ? 'got unexpected nil transformer' : '<nil>';
    const expires = state === undefined ? '0001-01-01T00:00:00Z' : this.#timeText(state.expires);
    const hashes = { status: statusKeyId, encrypt: encryptKeyId, state: state?.secret.keyId ?? '' };
    const shown = Object.entries(hashes).map(([of, id]) => `${of}KeyIDHash=${goQuote(hashOf(id))}`);
    return `failed to rotate DEK uid=${goQuote(uid)}, useSeed=true, errState=${errState}, errGen=${fault}, ${shown.join(', ')}, expirationTimestamp=${expires}`;
  }

  /** A time of the monotonic clock as RFC 3339 has it, without fractions. */
  #timeText(monotonic: number): string {
    const ms = this.#clock.now() + monotonic - this.#clock.monotonic();
    return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
  }

  encrypt(value: Uint8Array, authenticated: string): Uint8Array | Promise<Uint8Array> {
    if (this.#state !== undefined) return this.#seal(this.#state, value, authenticated);
    return this.probe().then(() => {
      if (this.#state === undefined) throw new Error(this.#fault);
      return this.#seal(this.#state, value, authenticated);
    });
  }

  #seal({ key, secret, expires }: WriteState, value: Uint8Array, authenticated: string): Uint8Array {
    const now = this.#clock.monotonic();
    if (now > expires) {
      throw new Error(
        `encryptedDEKSource with keyID hash ${goQuote(hashOf(secret.keyId))} expired at ${this.#timeText(expires)} (current time is ${this.#timeText(now)})`,
      );
    }
    this.#metrics.used('to_storage', this.#name, secret.keyId);
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
    if (known !== undefined) return this.#open(known, object, authenticated);
    let asking = this.#asking.get(name);
    if (asking === undefined) {
      this.#metrics.cacheMissed();
      asking = this.#decryptSeed(object).finally(() => this.#asking.delete(name));
      this.#asking.set(name, asking);
    }
    return asking.then((key) => this.#open(key, object, authenticated));
  }

  #open(key: DataKey, { encryptedData, keyId }: EncryptedObject, authenticated: string): Uint8Array {
    this.#metrics.used('from_storage', this.#name, keyId);
    return key.open(encryptedData, authenticated);
  }

  async #decryptSeed(object: EncryptedObject): Promise<DataKey> {
    const { dekSourceType } = object;
    const secret = secretOf(object);
    let seed: Uint8Array;
    try {
      seed = await this.#service.decrypt(secret, randomUUID());
    } catch (cause) {
      const text = `failed to decrypt DEK, error: ${(cause as Error).message}`;
      // Whoever waits for a plugin that is gone for the moment is answered when it is back.
      if (cause instanceof KmsCallError && !cause.passes) throw new TransformError(text, { cause });
      throw new Error(text, { cause });
    }
    const key = dataKey(seed, dekSourceType);
    this.#remember(secret, dekSourceType, key);
    return key;
  }

  async isStale(data: Uint8Array): Promise<boolean> {
    const { keyId, dekSourceType } = decodeEncryptedObject(data);
    return keyId !== this.#state?.secret.keyId || dekSourceType !== dekSourceTypes.seed;
  }

  #remember(secret: EncryptedSecret, dekSourceType: number, key: DataKey): void {
    if (this.#known.size >= knownKeysLimit) {
      const [oldest] = this.#known.keys();
      this.#known.delete(oldest as string);
    }
    this.#known.set(cacheKey(secret, dekSourceType), key);
    this.#metrics.cacheHolds(this.#name, this.#known.size);
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

/** Key ids may tell too much for a log. */
function hashOf(keyId: string): string {
  return keyId === '' ? '' : sha256(keyId);
}
