import { type KubeObject, parseQuantity, Quantity } from '@coxswain/machinery';
import type { QuantityMap } from '../pod-resources.ts';
import { podUsage } from './pod-usage.ts';

interface ResourceName {
  readonly group: string;
  readonly resource: string;
}

const one = Quantity.fromValue(1);

/** Core resources that quotas may also name without `count/`. */
const bareNames = ['configmaps', 'secrets', 'replicationcontrollers', 'resourcequotas'];

/** `count/pods`, `count/deployments.apps`. */
function countName({ group, resource }: ResourceName): string {
  return group === '' ? `count/${resource}` : `count/${resource}.${group}`;
}

/** How much of which quota an object uses. `now` is in milliseconds since 1970. */
export function quotaUsage(of: ResourceName, object: KubeObject, now: number): QuantityMap {
  if (of.group === '' && of.resource === 'pods') return podUsage(object, now);
  const usage: QuantityMap = { [countName(of)]: one };
  if (of.group !== '') return usage;
  if (bareNames.includes(of.resource)) usage[of.resource] = one;
  else if (of.resource === 'services') addService(usage, object);
  else if (of.resource === 'persistentvolumeclaims') addClaim(usage, object);
  return usage;
}

function addService(usage: QuantityMap, service: KubeObject): void {
  const spec = service['spec'] ?? {};
  const ports: { nodePort?: number }[] = spec['ports'] ?? [];
  usage['services'] = one;
  usage['services.nodeports'] = Quantity.fromValue(0);
  usage['services.loadbalancers'] = Quantity.fromValue(0);
  if (spec['type'] === 'NodePort') usage['services.nodeports'] = Quantity.fromValue(ports.length);
  if (spec['type'] === 'LoadBalancer') {
    const allocated = spec['allocateLoadBalancerNodePorts'] ?? true;
    const nodePorts = allocated ? ports.length : ports.filter((port) => port.nodePort).length;
    usage['services.nodeports'] = Quantity.fromValue(nodePorts);
    usage['services.loadbalancers'] = one;
  }
}

function addClaim(usage: QuantityMap, claim: KubeObject): void {
  const beta = claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'];
  const storageClass: string = beta ?? claim['spec']?.['storageClassName'] ?? '';
  const ofClass = `${storageClass}.storageclass.storage.k8s.io`;
  usage['persistentvolumeclaims'] = one;
  if (storageClass !== '') usage[`${ofClass}/persistentvolumeclaims`] = one;
  const request: string | undefined = claim['spec']?.['resources']?.['requests']?.['storage'];
  if (request === undefined) return;
  const asked = parseQuantity(request);
  const allocated: string | undefined = claim['status']?.['allocatedResources']?.['storage'];
  const most = wholeBytes(allocated === undefined ? asked : larger(asked, parseQuantity(allocated)));
  usage['requests.storage'] = most;
  if (storageClass !== '') usage[`${ofClass}/requests.storage`] = most;
}

/** Storage is counted in whole bytes. */
function wholeBytes(size: Quantity): Quantity {
  const whole = Quantity.fromValue(size.value(), size.format);
  return whole.compare(size) === 0 ? size : whole;
}

function larger(a: Quantity, b: Quantity): Quantity {
  return a.compare(b) >= 0 ? a : b;
}

const podNames = ['pods', 'cpu', 'memory', 'ephemeral-storage'];
const serviceNames = ['services', 'services.nodeports', 'services.loadbalancers'];

/** Whether a quota's resource is one that objects of the kind use. */
export function quotaConcerns(of: ResourceName, name: string): boolean {
  if (name === countName(of)) return true;
  if (of.group !== '') return false;
  switch (of.resource) {
    case 'pods':
      return (
        podNames.includes(name) ||
        name.startsWith('hugepages-') ||
        name.startsWith('limits.') ||
        (name.startsWith('requests.') && name !== 'requests.storage')
      );
    case 'services':
      return serviceNames.includes(name);
    case 'persistentvolumeclaims':
      return (
        name === 'persistentvolumeclaims' ||
        name === 'requests.storage' ||
        name.includes('.storageclass.storage.k8s.io/')
      );
    default:
      return bareNames.includes(of.resource) && name === of.resource;
  }
}
