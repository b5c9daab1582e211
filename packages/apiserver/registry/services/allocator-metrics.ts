import type { MetricsRegistry } from '@coxswain/machinery';
import { AllocationCounts } from './allocation-counts.ts';
import type { ServiceAllocators } from './service-allocators.ts';

/** What is left of service addresses and node ports, told when somebody asks, and the addresses that are given. */
export function addAllocatorMetrics(registry: MetricsRegistry, allocators: ServiceAllocators): void {
  const { addresses, ports } = allocators;
  allocators.counts = new AllocationCounts(registry);
  const ofRange = (what: string, help: string) =>
    registry.gauge({ name: `kube_apiserver_clusterip_allocator_${what}_ips`, help, labels: ['cidr'] });
  const ofPorts = (what: string, help: string) =>
    registry.gauge({ name: `kube_apiserver_nodeport_allocator_${what}_ports`, help }).with();
  const takenAddresses = ofRange('allocated', 'Addresses of services that are taken.');
  const freeAddresses = ofRange('available', 'Addresses of services that are free.');
  const takenPorts = ofPorts('allocated', 'Node ports that are taken.');
  const freePorts = ofPorts('available', 'Node ports that are free.');
  registry.beforeWrite(() => {
    takenAddresses.clear();
    freeAddresses.clear();
    for (const { cidr, taken, free } of addresses.use()) {
      takenAddresses.with(cidr).set(taken);
      freeAddresses.with(cidr).set(free);
    }
    takenPorts.set(ports.taken);
    freePorts.set(ports.last - ports.first + 1 - ports.taken);
  });
}
