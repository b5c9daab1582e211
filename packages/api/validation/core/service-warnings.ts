import type { KubeObject } from '@coxswain/machinery';
import { addressWarnings, rangeWarnings } from '../address-warnings.ts';
import { type Json, specPath } from '../values.ts';
import { isHeadless } from './service-fields.ts';

const hintsAnnotation = 'service.kubernetes.io/topology-aware-hints';
const modeAnnotation = 'service.kubernetes.io/topology-mode';

/** GetWarningsForService. */
export function serviceWarnings(service: KubeObject): string[] {
  const spec: Json = service['spec'];
  const out: string[] = [];
  const ignored = (field: string): void => void out.push(`${field} is ignored for headless services`);
  if (service.metadata.annotations?.[hintsAnnotation] !== undefined) {
    out.push(`annotation ${hintsAnnotation} is deprecated, please use ${modeAnnotation} instead`);
  }
  const clusterIPs: readonly string[] = spec['clusterIPs'] ?? [];
  const externalIPs: readonly string[] = spec['externalIPs'] ?? [];
  const ranges: readonly string[] = spec['loadBalancerSourceRanges'] ?? [];
  clusterIPs.forEach((ip, i) => {
    out.push(...addressWarnings(specPath.child('clusterIPs').index(i), ip));
  });
  if (isHeadless(spec) && spec['type'] === 'ClusterIP') {
    if (spec['loadBalancerIP']) ignored('spec.loadBalancerIP');
    if (externalIPs.length > 0) ignored('spec.externalIPs');
    if (spec['sessionAffinity'] !== 'None') ignored('spec.SessionAffinity');
  }
  if (externalIPs.length > 0) out.push('spec.externalIPs is deprecated');
  externalIPs.forEach((ip, i) => {
    out.push(...addressWarnings(specPath.child('externalIPs').index(i), ip));
  });
  if (spec['loadBalancerIP']) {
    out.push(...addressWarnings(specPath.child('loadBalancerIP'), spec['loadBalancerIP']));
  }
  ranges.forEach((range, i) => {
    out.push(...rangeWarnings(specPath.child('loadBalancerSourceRanges').index(i), range));
  });
  const isName = spec['type'] === 'ExternalName';
  if (isName && externalIPs.length > 0) {
    out.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  }
  if (!isName && spec['externalName']) {
    out.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  }
  if (spec['trafficDistribution'] === 'PreferClose') {
    out.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  }
  return out;
}
