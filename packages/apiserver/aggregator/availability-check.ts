import type { ObjectReader } from '../access/contract.ts';
import { type Availability, apiServiceName, type ServiceReference } from './api-service.ts';
import { hasReadyEndpoint, services, slicesOf } from './resolve-service.ts';

const passed: Availability = { status: 'True', reason: 'Passed', message: 'all checks passed' };

const failed = (reason: string, message: string): Availability => ({ status: 'False', reason, message });

/** What can be said of a server from what is stored: undefined when it takes asking it. */
export function availabilityFromState(
  reader: ObjectReader,
  { namespace, name, port }: ServiceReference,
): Availability | undefined {
  const at = `service/${name} in ${JSON.stringify(namespace)}`;
  const service = reader.get(services, namespace, name);
  if (service === undefined) return failed('ServiceNotFound', `${at} is not present`);
  if ((service['spec']?.type ?? 'ClusterIP') !== 'ClusterIP') return undefined;
  const ports: readonly { name?: string; port: number }[] = service['spec']?.ports ?? [];
  const found = ports.find((one) => one.port === port);
  if (found === undefined) {
    return failed('ServicePortError', `${at} is not listening on port ${port}`);
  }
  const slices = slicesOf(reader, namespace, name);
  if (slices.length === 0) return failed('EndpointsNotFound', `cannot find endpointslices for ${at}`);
  const portName = found.name ?? '';
  if (hasReadyEndpoint(slices, portName)) return undefined;
  const without = `have no addresses with port name ${JSON.stringify(portName)}`;
  return failed('MissingEndpoints', `endpointslices for ${at} ${without}`);
}

/** What asking the server came to; `fault` is absent when it answered. */
export function availabilityFromAnswer(fault: string | undefined): Availability {
  return fault === undefined ? passed : failed('FailedDiscoveryCheck', fault);
}

/** What every server of a version must answer: its discovery. */
export function discoveryPath(group: string, version: string): string {
  return apiServiceName(group, version) === 'v1.' ? '/api/v1' : `/apis/${group}/${version}`;
}
