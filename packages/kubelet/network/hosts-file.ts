import type { Pod } from '../types.ts';

/** The hosts file that a pod's containers see, for a pod with an address of its own. */
export function hostsFile(pod: Pod, podIps: readonly string[], hostname: string, domain: string): string {
  const lines = [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
  ];
  for (const ip of podIps) {
    lines.push(domain === '' ? `${ip}\t${hostname}` : `${ip}\t${hostname}.${domain}\t${hostname}`);
  }
  return `${lines.join('\n')}\n${hostAliases(pod)}`;
}

/** The node's own file with the pod's aliases, for a pod in the host's network. */
export function hostNetworkHostsFile(pod: Pod, nodeFile: string): string {
  return `# Kubernetes-managed hosts file (host network).\n${nodeFile}${hostAliases(pod)}`;
}

function hostAliases(pod: Pod): string {
  const aliases = pod.spec.hostAliases ?? [];
  if (aliases.length === 0) return '';
  const lines = aliases.map((a) => [a.ip, ...(a.hostnames ?? [])].join('\t'));
  return `\n# Entries added by HostAliases.\n${lines.join('\n')}\n`;
}

/** The pod's short host name and its domain ('' unless the pod has a subdomain). */
export function podHostname(pod: Pod, clusterDomain: string): { hostname: string; domain: string } {
  const { spec, metadata } = pod;
  if (spec.hostnameOverride) return { hostname: spec.hostnameOverride, domain: '' };
  // 63 is what a host name may have; a name cut there must not end in a separator.
  const hostname = spec.hostname || (metadata.name ?? '').slice(0, 63).replace(/[-.]+$/, '');
  const domain = spec.subdomain ? `${spec.subdomain}.${metadata.namespace}.svc.${clusterDomain}` : '';
  return { hostname, domain };
}
