import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type ApiServer, type ComponentCheck, startApiServer } from '@coxswain/apiserver';
import { type Logger, systemClock } from '@coxswain/machinery';
import { type Issuer, PkiDir } from '@coxswain/pki';
import { accessFromFlags, accessSources } from './access-set-up.ts';
import { aggregatorFromFlags } from './aggregator-flags.ts';
import { auditFromFlags } from './audit-flags.ts';
import { CliError, UsageError } from './cli-error.ts';
import { encryptionFromFlags } from './encryption-flags.ts';
import { featureGatesFromFlags, warnOfFeatureGates } from './feature-gates.ts';
import type { Flags } from './flags.ts';
import { warnOfInertFlags } from './inert-flags.ts';
import { kubeletClientFromFlags } from './kubelet-client-set-up.ts';
import { checkListenFlags, listenFromFlags } from './listen-set-up.ts';
import { openStore } from './open-store.ts';
import { servingFromFlags } from './serving-flags.ts';

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

export interface StartOptions {
  readonly logger: Logger;
  /** Ends a start that waits; a server that is started is closed by its `close`. */
  readonly signal: AbortSignal;
  /** Components in this process; default: none. */
  readonly components?: ReadonlyMap<string, ComponentCheck>;
}

/** Opens the store, makes what certificates are missing, and starts the API server that the flags describe. */
export async function startFromFlags(
  flags: Flags,
  { logger, signal, components = new Map() }: StartOptions,
): Promise<RunningApiServer> {
  const dataDir = flags.string('data-dir');
  if (dataDir === undefined)
    throw new UsageError('error: --data-dir is missing: it says where state is kept');
  // What is wrong with the flags is told before anything is written.
  refuseSigner(flags);
  checkListenFlags(flags);
  const { featureGates, ...settings } = settingsFromFlags(flags);
  warnOfInertFlags(flags, logger);
  warnOfFeatureGates(featureGates, logger);
  const sources = await accessSources(flags, logger);
  makeDataDir(dataDir);
  const clock = systemClock;
  const opening = openStore(flags, { dataDir, clock, logger, signal });
  // The store opens in its worker while certificates are read or made here; a fault of either is reported.
  opening.catch(() => undefined);
  const pki = new PkiDir(join(dataDir, 'pki'), clock);
  const ca = pki.authority('ca', 'kubernetes');
  const { listen, servingCa } = listenFromFlags(flags, pki, ca);
  const kubelet = kubeletClientFromFlags(flags, pki, ca);
  const access = { ...accessFromFlags(flags, pki, logger), ...sources };
  const aggregator = aggregatorFromFlags(flags, pki);
  const { store, storageMediaType } = await opening;
  try {
    const server = await startApiServer({
      ...settings,
      featureGates,
      store,
      ...(storageMediaType === undefined ? {} : { storageMediaType }),
      clock,
      logger,
      listen,
      access,
      kubelet,
      aggregator,
      components,
    });
    const close = async (): Promise<void> => {
      await server.close();
      await store.close();
    };
    return { server, pki, ca, servingCa, close };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** What flags say that asks for nothing but them and the files that they name. */
function settingsFromFlags(flags: Flags) {
  const advertiseAddress = flags.string('advertise-address');
  const externalHostname = flags.string('external-hostname');
  const audit = auditFromFlags(flags);
  const encryption = encryptionFromFlags(flags);
  return {
    featureGates: featureGatesFromFlags(flags),
    serving: servingFromFlags(flags),
    hostname: hostname(),
    serviceClusterIPRange: flags.string('service-cluster-ip-range') as string,
    serviceNodePortRange: portRange(flags.string('service-node-port-range') as string),
    allowPrivileged: flags.bool('allow-privileged'),
    compactionIntervalMs: flags.duration('etcd-compaction-interval') as number,
    storeTimeouts: {
      healthMs: flags.duration('etcd-healthcheck-timeout') as number,
      readyMs: flags.duration('etcd-readycheck-timeout') as number,
    },
    disabledMetrics: flags.strings('disabled-metrics'),
    eventTtlSeconds: Math.ceil((flags.duration('event-ttl') as number) / 1000),
    enabledVersions: enabledVersions(flags.strings('runtime-config')),
    shutdownGraceMs: flags.duration('shutdown-grace') as number,
    ...(advertiseAddress === undefined ? {} : { advertiseAddress }),
    ...(externalHostname === undefined ? {} : { externalHostname }),
    ...(audit === undefined ? {} : { audit }),
    ...(encryption === undefined ? {} : { encryption }),
  };
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
