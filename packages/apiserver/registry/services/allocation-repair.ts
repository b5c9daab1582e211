import { type KubeObject, processMetrics } from '@coxswain/machinery';
import type { RegistryContext } from '../context.ts';
import { portsOf, type ServiceAllocators } from './service-allocators.ts';

/** As upstream's repair loop. */
const repairMs = 3 * 60_000;
/** An address may be claimed shortly before its service is written. */
const graceMs = 60_000;

const portFaults = processMetrics
  .counter({
    name: 'apiserver_nodeport_repair_reconcile_errors_total',
    help: 'Rounds in which the node ports that services hold could not be repaired.',
  })
  .with();

/**
 * Frees what no service holds, as a server that died between taking and writing leaves it behind, and takes
 * what a service holds without having claimed it. Gives a function that stops it.
 */
export function startAllocationRepair(context: RegistryContext, allocators: ServiceAllocators): () => void {
  const stop = new AbortController();
  const keep = async (): Promise<void> => {
    for (;;) {
      await context.clock.sleep(repairMs, stop.signal).catch(() => undefined);
      if (stop.signal.aborted) return;
      await repairAllocations(context, allocators).catch((error: unknown) =>
        context.logger.error('cannot repair what services hold', { error: String(error) }),
      );
    }
  };
  keep().catch((error: unknown) => context.logger.error('repair has ended', { error: String(error) }));
  return () => stop.abort();
}

/** One round of the repair. */
async function repairAllocations(context: RegistryContext, allocators: ServiceAllocators): Promise<void> {
  const services = context.resources.find('v1', 'services')?.cache;
  const addresses = context.resources.find('networking.k8s.io/v1', 'ipaddresses')?.cache;
  if (services === undefined || addresses === undefined) return;
  const fresh = context.watchCache.freshen();
  if (fresh !== undefined) await fresh;
  const ports: number[] = [];
  const holders = new Map<string, KubeObject>();
  for (const { object } of services.index.values(services.prefix)) {
    ports.push(...portsOf(object['spec'] ?? {}));
    for (const address of object['spec']?.clusterIPs ?? []) {
      if (allocators.addresses.covers(address)) holders.set(address, object);
    }
  }
  await allocators.repairPorts(ports).catch((error: unknown) => {
    portFaults.inc();
    throw error;
  });
  const oldest = context.clock.now() - graceMs;
  for (const { object } of addresses.index.values(addresses.prefix)) {
    const address = object.metadata.name ?? '';
    const held = holders.get(address);
    if (held !== undefined && isParent(object, held)) holders.delete(address);
    else if (isOurs(object) && Date.parse(object.metadata.creationTimestamp ?? '') < oldest) {
      context.logger.warn('an address that no service holds is given back', { address });
      await allocators.unclaim(context, address);
    } else holders.delete(address);
  }
  for (const [address, service] of holders) await allocators.claim(context, address, service);
}

function isOurs(address: KubeObject): boolean {
  return (
    address.metadata.labels?.['ipaddress.kubernetes.io/managed-by'] === 'ipallocator.k8s.io' &&
    address['spec']?.parentRef?.resource === 'services'
  );
}

function isParent(address: KubeObject, service: KubeObject): boolean {
  const { namespace, name } = address['spec']?.parentRef ?? {};
  return namespace === service.metadata.namespace && name === service.metadata.name;
}
