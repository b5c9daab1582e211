/** What a KMS plugin says of itself. */
export interface KmsStatus {
  readonly version: string;
  /** `ok`, or why it is not. */
  readonly healthz: string;
  /** The key with which it encrypts now. */
  readonly keyId: string;
}

/** A secret as a KMS plugin encrypted it, with all it needs to decrypt it. */
export interface EncryptedSecret {
  readonly ciphertext: Uint8Array;
  readonly keyId: string;
  readonly annotations: Readonly<Record<string, Uint8Array>>;
}

/** Version 2 of the interface of KMS plugins. Everything rejects with an Error when the plugin does not answer. */
export interface KmsService {
  status(): Promise<KmsStatus>;
  encrypt(plaintext: Uint8Array, uid: string): Promise<EncryptedSecret>;
  decrypt(secret: EncryptedSecret, uid: string): Promise<Uint8Array>;
  close(): void;
}
