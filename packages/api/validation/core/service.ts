import { duplicate, FieldPath, forbidden, invalid, required } from '@coxswain/machinery';
import {
  validateCIDR,
  validateDNS1123Label,
  validateDNS1123Subdomain,
  validateIP,
  validateNonSpecialIP,
  validatePortNumber,
  validatePortNumOrName,
  validateQualifiedName,
} from '../formats.ts';
import { validateLabels } from '../object-meta.ts';
import { validateProtocol } from '../pod/container/container-enums.ts';
import { type Errors, type Json, oneOf, requiredOneOf, sizeOf, specPath } from '../values.ts';
import { isExternallyAccessible, isHeadless, needsHealthCheck } from './service-fields.ts';
import { validateClusterIPsRelatedFields, validateIPChanges } from './service-ips.ts';

const serviceTypes = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
const hintsAnnotation = 'service.kubernetes.io/topology-aware-hints';
const modeAnnotation = 'service.kubernetes.io/topology-mode';
const rangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges';
// one day
const longestAffinity = 86400;

/**
 * ValidateService without the metadata's generic part; allocated values must be in place.
 *
 * @param old the service before an update
 */
export function validateService(errs: Errors, service: Json, old?: Json): void {
  const before: Json | undefined = old?.['spec'];
  const spec: Json = service['spec'];
  const annotations: Json = service['metadata'].annotations ?? {};
  validateTopologyAnnotations(errs, annotations);
  const type: string = spec['type'] ?? '';
  const ports: readonly Json[] = spec['ports'] ?? [];
  const portsPath = specPath.child('ports');
  if (ports.length === 0 && !isHeadless(spec) && type !== 'ExternalName') errs.push(required(portsPath));
  validateByType(errs, spec, type);
  const names = new Set<string>();
  ports.forEach((port, i) => {
    validatePort(errs, port, ports.length > 1, names, portsPath.index(i));
  });
  validateLabels(errs, spec['selector'], specPath.child('selector'));
  validateAffinity(errs, spec);
  validateClusterIPsRelatedFields(errs, spec, before);
  const externalIPs: readonly string[] = spec['externalIPs'] ?? [];
  externalIPs.forEach((ip, i) => {
    const place = specPath.child('externalIPs').index(i);
    if (validateIP(errs, ip, place, before?.['externalIPs'])) validateNonSpecialIP(errs, ip, place);
  });
  requiredOneOf(errs, specPath.child('type'), type, serviceTypes);
  validateNodePorts(errs, ports, type, portsPath);
  validateSourceRanges(errs, service, old);
  if (spec['allocateLoadBalancerNodePorts'] != null && type !== 'LoadBalancer') {
    const place = specPath.child('allocateLoadBalancerNodePorts');
    errs.push(forbidden(place, "may only be used when `type` is 'LoadBalancer'"));
  }
  if (type === 'LoadBalancer' && spec['allocateLoadBalancerNodePorts'] == null) {
    errs.push(required(FieldPath.root('allocateLoadBalancerNodePorts')));
  }
  validateLoadBalancerClass(errs, spec, undefined);
  validateTrafficPolicies(errs, spec, type);
}

function validateTopologyAnnotations(errs: Errors, annotations: Json): void {
  const hints: string | undefined = annotations[hintsAnnotation];
  const mode: string | undefined = annotations[modeAnnotation];
  if (hints == null || mode == null || hints === mode) return;
  const place = FieldPath.root('metadata', 'annotations').key(modeAnnotation);
  errs.push(invalid(place, mode, `must match annotations[${hintsAnnotation}] when both are specified`));
}

function validateByType(errs: Errors, spec: Json, type: string): void {
  if ((type === 'LoadBalancer' || type === 'NodePort') && isHeadless(spec)) {
    const message = `may not be set to 'None' for ${type} services`;
    errs.push(invalid(specPath.child('clusterIPs').index(0), 'None', message));
  }
  if (type !== 'ExternalName') return;
  const message = 'may not be set for ExternalName services';
  for (const member of ['clusterIPs', 'ipFamilies']) {
    if (sizeOf(spec[member]) > 0) errs.push(forbidden(specPath.child(member), message));
  }
  if (spec['ipFamilyPolicy'] != null) errs.push(forbidden(specPath.child('ipFamilyPolicy'), message));
  const name: string = (spec['externalName'] ?? '').replace(/\.$/, '');
  const place = specPath.child('externalName');
  if (name === '') errs.push(required(place));
  else validateDNS1123Subdomain(errs, name, place);
}

function validatePort(errs: Errors, port: Json, named: boolean, names: Set<string>, path: FieldPath): void {
  const name: string = port['name'] ?? '';
  if (name !== '') {
    validateDNS1123Label(errs, name, path.child('name'));
    if (names.has(name)) errs.push(duplicate(path.child('name'), name));
    names.add(name);
  } else if (named) {
    errs.push(required(path.child('name')));
  }
  validatePortNumber(errs, port['port'], path.child('port'));
  validateProtocol(errs, port['protocol'], path.child('protocol'));
  validatePortNumOrName(errs, port['targetPort'], path.child('targetPort'));
  if (port['appProtocol'] != null) {
    validateQualifiedName(errs, port['appProtocol'], path.child('appProtocol'));
  }
}

function validateAffinity(errs: Errors, spec: Json): void {
  const affinity: string = spec['sessionAffinity'] ?? '';
  requiredOneOf(errs, specPath.child('sessionAffinity'), affinity, ['ClientIP', 'None']);
  const path = specPath.child('sessionAffinityConfig');
  const config: Json | undefined = spec['sessionAffinityConfig'];
  if (affinity === 'None' && config != null) {
    errs.push(forbidden(path, 'must not be set when session affinity is None'));
  }
  if (affinity !== 'ClientIP') return;
  const missing = 'when session affinity type is ClientIP';
  const seconds: number | undefined = config?.['clientIP']?.timeoutSeconds;
  const secondsPath = path.child('clientIP').child('timeoutSeconds');
  if (config == null) errs.push(required(path, missing));
  else if (config['clientIP'] == null) errs.push(required(path.child('clientIP'), missing));
  else if (seconds == null) errs.push(required(secondsPath, missing));
  else if (seconds <= 0 || seconds > longestAffinity) {
    errs.push(invalid(secondsPath, seconds, `must be greater than 0 and less than ${longestAffinity}`));
  }
}

function validateNodePorts(errs: Errors, ports: readonly Json[], type: string, path: FieldPath): void {
  if (type === 'ClusterIP') {
    ports.forEach((port, i) => {
      if (!port['nodePort']) return;
      const message = "may not be used when `type` is 'ClusterIP'";
      errs.push(forbidden(path.index(i).child('nodePort'), message));
    });
  }
  const taken = new Set<string>();
  ports.forEach((port, i) => {
    if (!port['nodePort']) return;
    const key = `${port['protocol']}/${port['nodePort']}`;
    if (taken.has(key)) errs.push(duplicate(path.index(i).child('nodePort'), port['nodePort']));
    taken.add(key);
  });
  const known = new Set<string>();
  ports.forEach((port, i) => {
    const key = `${port['protocol']}/${port['port']}`;
    if (known.has(key)) errs.push(duplicate(path.index(i), printedPort(port)));
    known.add(key);
  });
}

/** The key of a port as the internal struct prints. */
function printedPort(port: Json): Json {
  return {
    Name: '',
    Protocol: port['protocol'] ?? '',
    AppProtocol: null,
    Port: port['port'] ?? 0,
    TargetPort: 0,
    NodePort: 0,
  };
}

function validateSourceRanges(errs: Errors, service: Json, old: Json | undefined): void {
  const spec: Json = service['spec'];
  const ranges: readonly string[] = spec['loadBalancerSourceRanges'] ?? [];
  const value: string | undefined = service['metadata'].annotations?.[rangesAnnotation];
  const path =
    ranges.length > 0
      ? specPath.child('LoadBalancerSourceRanges')
      : FieldPath.root('metadata', 'annotations').key(rangesAnnotation);
  if (ranges.length === 0 && value == null) return;
  if (spec['type'] !== 'LoadBalancer') {
    errs.push(forbidden(path, "may only be used when `type` is 'LoadBalancer'"));
  }
  if (ranges.length > 0) {
    const before: readonly string[] = old?.['spec'].loadBalancerSourceRanges ?? [];
    const known = before.map((range) => range.trim());
    ranges.forEach((range, i) => {
      validateCIDR(errs, range.trim(), path.index(i), known);
    });
    return;
  }
  if (value!.trim() === '' || old?.['metadata'].annotations?.[rangesAnnotation] === value) return;
  for (const range of value!.trim().split(',')) validateCIDR(errs, range.trim(), path);
}

function validateLoadBalancerClass(errs: Errors, spec: Json, old: Json | undefined): void {
  const path = specPath.child('loadBalancerClass');
  const name: string | undefined = spec['loadBalancerClass'];
  if (spec['type'] !== 'LoadBalancer') {
    if (name != null) errs.push(forbidden(path, "may only be used when `type` is 'LoadBalancer'"));
    return;
  }
  if (old?.['type'] === 'LoadBalancer' && old['loadBalancerClass'] !== name) {
    errs.push(invalid(path, name, 'may not change once set'));
  }
  if (name != null) validateQualifiedName(errs, name, path);
}

function validateTrafficPolicies(errs: Errors, spec: Json, type: string): void {
  const external: string = spec['externalTrafficPolicy'] ?? '';
  const externalPath = specPath.child('externalTrafficPolicy');
  if (isExternallyAccessible(spec)) requiredOneOf(errs, externalPath, external, ['Cluster', 'Local']);
  else if (external !== '') {
    errs.push(invalid(externalPath, external, 'may only be set for externally-accessible services'));
  }
  const port: number = spec['healthCheckNodePort'] ?? 0;
  const portPath = specPath.child('healthCheckNodePort');
  if (!needsHealthCheck(spec)) {
    const message = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    if (port !== 0) errs.push(invalid(portPath, port, message));
  } else if (port === 0) errs.push(required(portPath));
  else validatePortNumber(errs, port, portPath);
  const internal: string | undefined = spec['internalTrafficPolicy'];
  const internalPath = specPath.child('internalTrafficPolicy');
  if (internal != null) oneOf(errs, internalPath, internal, ['Cluster', 'Local']);
  else if (type !== 'ExternalName' && serviceTypes.includes(type)) errs.push(required(internalPath));
  const distribution: string | undefined = spec['trafficDistribution'];
  if (distribution != null) oneOf(errs, specPath.child('trafficDistribution'), distribution, distributions);
}

/** ValidateServiceUpdate: addresses and families stay, the rest is as new. */
export function validateServiceUpdate(errs: Errors, service: Json, old: Json): void {
  const spec: Json = service['spec'];
  const before: Json = old['spec'];
  validateIPChanges(errs, spec, before);
  validateLoadBalancerClass(errs, spec, before);
  if (needsHealthCheck(before) && needsHealthCheck(spec)) {
    if (spec['healthCheckNodePort'] !== before['healthCheckNodePort']) {
      errs.push(forbidden(specPath.child('healthCheckNodePort'), 'field is immutable'));
    }
  }
  validateService(errs, service, old);
}
