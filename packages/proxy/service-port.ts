import type { corev1 } from '@coxswain/api';

export type Protocol = 'tcp' | 'udp' | 'sctp';

/** One port of one service, with all that decides where its traffic goes. */
export interface ServicePort {
  readonly namespace: string;
  readonly name: string;
  /** `''` where the service has one unnamed port. */
  readonly portName: string;
  readonly protocol: Protocol;
  readonly clusterIP: string;
  readonly port: number;
  /** 0 when there is none. */
  readonly nodePort: number;
  readonly externalIPs: readonly string[];
  /** Ingress addresses of the load balancer whose ipMode is VIP. */
  readonly loadBalancerIPs: readonly string[];
  /** Blocks that may use the load balancer addresses; empty for all. */
  readonly sourceRanges: readonly string[];
  /** Seconds that a client stays with its endpoint; 0 for no affinity. */
  readonly affinitySeconds: number;
  readonly internalLocal: boolean;
  readonly externalLocal: boolean;
  /** Port of the health check of a load balancer; 0 when there is none. */
  readonly healthCheckNodePort: number;
}

/** Set by those who bring a service proxy of their own: the service is theirs then. */
const proxyNameLabel = 'service.kubernetes.io/service-proxy-name';
const headlessLabel = 'service.kubernetes.io/headless';

/** service.spec.sessionAffinityConfig.clientIP.timeoutSeconds when it is absent: three hours. */
const defaultAffinitySeconds = 10_800;

/** The name of a port in log lines and chains, as `namespace/name:port`. */
export function servicePortKey(port: Pick<ServicePort, 'namespace' | 'name' | 'portName'>): string {
  return `${port.namespace}/${port.name}${port.portName === '' ? '' : `:${port.portName}`}`;
}

/** The IPv4 ports of a service that this proxy serves: none of a headless or external or foreign one. */
export function servicePorts(service: corev1.Service): readonly ServicePort[] {
  const { metadata, spec = {}, status } = service;
  const labels = metadata.labels ?? {};
  if (spec.type === 'ExternalName' || labels[proxyNameLabel] !== undefined) return [];
  if (labels[headlessLabel] !== undefined) return [];
  const clusterIP = [spec.clusterIP, ...(spec.clusterIPs ?? [])].find(isIPv4);
  if (clusterIP === undefined) return [];

  const ingress = (status?.loadBalancer?.ingress ?? []).filter((i) => (i.ipMode ?? 'VIP') === 'VIP');
  const isLoadBalancer = spec.type === 'LoadBalancer';
  const reachedFromOutside =
    isLoadBalancer || spec.type === 'NodePort' || (spec.externalIPs ?? []).length > 0;
  const externalLocal = reachedFromOutside && spec.externalTrafficPolicy === 'Local';
  const affinity = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? defaultAffinitySeconds;
  const common = {
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    clusterIP,
    externalIPs: (spec.externalIPs ?? []).filter(isIPv4),
    loadBalancerIPs: isLoadBalancer ? ingress.map((i) => i.ip).filter(isIPv4) : [],
    sourceRanges: isLoadBalancer
      ? (spec.loadBalancerSourceRanges ?? []).map((range) => range.trim()).filter(isIPv4Block)
      : [],
    affinitySeconds: spec.sessionAffinity === 'ClientIP' ? affinity : 0,
    internalLocal: spec.internalTrafficPolicy === 'Local',
    externalLocal,
    healthCheckNodePort: externalLocal && isLoadBalancer ? (spec.healthCheckNodePort ?? 0) : 0,
  };
  return (spec.ports ?? []).map((port) => ({
    ...common,
    portName: port.name ?? '',
    protocol: (port.protocol ?? 'TCP').toLowerCase() as Protocol,
    port: port.port,
    nodePort: port.nodePort ?? 0,
  }));
}

export function isIPv4(text: string | undefined): text is string {
  return text !== undefined && /^\d+\.\d+\.\d+\.\d+$/.test(text);
}

function isIPv4Block(text: string): boolean {
  return isIPv4(text.split('/')[0]);
}
