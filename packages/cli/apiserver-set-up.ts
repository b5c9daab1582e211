import { mkdirSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import {
  type ApiServer,
  type AuthorizationMode,
  type ComponentCheck,
  parseTokenFile,
  startApiServer,
  type UserInfo,
} from '@coxswain/apiserver';
import { type Logger, systemClock } from '@coxswain/machinery';
import { type Issuer, PkiDir } from '@coxswain/pki';
import { admissionConfig, admissionFromFlags } from './admission-flags.ts';
import { aggregatorFromFlags } from './aggregator-flags.ts';
import { auditFromFlags } from './audit-flags.ts';
import { certificateFiles } from './certificate-files.ts';
import { CliError, UsageError } from './cli-error.ts';
import { encryptionFromFlags } from './encryption-flags.ts';
import { externalAccess } from './external-access.ts';
import { featureGatesFromFlags, warnOfFeatureGates } from './feature-gates.ts';
import { fileOf, pairFromFiles, readText } from './flag-files.ts';
import type { Flags } from './flags.ts';
import { warnOfInertFlags } from './inert-flags.ts';
import { openStore } from './open-store.ts';
import { servingFromFlags } from './serving-flags.ts';
import { tlsFromFlags } from './tls-flags.ts';

/** A running API server with its store and what certificates come from. */
export interface RunningApiServer {
  readonly server: ApiServer;
  readonly pki: PkiDir;
  /** The CA of the cluster: of the serving certificate unless one was given, and of clients. */
  readonly ca: Issuer;
  /** The certificates that clients of this server should trust, PEM. */
  readonly servingCa: string;
  close(): Promise<void>;
}

const defaultIssuer = 'https://kubernetes.default.svc.cluster.local';

/** Opens the store, makes what certificates are missing, and starts the API server that the flags describe. */
export async function startFromFlags(
  flags: Flags,
  logger: Logger,
  components: ReadonlyMap<string, ComponentCheck> = new Map(),
): Promise<RunningApiServer> {
  const dataDir = flags.string('data-dir');
  if (dataDir === undefined)
    throw new UsageError('error: --data-dir is missing: it says where state is kept');
  refuseSigner(flags);
  const port = securePort(flags);
  warnOfInertFlags(flags, logger);
  const featureGates = featureGatesFromFlags(flags);
  warnOfFeatureGates(featureGates, logger);
  const limits = servingFromFlags(flags);
  const tls = tlsFromFlags(flags);
  const clock = systemClock;
  const audit = auditFromFlags(flags);
  const encryption = encryptionFromFlags(flags);
  const external = await externalAccess(flags, { ...tokenNames(flags), logger });
  const admission = await admissionConfig(flags);
  makeDataDir(dataDir);
  const opening = openStore(flags, dataDir, clock, logger);
  // The store opens in its worker while certificates are read or made here; a fault of either is reported.
  opening.catch(() => undefined);
  const pki = new PkiDir(join(dataDir, 'pki'), clock);
  const ca = pki.authority('ca', 'kubernetes');
  const serving = servingPair(flags, pki, ca);
  const files = certificateFiles(flags, { ...serving, clientCA: ca.certificate });
  const kubeletClient = pairFromFiles(flags, 'kubelet-client-certificate', 'kubelet-client-key');
  const madeKubeletClient = pki.leaf('apiserver-kubelet-client', ca, {
    subject: { commonName: 'kube-apiserver-kubelet-client', organizations: ['system:masters'] },
    usages: ['client'],
  });
  const access = {
    ...accessFromFlags(flags, pki, logger),
    ...(admission === undefined ? {} : { admission }),
    ...(external === undefined ? {} : { external }),
  };
  const { store, storageMediaType } = await opening;
  const advertise = flags.string('advertise-address');
  const externalHostname = flags.string('external-hostname');
  const kubeletCa = flags.string('kubelet-certificate-authority');
  try {
    const server = await startApiServer({
      store,
      ...(storageMediaType === undefined ? {} : { storageMediaType }),
      clock,
      logger,
      listen: {
        host: flags.string('bind-address') as string,
        port,
        cert: serving.cert,
        key: serving.key,
        clientCA: fileOf(flags, 'client-ca-file') ?? ca.certificate,
        ...(files === undefined ? {} : { files }),
        ...(tls === undefined ? {} : { tls }),
      },
      hostname: hostname(),
      ...(advertise === undefined ? {} : { advertiseAddress: advertise }),
      access,
      serviceClusterIPRange: flags.string('service-cluster-ip-range') as string,
      allowPrivileged: flags.bool('allow-privileged'),
      serviceNodePortRange: portRange(flags.string('service-node-port-range') as string),
      kubelet: {
        ...(kubeletClient ?? { cert: madeKubeletClient.certificate, key: madeKubeletClient.key }),
        // Upstream's default asks for names that somebody must resolve. Unless told, addresses go first, as kubeadm has it.
        ...(flags.has('kubelet-preferred-address-types')
          ? { preferredAddressTypes: flags.strings('kubelet-preferred-address-types') }
          : {}),
        ...(kubeletCa === undefined ? {} : { ca: readText(kubeletCa, '--kubelet-certificate-authority') }),
      },
      aggregator: aggregatorFromFlags(flags, pki),
      serving: limits,
      compactionIntervalMs: flags.duration('etcd-compaction-interval') as number,
      storeTimeouts: {
        healthMs: flags.duration('etcd-healthcheck-timeout') as number,
        readyMs: flags.duration('etcd-readycheck-timeout') as number,
      },
      components,
      featureGates,
      disabledMetrics: flags.strings('disabled-metrics'),
      eventTtlSeconds: Math.ceil((flags.duration('event-ttl') as number) / 1000),
      ...(externalHostname === undefined ? {} : { externalHostname }),
      enabledVersions: enabledVersions(flags.strings('runtime-config')),
      shutdownGraceMs: flags.duration('shutdown-grace') as number,
      ...(audit === undefined ? {} : { audit }),
      ...(encryption === undefined ? {} : { encryption }),
    });
    const close = async (): Promise<void> => {
      await server.close();
      await store.close();
    };
    return { server, pki, ca, servingCa: serving.ca, close };
  } catch (error) {
    await store.close();
    throw error;
  }
}

function securePort(flags: Flags): number {
  const port = flags.int('secure-port') as number;
  if (port >= 0 && port <= 65_535) return port;
  throw new UsageError(`error: --secure-port ${port} must be between 0 and 65535, inclusive`);
}

/** A folder that only its owner may enter. */
function makeDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const why = (cause as Error).message;
    throw new CliError(`error: cannot make the data dir "${dataDir}": ${why}`, 1, { cause });
  }
}

/** A key that is not in this process cannot sign. */
function refuseSigner(flags: Flags): void {
  if (!flags.has('service-account-signing-endpoint')) return;
  throw new UsageError(
    'error: --service-account-signing-endpoint is not supported: tokens are signed with --service-account-signing-key-file',
  );
}

/** Who issues service accounts' tokens, and whom tokens are for. */
function tokenNames(flags: Flags): {
  serviceAccountIssuers: readonly string[];
  audiences: readonly string[];
} {
  const given = flags.strings('service-account-issuer');
  const serviceAccountIssuers = given.length > 0 ? given : [defaultIssuer];
  const audiences = flags.strings('api-audiences');
  return { serviceAccountIssuers, audiences: audiences.length > 0 ? audiences : serviceAccountIssuers };
}

/** Whoever may do everything must have a name. */
function anonymousAuth(flags: Flags, logger: Logger): boolean {
  if (!flags.bool('anonymous-auth')) return false;
  if (!flags.strings('authorization-mode').includes('AlwaysAllow')) return true;
  logger.warn(
    'AnonymousAuth is not allowed with the AlwaysAllow authorizer. Resetting AnonymousAuth to false. You should use a different authorizer',
  );
  return false;
}

function accessFromFlags(
  flags: Flags,
  pki: PkiDir,
  logger: Logger,
): Parameters<typeof startApiServer>[0]['access'] {
  return {
    authorizationModes: flags.strings('authorization-mode') as readonly AuthorizationMode[],
    anonymousAuth: anonymousAuth(flags, logger),
    staticTokens: staticTokens(flags),
    bootstrapTokens: flags.bool('enable-bootstrap-token-auth'),
    serviceAccounts: {
      issuers: tokenNames(flags).serviceAccountIssuers,
      audiences: flags.strings('api-audiences'),
      signingKey: serviceAccountKey(flags, pki),
      verificationKeys: flags
        .strings('service-account-key-file')
        .map((path) => readText(path, '--service-account-key-file')),
      extendExpiration: flags.bool('service-account-extend-token-expiration'),
      maxExpirationSeconds: Math.floor(
        (flags.duration('service-account-max-token-expiration') as number) / 1000,
      ),
      jwksUri: flags.string('service-account-jwks-uri') as string,
    },
    ...admissionFromFlags(flags),
  };
}

/** PEM of the key that signs service accounts' tokens. */
export function serviceAccountKey(flags: Flags, pki: PkiDir): string {
  return fileOf(flags, 'service-account-signing-key-file') ?? pki.signingKey('sa');
}

function staticTokens(flags: Flags): ReadonlyMap<string, UserInfo> {
  const text = fileOf(flags, 'token-auth-file');
  return text === undefined ? new Map() : parseTokenFile(text);
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

function portRange(text: string): readonly [number, number] {
  const match = /^(\d+)-(\d+)$/.exec(text);
  const [first, last] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || first > last || last > 65_535) {
    throw new UsageError(`error: --service-node-port-range "${text}" is not of the form 30000-32767`);
  }
  return [first, last];
}

function enabledVersions(config: readonly string[]): string[] {
  return config.flatMap((entry) => {
    const [version = '', value = 'true'] = entry.split('=');
    return value === 'true' ? [version] : [];
  });
}
