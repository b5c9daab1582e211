import type { DnsConfig } from '@coxswain/cri';
import type { Pod } from '../types.ts';

/** What the node offers pods for their resolv.conf. */
export interface NodeDns {
  /** Addresses of the cluster's DNS service; empty: there is none. */
  readonly clusterDns: readonly string[];
  /** Such as `cluster.local`. */
  readonly clusterDomain: string;
  /** The node's own resolv.conf. */
  readonly host: DnsConfig;
}

const maxSearchDomains = 32;
const maxServers = 3;

/** Upstream's GetPodDNS. */
export function podDns(pod: Pod, node: NodeDns): DnsConfig {
  const { spec, metadata } = pod;
  const policy = spec.dnsPolicy ?? 'ClusterFirst';
  const cluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !spec.hostNetwork);
  let base: DnsConfig = { servers: [], searches: [], options: [] };
  if (policy !== 'None') base = node.host;
  if (cluster && node.clusterDns.length > 0) {
    const { clusterDomain } = node;
    const own = clusterDomain
      ? [`${metadata.namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain]
      : [];
    base = {
      servers: node.clusterDns,
      searches: unique([...own, ...node.host.searches]),
      options: ['ndots:5'],
    };
  }
  return limit(merge(base, spec.dnsConfig));
}

function merge(base: DnsConfig, extra: Pod['spec']['dnsConfig']): DnsConfig {
  if (!extra) return base;
  const options = new Map(base.options.map((o) => [o.split(':')[0] ?? o, o]));
  for (const { name, value } of extra.options ?? []) {
    if (name) options.set(name, value === undefined || value === '' ? name : `${name}:${value}`);
  }
  return {
    servers: unique([...base.servers, ...(extra.nameservers ?? [])]),
    searches: unique([...base.searches, ...(extra.searches ?? [])]),
    options: [...options.values()],
  };
}

function limit(config: DnsConfig): DnsConfig {
  return {
    servers: config.servers.slice(0, maxServers),
    searches: config.searches.slice(0, maxSearchDomains),
    options: config.options,
  };
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}

/** Reads the text of a resolv.conf. */
export function parseResolvConf(text: string): DnsConfig {
  const servers: string[] = [];
  let searches: string[] = [];
  let options: string[] = [];
  for (const line of text.split('\n')) {
    const [word, ...rest] = line.trim().split(/\s+/);
    if (word === 'nameserver' && rest[0] !== undefined) servers.push(rest[0]);
    else if (word === 'search') searches = rest.filter((d) => d !== '.').map((d) => d.replace(/\.$/, ''));
    else if (word === 'options') options = [...options, ...rest];
  }
  return { servers, searches, options };
}
