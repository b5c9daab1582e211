import type { SecureContextOptions, SecureVersion } from 'node:tls';

/** A certificate that greets clients who ask for one of its names (`--tls-sni-cert-key`). */
export interface NamedCertificate {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  /** `*.` may stand for one label. */
  readonly names: readonly string[];
}

/** How connections are secured where it is not as upstream does by default. */
export interface TlsSettings {
  /** `--tls-min-version`; absent: TLS 1.2. */
  readonly minVersion?: SecureVersion;
  /** `--tls-cipher-suites` as OpenSSL names them; absent: those of Go's servers. */
  readonly ciphers?: readonly string[];
  /** `--disable-http2-serving`. */
  readonly http1Only?: boolean;
  readonly named?: readonly NamedCertificate[];
}

/**
 * The suites of Go's servers in Go's order: AES-128 before AES-256, which costs a third more on every byte.
 * HTTP/2 forbids all but these and TLS 1.3's.
 */
const goCiphers: readonly string[] = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
];
/** Nobody chooses among those of TLS 1.3. */
const ciphersOfTls13: readonly string[] = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
];

/** What TLS works with, PEM. */
export interface TlsParts {
  readonly cert: string;
  readonly key: string;
  /** `''`: there is none. */
  readonly clientCA: string;
}

export function secureContext(
  { cert, key, clientCA }: TlsParts,
  { minVersion, ciphers = goCiphers }: TlsSettings,
): SecureContextOptions {
  return {
    cert,
    key,
    ...(clientCA === '' ? {} : { ca: clientCA }),
    ciphers: [...ciphersOfTls13, ...ciphers].join(':'),
    honorCipherOrder: true,
    ...(minVersion === undefined ? {} : { minVersion }),
  };
}
