import { needsHealthCheck } from '@coxswain/api';
import { FieldPath, invalid, type KubeObject, newInternalError, newInvalid } from '@coxswain/machinery';
import { plainError } from '../context.ts';
import type { Allocation } from './allocation.ts';

interface ServicePort {
  readonly port: number;
  readonly protocol?: string;
  nodePort?: number;
}

const portsPath = FieldPath.root('spec', 'ports');

/** Whether the service gets node ports that it does not ask for. */
function wantsNodePorts(spec: KubeObject): boolean {
  if (spec['type'] === 'NodePort') return true;
  return spec['type'] === 'LoadBalancer' && spec['allocateLoadBalancerNodePorts'] !== false;
}

/** Whether the service may have node ports. */
function mayHaveNodePorts(spec: KubeObject): boolean {
  return spec['type'] === 'NodePort' || spec['type'] === 'LoadBalancer';
}

/** Whether a service takes ports of nodes in some way: what does not needs no look at the pool. */
export function takesPorts(spec: KubeObject): boolean {
  return mayHaveNodePorts(spec) || needsHealthCheck(spec);
}

/** Takes the node ports of a new service; one service port under several protocols shares one node port. */
export function takeNewPorts(allocation: Allocation, service: KubeObject): void {
  const { spec } = service;
  const ports: readonly ServicePort[] = spec.ports ?? [];
  const byPort = new Map<number, number>();
  if (mayHaveNodePorts(spec)) {
    ports.forEach((port, i) => {
      const asked = port.nodePort ?? 0;
      if (asked === 0 && !wantsNodePorts(spec)) return;
      const shared = byPort.get(port.port);
      if (shared === undefined) {
        const wanted = ports.find(
          (other) => other.port === port.port && (other.nodePort ?? 0) !== 0,
        )?.nodePort;
        if (wanted !== undefined) takePort(allocation, service, i, wanted);
        port.nodePort = wanted ?? takeAnyPort(allocation);
        byPort.set(port.port, port.nodePort);
      } else if (asked === 0) {
        port.nodePort = shared;
      } else if (asked !== shared) {
        takePort(allocation, service, i, asked);
      }
    });
  }
  if (needsHealthCheck(spec)) takeHealthCheckPort(allocation, spec);
}

/** Takes the node ports that an update adds. */
export function takeAddedPorts(allocation: Allocation, service: KubeObject, old: KubeObject): void {
  const { spec } = service;
  if (mayHaveNodePorts(spec)) {
    const oldPorts: readonly ServicePort[] = old['spec'].ports ?? [];
    const held = new Set(oldPorts.map((port) => port.nodePort ?? 0));
    const seen = new Set<string>();
    const ports: readonly ServicePort[] = spec.ports ?? [];
    ports.forEach((port, i) => {
      const asked = port.nodePort ?? 0;
      if (asked === 0 && !wantsNodePorts(spec)) return;
      if (asked === 0) port.nodePort = takeAnyPort(allocation);
      else if (!held.has(asked)) takePort(allocation, service, i, asked);
      held.add(asked);
      const { protocol = '', nodePort = 0 } = port;
      if (seen.has(`${protocol} ${nodePort}`)) {
        throw plainError(`duplicate nodePort: {${protocol} ${nodePort}}`);
      }
      seen.add(`${protocol} ${nodePort}`);
    });
  }
  if (needsHealthCheck(spec) && !needsHealthCheck(old['spec'])) takeHealthCheckPort(allocation, spec);
}

function takePort(allocation: Allocation, service: KubeObject, index: number, port: number): void {
  const fault = allocation.takePort(port);
  if (fault === undefined) return;
  throw newInvalid({ group: '', kind: 'Service' }, service.metadata.name ?? '', [
    invalid(portsPath.index(index).child('nodePort'), port, fault),
  ]);
}

function takeAnyPort(allocation: Allocation): number {
  const port = allocation.takeAnyPort();
  if (port === undefined) throw newInternalError('failed to allocate a nodePort: range is full');
  return port;
}

function takeHealthCheckPort(allocation: Allocation, spec: KubeObject): void {
  const asked: number = spec['healthCheckNodePort'] ?? 0;
  if (asked !== 0) {
    const fault = allocation.takePort(asked);
    if (fault !== undefined) {
      throw newInternalError(`failed to allocate requested HealthCheck NodePort ${asked}: ${fault}`);
    }
    return;
  }
  const port = allocation.takeAnyPort();
  if (port === undefined)
    throw newInternalError('failed to allocate a HealthCheck NodePort 0: range is full');
  spec['healthCheckNodePort'] = port;
}
