import type { KubeObject } from '@coxswain/machinery';
import type { Session } from '../session.ts';
import type { Describer } from './describer.ts';
import { annotationsMultiline, joinLabels, labelsMultiline } from './format.ts';

export const describeService: Describer = async (lines, service, { session }) => {
  const { metadata, spec, status = {} } = service as any;
  lines.add(0, `Name:\t${metadata.name}`);
  lines.add(0, `Namespace:\t${metadata.namespace}`);
  labelsMultiline(lines, 0, 'Labels', metadata.labels);
  annotationsMultiline(lines, metadata.annotations);
  lines.add(0, `Selector:\t${joinLabels(spec.selector)}`);
  lines.add(0, `Type:\t${spec.type}`);
  if (spec.ipFamilyPolicy) lines.add(0, `IP Family Policy:\t${spec.ipFamilyPolicy}`);
  lines.add(0, `IP Families:\t${(spec.ipFamilies ?? []).join(',') || '<none>'}`);
  lines.add(0, `IP:\t${spec.clusterIP ?? ''}`);
  lines.add(0, `IPs:\t${(spec.clusterIPs ?? []).join(',') || '<none>'}`);
  if ((spec.externalIPs ?? []).length > 0) lines.add(0, `External IPs:\t${spec.externalIPs.join(',')}`);
  if (spec.loadBalancerIP) lines.add(0, `Desired LoadBalancer IP:\t${spec.loadBalancerIP}`);
  const ingress = (status.loadBalancer?.ingress ?? []).map(
    (each: any) => `${each.ip ?? each.hostname}${each.ipMode ? ` (${each.ipMode})` : ''}`,
  );
  if (ingress.length > 0) lines.add(0, `LoadBalancer Ingress:\t${ingress.join(', ')}`);
  if (spec.externalName) lines.add(0, `External Name:\t${spec.externalName}`);
  const slices = await slicesOf(session, service);
  for (const port of spec.ports ?? []) {
    const name = port.name || '<unset>';
    lines.add(0, `Port:\t${name}\t${port.port}/${port.protocol ?? 'TCP'}`);
    lines.add(0, `TargetPort:\t${port.targetPort ?? port.port}/${port.protocol ?? 'TCP'}`);
    if (port.nodePort) lines.add(0, `NodePort:\t${name}\t${port.nodePort}/${port.protocol ?? 'TCP'}`);
    lines.add(0, `Endpoints:\t${endpointsText(slices, port.name ?? '')}`);
  }
  lines.add(0, `Session Affinity:\t${spec.sessionAffinity ?? ''}`);
  if (spec.externalTrafficPolicy) lines.add(0, `External Traffic Policy:\t${spec.externalTrafficPolicy}`);
  if (spec.internalTrafficPolicy) lines.add(0, `Internal Traffic Policy:\t${spec.internalTrafficPolicy}`);
  if (spec.trafficDistribution) lines.add(0, `Traffic Distribution:\t${spec.trafficDistribution}`);
  if (spec.healthCheckNodePort) lines.add(0, `HealthCheck NodePort:\t${spec.healthCheckNodePort}`);
  if ((spec.loadBalancerSourceRanges ?? []).length > 0) {
    lines.add(0, `LoadBalancer Source Ranges:\t${spec.loadBalancerSourceRanges.join(',')}`);
  }
};

async function slicesOf(session: Session, service: KubeObject): Promise<KubeObject[]> {
  const mapping = { group: 'discovery.k8s.io', version: 'v1', resource: 'endpointslices' };
  const labelSelector = `kubernetes.io/service-name=${service.metadata.name}`;
  return (
    await (await session.rest()).list({ mapping, namespace: service.metadata.namespace }, { labelSelector })
  ).items;
}

/** The first three addresses, and how many more there are. */
function endpointsText(slices: readonly any[], port: string): string {
  if (slices.length === 0) return '<none>';
  const all: string[] = [];
  for (const slice of slices) {
    for (const each of slice.ports ?? []) {
      if ((each.name ?? '') !== port) continue;
      for (const endpoint of slice.endpoints ?? []) {
        if (endpoint.conditions?.ready === false) continue;
        for (const address of endpoint.addresses) {
          const host = address.includes(':') ? `[${address}]` : address;
          all.push(each.port === undefined ? address : `${host}:${each.port}`);
        }
      }
    }
  }
  const more = all.length > 3 ? ` + ${all.length - 3} more...` : '';
  return `${all.slice(0, 3).join(',')}${more}`;
}
