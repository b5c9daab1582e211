import { networkInterfaces } from 'node:os';
import type { ApiServerOptions } from '@coxswain/apiserver';
import type { Issuer, PkiDir } from '@coxswain/pki';
import { certificateFiles } from './certificate-files.ts';
import { UsageError } from './cli-error.ts';
import { fileOf, pairFromFiles } from './flag-files.ts';
import type { Flags } from './flags.ts';
import { tlsFromFlags } from './tls-flags.ts';

/** Where the server listens, and the certificates that its clients should trust. */
export interface Listening {
  readonly listen: NonNullable<ApiServerOptions['listen']>;
  /** PEM. */
  readonly servingCa: string;
}

/** Reads or makes the certificates of the listener that the flags describe. @param ca of certificates that are made */
export function listenFromFlags(flags: Flags, pki: PkiDir, ca: Issuer): Listening {
  const tls = tlsFromFlags(flags);
  const serving = servingPair(flags, pki, ca);
  const files = certificateFiles(flags, { ...serving, clientCA: ca.certificate });
  return {
    listen: {
      host: flags.string('bind-address') as string,
      port: securePort(flags),
      cert: serving.cert,
      key: serving.key,
      clientCA: fileOf(flags, 'client-ca-file') ?? ca.certificate,
      ...(files === undefined ? {} : { files }),
      ...(tls === undefined ? {} : { tls }),
    },
    servingCa: serving.ca,
  };
}

/** Refuses what the listener's flags cannot mean. @throws UsageError */
export function checkListenFlags(flags: Flags): void {
  securePort(flags);
  tlsFromFlags(flags);
}

function securePort(flags: Flags): number {
  const port = flags.int('secure-port') as number;
  if (port >= 0 && port <= 65_535) return port;
  throw new UsageError(`error: --secure-port ${port} must be between 0 and 65535, inclusive`);
}

interface ServingPair {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

function servingPair(flags: Flags, pki: PkiDir, ca: Issuer): ServingPair {
  const given = pairFromFiles(flags, 'tls-cert-file', 'tls-private-key-file');
  if (given) return { ...given, ca: given.cert };
  const leaf = pki.leaf('apiserver', ca, {
    subject: { commonName: 'kube-apiserver' },
    usages: ['server'],
    altNames: servingNames(flags),
  });
  return { cert: leaf.certificate, key: leaf.key, ca: ca.certificate };
}

/** Every name that a client may reasonably reach the server under. */
function servingNames(flags: Flags): string[] {
  const bind = flags.string('bind-address') as string;
  const wildcard = bind === '0.0.0.0' || bind === '::';
  const addresses = wildcard
    ? Object.values(networkInterfaces()).flatMap((list) =>
        (list ?? []).map((entry) => entry.address.split('%')[0] as string),
      )
    : [bind];
  const advertise = flags.string('advertise-address');
  return [
    ...new Set([
      'localhost',
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      'kubernetes.default.svc.cluster.local',
      '127.0.0.1',
      firstAddress((flags.string('service-cluster-ip-range') as string).split(',', 1).join()),
      ...addresses,
      ...(advertise === undefined ? [] : [advertise]),
      ...flags.strings('tls-san'),
    ]),
  ];
}

/** The first address of the service range is that of the service `kubernetes`. */
function firstAddress(range: string): string {
  const [network = '', length] = range.split('/');
  const bytes = network.split('.').map(Number);
  const bits = Number(length);
  if (bytes.length !== 4 || bytes.some((b) => !(b >= 0 && b <= 255)) || !(bits > 0 && bits < 32)) {
    throw new UsageError(
      `error: --service-cluster-ip-range "${range}" is not an IPv4 range such as 10.96.0.0/16`,
    );
  }
  const size = 2 ** (32 - bits);
  const number = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const first = Math.floor(number / size) * size + 1;
  return [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.');
}
