export { type Dns, type DnsOptions, startDns } from './dns.ts';
export { type DnsPublisherOptions, dnsPortLabel, startDnsPublisher } from './dns-publisher.ts';
export { machineUpstreams, type Upstream } from './resolv-conf.ts';
