import type { Clock, GroupResource, Logger } from '@coxswain/machinery';
import { aggregate } from '../../config-file/config-file-error.ts';
import { AesCbc } from './aes-cbc.ts';
import { AesGcm } from './aes-gcm.ts';
import type { EncryptionConfig, KeysConfig, KmsConfig, ProviderConfig } from './config.ts';
import { identity } from './identity.ts';
import { KeyedProvider } from './keyed-provider.ts';
import type { KmsMetrics } from './kms/kms-metrics.ts';
import { KmsV2 } from './kms/kms-v2.ts';
import { ProviderChain } from './provider-chain.ts';
import { Secretbox } from './secretbox.ts';
import type { ValueTransformer } from './transformer.ts';

/** As upstream: twice the time that all plugins together may take. */
const graceFactor = 2;

/** What a configuration says: how values of each resource are stored. */
export class Encryption {
  readonly #chains: ReadonlyMap<string, ProviderChain>;
  readonly kms: readonly KmsV2[];
  /** So long those who began with it may go on with it after another one took its place. */
  readonly graceMs: number;

  private constructor(chains: ReadonlyMap<string, ProviderChain>, kms: readonly KmsV2[], graceMs: number) {
    this.#chains = chains;
    this.kms = kms;
    this.graceMs = graceMs;
  }

  /** Builds the providers; KMS plugins have been asked for their keys, whether or not they answered. */
  static async build(
    config: EncryptionConfig,
    clock: Clock,
    logger: Logger,
    metrics: KmsMetrics,
  ): Promise<Encryption> {
    const byResource = new Map<string, ValueTransformer[]>();
    const kms: KmsV2[] = [];
    let timeoutsMs = 0;
    for (const { resources = [], providers = [] } of config.resources ?? []) {
      const transformers: ValueTransformer[] = [];
      for (const provider of providers) {
        if (provider.kms === undefined) transformers.push(localProvider(provider));
        else {
          const plugin = await kmsProvider(provider.kms, clock, logger, metrics);
          timeoutsMs += provider.kms.timeoutMs;
          kms.push(plugin);
          transformers.push(plugin);
        }
      }
      // What a resource has in several blocks is joined in their order.
      for (const name of resources) byResource.set(name, [...(byResource.get(name) ?? []), ...transformers]);
    }
    const chains = new Map([...byResource].map(([name, list]) => [name, new ProviderChain(list)]));
    await Promise.all(kms.map((plugin) => plugin.start()));
    return new Encryption(chains, kms, graceFactor * timeoutsMs);
  }

  /** The resource by its name, by its group, by what is for all; undefined where values are as they are. */
  chainOf({ group, resource }: GroupResource): ProviderChain | undefined {
    const name = group === '' ? resource : `${resource}.${group}`;
    return this.#chains.get(name) ?? this.#chains.get(`*.${group}`) ?? this.#chains.get('*.*');
  }

  /** Why plugins are not well, each by its number; undefined when all are. */
  async check(): Promise<string | undefined> {
    const faults = await Promise.all(this.kms.map((plugin) => plugin.check()));
    const texts = faults.flatMap((fault, i) => (fault === undefined ? [] : [`kms-provider-${i}: ${fault}`]));
    return texts.length === 0 ? undefined : aggregate(texts);
  }

  close(): void {
    for (const plugin of this.kms) plugin.close();
  }
}

function localProvider(provider: ProviderConfig): ValueTransformer {
  const { aesgcm, aescbc, secretbox } = provider;
  if (aesgcm !== undefined) return keyed('aesgcm', 'AES', aesgcm, (name, key) => new AesGcm(name, key));
  if (aescbc !== undefined) return keyed('aescbc', 'AES', aescbc, (name, key) => new AesCbc(name, key));
  if (secretbox !== undefined) {
    return keyed('secretbox', 'Secretbox', secretbox, (name, key) => new Secretbox(name, key));
  }
  return identity;
}

function keyed(
  mechanism: string,
  shownName: string,
  { keys = [] }: KeysConfig,
  build: (name: string, key: Uint8Array) => ValueTransformer,
): ValueTransformer {
  return new KeyedProvider(
    `k8s:enc:${mechanism}:v1:`,
    keys.map(({ name = '', secret = '' }) => build(name, Buffer.from(secret, 'base64'))),
    `no matching key was found for the provided ${shownName} transformer`,
  );
}

async function kmsProvider(
  config: KmsConfig,
  clock: Clock,
  logger: Logger,
  metrics: KmsMetrics,
): Promise<KmsV2> {
  // Loaded for those who use it: gRPC takes longer to load than all else.
  const { KmsPlugin } = await import('./kms/kms-plugin.ts');
  const { name, endpoint, timeoutMs } = config;
  const plugin = new KmsPlugin({ name, endpoint, timeoutMs, clock, metrics });
  return new KmsV2({ name, service: plugin, clock, logger, metrics });
}
