import { X509Certificate } from 'node:crypto';
import type { NamedCertificate, TlsSettings } from '@coxswain/apiserver';
import { UsageError } from './cli-error.ts';
import { readText } from './flag-files.ts';
import type { FlagSpecs, Flags } from './flags.ts';

/** Flags of how connections are secured; names and defaults are upstream's. */
export const tlsFlags = {
  'tls-min-version': { type: 'string', help: 'VersionTLS10, VersionTLS11, VersionTLS12 or VersionTLS13' },
  'tls-cipher-suites': { type: 'strings', help: "Suites by Go's names; those of TLS 1.3 are always there" },
  'tls-sni-cert-key': {
    type: 'strings',
    help: 'CERT,KEY or CERT,KEY:NAME,NAME: greets those who ask for its names; may be repeated',
  },
  'disable-http2-serving': { type: 'bool', default: 'false', help: 'Talk HTTP/1.1 alone' },
} as const satisfies FlagSpecs;

const versions: Readonly<Record<string, NonNullable<TlsSettings['minVersion']>>> = {
  VersionTLS10: 'TLSv1',
  VersionTLS11: 'TLSv1.1',
  VersionTLS12: 'TLSv1.2',
  VersionTLS13: 'TLSv1.3',
};

/** OpenSSL's names of Go's suites; those of TLS 1.3 cannot be chosen among. */
const suites: Readonly<Record<string, string>> = {
  TLS_AES_128_GCM_SHA256: '',
  TLS_AES_256_GCM_SHA384: '',
  TLS_CHACHA20_POLY1305_SHA256: '',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256: 'ECDHE-ECDSA-AES128-SHA256',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256: 'ECDHE-RSA-AES128-SHA256',
  TLS_RSA_WITH_AES_128_CBC_SHA: 'AES128-SHA',
  TLS_RSA_WITH_AES_256_CBC_SHA: 'AES256-SHA',
  TLS_RSA_WITH_AES_128_CBC_SHA256: 'AES128-SHA256',
  TLS_RSA_WITH_AES_128_GCM_SHA256: 'AES128-GCM-SHA256',
  TLS_RSA_WITH_AES_256_GCM_SHA384: 'AES256-GCM-SHA384',
};

/**
 * How connections are secured; undefined where no flag says anything.
 * @throws {UsageError} with upstream's text where it knows no such suite or version
 */
export function tlsFromFlags(flags: Flags): TlsSettings | undefined {
  if (!Object.keys(tlsFlags).some((name) => flags.has(name))) return undefined;
  const ciphers = ciphersOf(flags.strings('tls-cipher-suites'));
  const version = flags.string('tls-min-version') ?? '';
  const minVersion = versions[version];
  if (version !== '' && minVersion === undefined) {
    throw new UsageError(`error: unknown tls version "${version}"`);
  }
  return {
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(ciphers.length === 0 ? {} : { ciphers }),
    http1Only: flags.bool('disable-http2-serving'),
    named: flags.values('tls-sni-cert-key').map(namedCertificate),
  };
}

function ciphersOf(names: readonly string[]): readonly string[] {
  return names.flatMap((name) => {
    const cipher = Object.hasOwn(suites, name) ? suites[name] : undefined;
    if (cipher === undefined)
      throw new UsageError(`error: Cipher suite ${name} not supported or doesn't exist`);
    return cipher === '' ? [] : [cipher];
  });
}

function namedCertificate(text: string): NamedCertificate {
  const [files = '', said] = text.split(/:(?=[^/\\]*$)/);
  const [certFile, keyFile, ...rest] = files.split(',');
  if (!certFile || !keyFile || rest.length > 0) {
    throw new UsageError(
      `error: invalid argument "${text}" for "--tls-sni-cert-key" flag: expected comma separated certificate and key file paths`,
    );
  }
  const cert = readText(certFile, '--tls-sni-cert-key');
  const key = readText(keyFile, '--tls-sni-cert-key');
  return { cert, key, names: said ? said.split(',') : namesOf(cert) };
}

/** The names that a certificate is for: its common name and those beside it. */
function namesOf(pem: string): readonly string[] {
  const { subject, subjectAltName = '' } = new X509Certificate(pem);
  const common = /(?:^|\n)CN=(.+)/.exec(subject)?.[1];
  const others = [...subjectAltName.matchAll(/(?:DNS|IP Address):([^,\s]+)/g)].map(
    ([, name]) => name as string,
  );
  return [...new Set([...(common === undefined ? [] : [common]), ...others])];
}
