import { type Clock, type GroupResource, type Logger, parseGoDuration } from '@coxswain/machinery';
import { AesCbc } from './aes-cbc.ts';
import { AesGcm } from './aes-gcm.ts';
import type { EncryptionConfig, KeysConfig, KmsConfig, ProviderConfig } from './config.ts';
import { identity } from './identity.ts';
import { KmsV2 } from './kms/kms-v2.ts';
import { ProviderChain } from './provider-chain.ts';
import { Secretbox } from './secretbox.ts';
import type { ValueTransformer } from './transformer.ts';

const defaultKmsTimeout = '3s';

/** What a configuration says: how values of each resource are stored. */
export class Encryption {
  readonly #chains: ReadonlyMap<string, ProviderChain>;
  readonly kms: readonly KmsV2[];

  private constructor(chains: ReadonlyMap<string, ProviderChain>, kms: readonly KmsV2[]) {
    this.#chains = chains;
    this.kms = kms;
  }

  /** Builds the providers; KMS plugins have been asked for their keys, whether or not they answered. */
  static async build(config: EncryptionConfig, clock: Clock, logger: Logger): Promise<Encryption> {
    const byResource = new Map<string, ValueTransformer[]>();
    const kms: KmsV2[] = [];
    for (const { resources = [], providers = [] } of config.resources ?? []) {
      const transformers: ValueTransformer[] = [];
      for (const provider of providers) {
        if (provider.kms === undefined) transformers.push(...localProvider(provider));
        else {
          const plugin = await kmsProvider(provider.kms, clock, logger);
          kms.push(plugin);
          transformers.push(plugin);
        }
      }
      // What a resource has in several blocks is joined in their order.
      for (const name of resources) byResource.set(name, [...(byResource.get(name) ?? []), ...transformers]);
    }
    const chains = new Map([...byResource].map(([name, list]) => [name, new ProviderChain(list)]));
    await Promise.all(kms.map((plugin) => plugin.start()));
    return new Encryption(chains, kms);
  }

  /** The resource by its name, by its group, by what is for all; undefined where values are as they are. */
  chainOf({ group, resource }: GroupResource): ProviderChain | undefined {
    const name = group === '' ? resource : `${resource}.${group}`;
    return this.#chains.get(name) ?? this.#chains.get(`*.${group}`) ?? this.#chains.get('*.*');
  }

  close(): void {
    for (const plugin of this.kms) plugin.close();
  }
}

function localProvider(provider: ProviderConfig): ValueTransformer[] {
  const { aesgcm, aescbc, secretbox } = provider;
  if (aesgcm !== undefined) return keysOf(aesgcm, (name, key) => new AesGcm(name, key));
  if (aescbc !== undefined) return keysOf(aescbc, (name, key) => new AesCbc(name, key));
  if (secretbox !== undefined) return keysOf(secretbox, (name, key) => new Secretbox(name, key));
  return [identity];
}

function keysOf(
  { keys = [] }: KeysConfig,
  build: (name: string, key: Uint8Array) => ValueTransformer,
): ValueTransformer[] {
  return keys.map(({ name = '', secret = '' }) => build(name, Buffer.from(secret, 'base64')));
}

async function kmsProvider(config: KmsConfig, clock: Clock, logger: Logger): Promise<KmsV2> {
  // Loaded for those who use it: gRPC takes longer to load than all else.
  const { KmsPlugin } = await import('./kms/kms-plugin.ts');
  const { name = '', endpoint = '', timeout = defaultKmsTimeout } = config;
  const plugin = new KmsPlugin(endpoint, parseGoDuration(timeout), clock);
  return new KmsV2(name, plugin, clock, logger);
}
