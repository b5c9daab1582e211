import type { InformerFactory } from '@coxswain/controller';
import { type Logger, systemClock } from '@coxswain/machinery';
import { type Proxy as RunningProxy, startProxy } from '@coxswain/proxy';
import type { FlagSpecs, Flags } from './flags.ts';
import { nodeIpsOf, nodeNameOf } from './kubelet-set-up.ts';

/** Flags of the service proxy besides those that name the node; upstream's names. */
export const proxyFlags = {
  'cluster-cidr': {
    type: 'strings',
    help: 'Ranges of pod addresses; other traffic to services is masqueraded',
  },
  'service-cluster-ip-range': { type: 'strings', help: 'Ranges of service addresses' },
  'healthz-bind-address': {
    type: 'string',
    default: '0.0.0.0:10256',
    help: 'Where /healthz is served; empty: nowhere',
  },
} as const satisfies FlagSpecs;

/** Starts the proxy that the flags describe; the caller starts the informers after this. */
export function startProxyFromFlags(
  flags: Flags,
  informers: InformerFactory,
  logger: Logger,
): Promise<RunningProxy> {
  const healthz = /^(.*):(\d+)$/.exec(flags.string('healthz-bind-address') as string);
  return startProxy({
    informers,
    nodeName: nodeNameOf(flags),
    nodeIps: nodeIpsOf(flags),
    clusterCidrs: flags.strings('cluster-cidr'),
    serviceCidrs: flags.strings('service-cluster-ip-range'),
    ...(healthz ? { healthz: { address: healthz[1] as string, port: Number(healthz[2]) } } : {}),
    clock: systemClock,
    logger,
  });
}
