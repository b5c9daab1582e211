import type { Session } from '../session.ts';
import type { Describer } from './describer.ts';
import { annotationsMultiline, formatSelector, labelsMultiline } from './format.ts';
import type { Lines } from './lines.ts';

export const describeIngress: Describer = async (lines, object, { session }) => {
  const { metadata, spec, status = {} } = object as any;
  lines.add(0, `Name:\t${metadata.name}`);
  labelsMultiline(lines, 0, 'Labels', metadata.labels);
  lines.add(0, `Namespace:\t${metadata.namespace}`);
  const addresses = (status.loadBalancer?.ingress ?? []).map((each: any) => each.ip ?? each.hostname);
  lines.add(0, `Address:\t${addresses.join(',')}`);
  lines.add(0, `Ingress Class:\t${spec.ingressClassName ?? '<none>'}`);
  const backend = (target: any) => backendText(session, metadata.namespace, target);
  lines.add(0, `Default backend:\t${spec.defaultBackend ? await backend(spec.defaultBackend) : '<default>'}`);
  if ((spec.tls ?? []).length > 0) {
    lines.add(0, 'TLS:');
    for (const { secretName, hosts = [] } of spec.tls) {
      lines.add(
        1,
        secretName ? `${secretName} terminates ${hosts.join(',')}` : `SNI routes ${hosts.join(',')}`,
      );
    }
  }
  lines.add(0, 'Rules:');
  lines.add(1, 'Host\tPath\tBackends');
  lines.add(1, '----\t----\t--------');
  let count = 0;
  for (const { host, http } of spec.rules ?? []) {
    if (http === undefined) continue;
    count++;
    lines.add(1, `${host || '*'}\t`);
    for (const path of http.paths) lines.add(2, `\t${path.path ?? ''} \t${await backend(path.backend)}`);
  }
  if (count === 0) {
    const fallback = spec.defaultBackend ? await backend(spec.defaultBackend) : '<default>';
    lines.add(1, `*\t*\t${fallback}`);
  }
  annotationsMultiline(lines, metadata.annotations);
};

/** `web:80 (10.0.0.3:8080)`: a backend with the addresses behind it. */
async function backendText(session: Session, namespace: string, { service, resource }: any): Promise<string> {
  if (resource)
    return `APIGroup: ${resource.apiGroup ?? '<none>'}, Kind: ${resource.kind}, Name: ${resource.name}`;
  const rest = await session.rest();
  const port = service.port?.number ?? service.port?.name ?? '';
  const text = `${service.name}:${port}`;
  let found: any;
  try {
    const mapping = { group: '', version: 'v1', resource: 'services' };
    found = await rest.get({ mapping, namespace, name: service.name });
  } catch (error) {
    return `${text} (<error: ${(error as Error).message}>)`;
  }
  const named = found.spec.ports.find(
    (each: any) => each.port === service.port?.number || each.name === service.port?.name,
  );
  const mapping = { group: 'discovery.k8s.io', version: 'v1', resource: 'endpointslices' };
  const labelSelector = `kubernetes.io/service-name=${service.name}`;
  const slices = (await rest.list({ mapping, namespace }, { labelSelector })).items as any[];
  const addresses = slices.flatMap((slice) =>
    (slice.ports ?? [])
      .filter((each: any) => (each.name ?? '') === (named?.name ?? ''))
      .flatMap((each: any) =>
        (slice.endpoints ?? [])
          .filter((endpoint: any) => endpoint.conditions?.ready !== false)
          .flatMap((endpoint: any) => endpoint.addresses.map((address: string) => `${address}:${each.port}`)),
      ),
  );
  const more = addresses.length > 3 ? ` + ${addresses.length - 3} more...` : '';
  return `${text} (${slices.length === 0 ? '<none>' : addresses.slice(0, 3).join(',') + more})`;
}

export const describeNetworkPolicy: Describer = (lines, object) => {
  const { metadata, spec } = object as any;
  lines.add(0, `Name:\t${metadata.name}`);
  lines.add(0, `Namespace:\t${metadata.namespace}`);
  lines.add(0, `Created on:\t${goTime(metadata.creationTimestamp)}`);
  labelsMultiline(lines, 0, 'Labels', metadata.labels);
  annotationsMultiline(lines, metadata.annotations);
  lines.add(0, 'Spec:');
  const everything = Object.keys(spec.podSelector ?? {}).length === 0;
  const pods = everything
    ? '<none> (Allowing the specific traffic to all pods in this namespace)'
    : formatSelector(spec.podSelector);
  lines.add(0, `  PodSelector:     ${pods}`);
  const types: string[] = spec.policyTypes ?? [];
  directionLines(lines, 'ingress', 'From', types.includes('Ingress'), spec.ingress ?? []);
  directionLines(lines, 'egress', 'To', types.includes('Egress'), spec.egress ?? []);
  lines.add(0, `  Policy Types: ${types.join(', ')}`);
};

function goTime(text: string | undefined): string {
  return text === undefined ? '' : `${text.replace('T', ' ').replace('Z', '')} +0000 UTC`;
}

function directionLines(
  lines: Lines,
  way: string,
  title: string,
  affected: boolean,
  rules: readonly any[],
): void {
  if (!affected) {
    lines.add(1, `Not affecting ${way} traffic`);
    return;
  }
  lines.add(1, `Allowing ${way} traffic:`);
  if (rules.length === 0) {
    lines.add(2, `<none> (Selected pods are isolated for ${way} connectivity)`);
    return;
  }
  rules.forEach((rule, i) => {
    const ports = rule.ports ?? [];
    if (ports.length === 0) lines.add(2, 'To Port: <any> (traffic allowed to all ports)');
    for (const { port, protocol = 'TCP' } of ports) lines.add(2, `To Port: ${port ?? '<any>'}/${protocol}`);
    const peers = rule.from ?? rule.to ?? [];
    if (peers.length === 0)
      lines.add(
        2,
        `${title}: <any> (traffic not restricted by ${way === 'ingress' ? 'source' : 'destination'})`,
      );
    peers.forEach((peer: any) => {
      lines.add(2, `${title}:`);
      if (peer.ipBlock) {
        lines.add(3, 'IPBlock:');
        lines.add(4, `CIDR: ${peer.ipBlock.cidr}`);
        lines.add(4, `Except: ${(peer.ipBlock.except ?? []).join(', ')}`);
        return;
      }
      if (peer.namespaceSelector)
        lines.add(3, `NamespaceSelector: ${formatSelector(peer.namespaceSelector)}`);
      if (peer.podSelector) lines.add(3, `PodSelector: ${formatSelector(peer.podSelector)}`);
    });
    if (i < rules.length - 1) lines.add(2, '----------');
  });
}

export const describeEndpointSlice: Describer = (lines, object) => {
  const { metadata, addressType, ports = [], endpoints = [] } = object as any;
  lines.add(0, `Name:\t${metadata.name}`);
  lines.add(0, `Namespace:\t${metadata.namespace}`);
  labelsMultiline(lines, 0, 'Labels', metadata.labels);
  annotationsMultiline(lines, metadata.annotations);
  lines.add(0, `AddressType:\t${addressType}`);
  if (ports.length === 0) lines.add(0, 'Ports: <unset>');
  else {
    lines.add(0, 'Ports:');
    lines.add(1, 'Name\tPort\tProtocol');
    lines.add(1, '----\t----\t--------');
    for (const { name, port, protocol } of ports) {
      lines.add(1, `${name || '<unset>'}\t${port ?? '<unset>'}\t${protocol ?? ''}`);
    }
  }
  if (endpoints.length === 0) {
    lines.add(0, 'Endpoints: <none>');
    return;
  }
  lines.add(0, 'Endpoints:');
  for (const each of endpoints) {
    lines.add(1, `- Addresses:\t${each.addresses.join(', ') || '<none>'}`);
    lines.add(2, 'Conditions:');
    lines.add(3, `Ready:\t${each.conditions?.ready ?? '<unset>'}`);
    lines.add(2, `Hostname:\t${each.hostname ?? '<unset>'}`);
    if (each.targetRef) lines.add(2, `TargetRef:\t${each.targetRef.kind}/${each.targetRef.name}`);
    lines.add(2, `NodeName:\t${each.nodeName ?? '<unset>'}`);
    lines.add(2, `Zone:\t${each.zone ?? '<unset>'}`);
  }
};

export const describeEndpoints: Describer = (lines, object) => {
  const { metadata, subsets = [] } = object as any;
  lines.add(0, `Name:\t${metadata.name}`);
  lines.add(0, `Namespace:\t${metadata.namespace}`);
  labelsMultiline(lines, 0, 'Labels', metadata.labels);
  annotationsMultiline(lines, metadata.annotations);
  lines.add(0, 'Subsets:');
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets) {
    const ips = (list: readonly any[]): string => list.map(({ ip }) => ip).join(',') || '<none>';
    lines.add(1, `Addresses:\t${ips(addresses)}`);
    lines.add(1, `NotReadyAddresses:\t${ips(notReadyAddresses)}`);
    if (ports.length > 0) {
      lines.add(1, 'Ports:');
      lines.add(2, 'Name\tPort\tProtocol');
      lines.add(2, '----\t----\t--------');
      for (const { name, port, protocol } of ports)
        lines.add(2, `${name || '<unset>'}\t${port}\t${protocol}`);
    }
    lines.add(0, '');
  }
};
