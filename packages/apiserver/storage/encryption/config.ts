/** A named key: base64 of 16, 24 or 32 bytes (secretbox: 32). */
export interface KeyConfig {
  readonly name?: string;
  readonly secret?: string;
}

export interface KeysConfig {
  readonly keys?: readonly KeyConfig[];
}

/** KMSConfiguration with its defaults. */
export interface KmsConfig {
  readonly apiVersion: string;
  readonly name: string;
  readonly endpoint: string;
  readonly timeoutMs: number;
  /** Of version 1 alone. */
  readonly cachesize?: number;
}

/** apiserver.config.k8s.io/v1 ProviderConfiguration: one member is there. */
export interface ProviderConfig {
  readonly aesgcm?: KeysConfig;
  readonly aescbc?: KeysConfig;
  readonly secretbox?: KeysConfig;
  readonly identity?: object;
  readonly kms?: KmsConfig;
}

export interface ResourceConfig {
  readonly resources?: readonly string[];
  readonly providers?: readonly ProviderConfig[];
}

/** apiserver.config.k8s.io/v1 EncryptionConfiguration. */
export interface EncryptionConfig {
  readonly resources?: readonly ResourceConfig[];
}

/** The configuration cannot be used. */
export class EncryptionConfigError extends Error {
  override readonly name = 'EncryptionConfigError';
  readonly code = 'ENCRYPTION_CONFIG';
}
