/** The table's name and family, the same as upstream's, so that a change of proxy replaces it. */
export const tableName = 'ip kube-proxy';

/** The bit that marks what must be masqueraded on its way out; upstream's default. */
const masqueradeMark = '0x4000';

export interface BaseTableOptions {
  /** Addresses of the node that node ports answer at. */
  readonly nodeIps: readonly string[];
  /** Blocks that service addresses are given from: traffic to one that no service has is dropped. */
  readonly serviceCidrs: readonly string[];
}

/**
 * The part of the table that is the same whatever services there are: hooks, maps and sets. Replaces the table
 * as a whole when it is there.
 */
export function baseTable(options: BaseTableOptions): string {
  const unallocated =
    options.serviceCidrs.length === 0 ? '' : `ip daddr { ${options.serviceCidrs.join(', ')} } drop`;
  const nodeIps = options.nodeIps.length === 0 ? '' : `elements = { ${options.nodeIps.join(', ')} }`;
  return `
add table ${tableName}
delete table ${tableName}
table ${tableName} {
  comment "rules for kube-proxy"

  set cluster-ips { type ipv4_addr; }
  set nodeport-ips { type ipv4_addr; ${nodeIps} }
  set hairpin-connections { type ipv4_addr . ipv4_addr; }
  map service-ips { type ipv4_addr . inet_proto . inet_service : verdict; }
  map service-nodeports { type inet_proto . inet_service : verdict; }
  map no-endpoint-services { type ipv4_addr . inet_proto . inet_service : verdict; }
  map no-endpoint-nodeports { type inet_proto . inet_service : verdict; }
  map firewall-ips { type ipv4_addr . inet_proto . inet_service : verdict; }

  chain mark-for-masquerade {
    meta mark set meta mark or ${masqueradeMark}
  }
  chain masquerading {
    ct status dnat ip saddr . ip daddr @hairpin-connections masquerade fully-random
    meta mark & ${masqueradeMark} == 0 return
    meta mark set meta mark xor ${masqueradeMark}
    masquerade fully-random
  }
  chain reject-chain {
    reject
  }
  chain services {
    ip daddr . meta l4proto . th dport vmap @service-ips
    ip daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports
  }
  chain service-endpoints-check {
    ip daddr . meta l4proto . th dport vmap @no-endpoint-services
  }
  chain nodeport-endpoints-check {
    ip daddr @nodeport-ips meta l4proto . th dport vmap @no-endpoint-nodeports
  }
  chain firewall-check {
    ip daddr . meta l4proto . th dport vmap @firewall-ips
  }
  chain cluster-ips-check {
    ip daddr @cluster-ips reject
    ${unallocated}
  }

  chain filter-prerouting {
    type filter hook prerouting priority dstnat - 10; policy accept;
    ct state new jump firewall-check
  }
  chain filter-input {
    type filter hook input priority -110; policy accept;
    ct state new jump nodeport-endpoints-check
    ct state new jump service-endpoints-check
  }
  chain filter-forward {
    type filter hook forward priority -110; policy accept;
    ct state new jump service-endpoints-check
    ct state new jump cluster-ips-check
  }
  chain filter-output {
    type filter hook output priority -110; policy accept;
    ct state new jump service-endpoints-check
    ct state new jump firewall-check
  }
  chain filter-output-post-dnat {
    type filter hook output priority -90; policy accept;
    ct state new jump cluster-ips-check
  }
  chain nat-prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    jump services
  }
  chain nat-output {
    type nat hook output priority -100; policy accept;
    jump services
  }
  chain nat-postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    jump masquerading
  }
}
`;
}
