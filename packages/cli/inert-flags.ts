import type { Logger } from '@coxswain/machinery';
import type { FlagSpec, FlagSpecs, Flags, FlagType } from './flags.ts';

/** A flag of upstream's API server that is taken and changes nothing; `why` completes "No effect: ". */
const inert = (type: FlagType, why: string, value?: string): FlagSpec => ({
  type,
  ...(value === undefined ? {} : { default: value }),
  help: `No effect: ${why}`,
});

const oneLog = 'logs are lines of JSON on standard error';
const noPeers = 'servers of other versions are not asked for what this one does not serve';
const memory = 'everything is served from memory';
const noLeases = 'objects that expire need no leases of their own';
const noLeaderChoice = 'candidates choose among themselves by the leases of 1.31';
const everyMetric = 'every metric is told with every label';

/**
 * Flags that a user of kube-apiserver may pass and that have nothing to act on here; types and defaults are
 * upstream's.
 */
export const inertFlags = {
  'allow-metric-labels': inert('map', everyMetric),
  'allow-metric-labels-manifest': inert('string', everyMetric),
  'cert-dir': inert('string', 'certificates that are made lie in the data dir', '/var/run/kubernetes'),
  'contention-profiling': inert('bool', 'there are no locks to wait for', 'false'),
  'coordinated-leadership-lease-duration': inert('duration', noLeaderChoice, '15s'),
  'coordinated-leadership-renew-deadline': inert('duration', noLeaderChoice, '10s'),
  'coordinated-leadership-retry-period': inert('duration', noLeaderChoice, '2s'),
  'debug-socket-path': inert('string', 'profiles are served under /debug/pprof/ alone'),
  'delete-collection-workers': inert('int', 'collections are deleted by one', '1'),
  'egress-selector-config-file': inert('string', 'connections to nodes and services are made directly'),
  'emulated-version': inert('strings', 'there is no other version to act as'),
  'emulation-forward-compatible': inert('bool', 'there is no other version to act as', 'false'),
  'enable-garbage-collector': inert('bool', 'dependents are always kept in mind for it', 'true'),
  'enable-logs-handler': inert('bool', '/logs is not served', 'false'),
  'endpoint-reconciler-type': inert(
    'string',
    'servers that share a store all keep their own address',
    'lease',
  ),
  'etcd-count-metric-poll-period': inert('duration', 'objects are counted when somebody asks', '1m0s'),
  'etcd-db-metric-poll-interval': inert('duration', 'the size is asked for when somebody asks', '30s'),
  'etcd-servers-overrides': inert('strings', 'there is one store for everything'),
  'kubelet-timeout': inert('duration', 'requests to kubelets last as long as their own', '5s'),
  'kubernetes-service-node-port': inert('int', 'the service kubernetes has a cluster address alone', '0'),
  'lease-reuse-duration-seconds': inert('int', noLeases, '60'),
  'log-flush-frequency': inert('duration', 'logs are written at once', '5s'),
  'log-json-info-buffer-size': inert('string', oneLog),
  'log-json-split-stream': inert('bool', oneLog, 'false'),
  'log-text-info-buffer-size': inert('string', oneLog),
  'log-text-split-stream': inert('bool', oneLog, 'false'),
  'logging-format': inert('string', oneLog, 'text'),
  'max-connection-bytes-per-sec': inert('int', 'connections are not held back', '0'),
  'min-compatibility-version': inert('strings', 'there is no other version to act as'),
  'peer-advertise-ip': inert('string', noPeers),
  'peer-advertise-port': inert('string', noPeers),
  'peer-ca-file': inert('string', noPeers),
  'permit-address-sharing': inert('bool', 'an address is never shared with another socket', 'false'),
  'permit-port-sharing': inert('bool', 'a port is never shared with another process', 'false'),
  'runtime-config-emulation-forward-compatible': inert(
    'bool',
    'there is no other version to act as',
    'false',
  ),
  'send-retry-after-while-not-ready-once': inert(
    'bool',
    'a server that is not ready takes no requests',
    'false',
  ),
  'service-account-lookup': inert('bool', 'tokens always end with what they are bound to', 'true'),
  'show-hidden-metrics-for-version': inert('string', 'no metric is hidden'),
  'storage-initialization-timeout': inert('duration', 'a start waits for its store', '1m0s'),
  'tls-curve-preferences': inert('strings', "curves are OpenSSL's"),
  'tracing-config-file': inert('string', 'there are no traces'),
  vmodule: inert('string', '--v holds for every file'),
  'watch-cache': inert('bool', memory, 'true'),
  'watch-cache-sizes': inert('strings', memory),
} as const satisfies FlagSpecs;

/** Tells of flags on the command line that change nothing. */
export function warnOfInertFlags(flags: Flags, logger: Logger): void {
  for (const [name, { help }] of Object.entries(inertFlags)) {
    if (flags.has(name)) logger.warn('a flag changes nothing', { flag: `--${name}`, help });
  }
}
