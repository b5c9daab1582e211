import type { KubeObject } from '@coxswain/machinery';
import { age, loadBalancerText, nameOf, selectorText } from './format.ts';
import { ageColumn, column, field, nameColumn, type TableSketch } from './table.ts';

const shownHosts = 3;

function hostsText(ingress: KubeObject): string {
  const rules = (ingress['spec']?.rules ?? []) as { host?: string }[];
  const hosts: string[] = [];
  let more = false;
  for (const { host } of rules) {
    if (hosts.length === shownHosts) more = true;
    if (!more && host) hosts.push(host);
  }
  if (hosts.length === 0) return '*';
  return more ? `${hosts.join(',')} + ${rules.length - shownHosts} more...` : hosts.join(',');
}

export const ingresses: TableSketch = {
  columns: [
    nameColumn,
    column('Class', 'The name of the IngressClass resource that should be used for additional configuration'),
    column('Hosts', 'Hosts that incoming requests are matched against before the ingress rule'),
    column('Address', 'Address is a list containing ingress points for the load-balancer'),
    column('Ports', 'Ports of TLS configurations that open'),
    ageColumn,
  ],
  cells: (ingress, now) => [
    nameOf(ingress),
    ingress['spec']?.ingressClassName ?? '<none>',
    hostsText(ingress),
    loadBalancerText(ingress['status']?.loadBalancer),
    (ingress['spec']?.tls ?? []).length > 0 ? '80, 443' : '80',
    age(ingress, now),
  ],
};

export const ingressClasses: TableSketch = {
  columns: [
    nameColumn,
    column('Controller', 'Controller that is responsible for handling this class'),
    column('Parameters', 'A reference to a resource with additional parameters'),
    ageColumn,
  ],
  cells(object, now) {
    const { controller = '', parameters } = object['spec'] ?? {};
    const apiGroup: string | null | undefined = parameters?.apiGroup;
    const group = apiGroup == null ? '' : `.${apiGroup}`;
    const reference = parameters ? `${parameters.kind}${group}/${parameters.name}` : '<none>';
    const isDefault = object.metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true';
    const name = isDefault ? `${nameOf(object)} (default)` : nameOf(object);
    return [name, controller, reference, age(object, now)];
  },
};

export const networkPolicies: TableSketch = {
  columns: [
    nameColumn,
    column('Pod-Selector', field('networking.v1.NetworkPolicySpec', 'podSelector')),
    ageColumn,
  ],
  cells: (object, now) => [nameOf(object), selectorText(object['spec']?.podSelector ?? {}), age(object, now)],
};

export const serviceCIDRs: TableSketch = {
  columns: [nameColumn, column('CIDRs', field('networking.v1.ServiceCIDRSpec', 'cidrs')), ageColumn],
  cells: (object, now) => [nameOf(object), (object['spec']?.cidrs ?? []).join(','), age(object, now)],
};

export const ipAddresses: TableSketch = {
  columns: [nameColumn, column('ParentRef', field('networking.v1.IPAddressSpec', 'parentRef')), ageColumn],
  cells(object, now) {
    const parent = object['spec']?.parentRef;
    if (!parent) return [nameOf(object), '<none>', age(object, now)];
    const { group = '', resource = '', namespace = '', name = '' } = parent;
    const kind = (group === '' ? resource : `${resource}.${group}`).toLowerCase();
    const reference = [kind, ...(namespace === '' ? [] : [namespace]), name].join('/');
    return [nameOf(object), reference, age(object, now)];
  },
};
