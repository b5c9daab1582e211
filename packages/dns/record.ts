/** Types of record that the cluster's zone has. */
export type RecordType = 'A' | 'AAAA' | 'CNAME' | 'SRV' | 'PTR' | 'TXT' | 'NS' | 'SOA';

/** One resource record, in the shape that dns-packet encodes. */
export interface DnsRecord {
  /** Lower case, without a dot at the end. */
  readonly name: string;
  readonly type: RecordType;
  /** Seconds. */
  readonly ttl: number;
  readonly data: unknown;
}

/** The outcome of a question. */
export interface Answer {
  readonly rcode: 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL';
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

/** Seconds that answers of the cluster's zone may be kept, as CoreDNS has it. */
export const clusterTtl = 5;

/** `10.96.0.1` as its name in in-addr.arpa. */
export function reverseName(address: string): string {
  return `${address.split('.').reverse().join('.')}.in-addr.arpa`;
}
