import { isHeadless, validateClusterIPsRelatedFields } from '@coxswain/api';
import { type FieldError, FieldPath, invalid, type KubeObject, newInvalid } from '@coxswain/machinery';

export type Family = 'IPv4' | 'IPv6';

const families: readonly Family[] = ['IPv4', 'IPv6'];
const policyPath = FieldPath.root('spec', 'ipFamilyPolicy');
const familiesPath = FieldPath.root('spec', 'ipFamilies');
const addressesPath = FieldPath.root('spec', 'clusterIPs');

/** The family of a well-formed address. */
export function familyOf(address: string): Family {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}

/**
 * Fills in `spec.ipFamilies` and `spec.ipFamilyPolicy` from what the cluster has (its first family is the
 * default); throws upstream's 422 where the cluster cannot do what is asked.
 *
 * @param old the service that is updated; absent for a new one
 */
export function initIPFamilies(
  service: KubeObject,
  old: KubeObject | undefined,
  cluster: readonly Family[],
): void {
  const { spec } = service;
  if (spec.type === 'ExternalName' || staysPreferDualStack(service, old)) return;
  spec.ipFamilyPolicy ??= old?.['spec'].ipFamilyPolicy ?? defaultPolicy(spec);
  const errors: FieldError[] = [];
  validateClusterIPsRelatedFields(errors, spec, old?.['spec']);
  failOn(service, errors);
  if (old !== undefined) releaseSecond(errors, spec, old['spec']);
  if (spec.ipFamilyPolicy === 'SingleStack') refuseTwo(errors, spec);
  inferFamilies(errors, spec, cluster);
  failOn(service, errors);
  if (isSelectorless(spec)) {
    // nothing is allocated: the families say what the endpoints may be
    if (sizeOf(spec.ipFamilies) === 0) spec.ipFamilies = [cluster[0]];
    addSecond(spec);
    return;
  }
  if (spec.ipFamilyPolicy === 'RequireDualStack' && cluster.length < 2) {
    const message = 'this cluster is not configured for dual-stack services';
    errors.push(invalid(policyPath, spec.ipFamilyPolicy, message));
  }
  const asked: readonly Family[] = spec.ipFamilies ?? [];
  asked.forEach((family, i) => {
    if (cluster.includes(family)) return;
    errors.push(invalid(familiesPath.index(i), family, 'not configured on this cluster'));
  });
  failOn(service, errors);
  if (asked.length === 0) spec.ipFamilies = [cluster[0]];
  if (cluster.length === 2) addSecond(spec);
}

/**
 * Whether an update leaves a service alone that would rather have two families: it is neither extended nor
 * reduced when the cluster has changed meanwhile.
 */
export function staysPreferDualStack(service: KubeObject, old: KubeObject | undefined): boolean {
  if (old === undefined) return false;
  const { spec } = service;
  const before = old['spec'];
  if (spec.ipFamilyPolicy !== 'PreferDualStack' || spec.type !== before.type) return false;
  if ((before.ipFamilyPolicy ?? 'PreferDualStack') !== 'PreferDualStack') return false;
  if (!['ClusterIP', 'NodePort', 'LoadBalancer'].includes(spec.type)) return false;
  return same(spec.clusterIPs, before.clusterIPs) && same(spec.ipFamilies, before.ipFamilies);
}

function defaultPolicy(spec: KubeObject): string {
  return isSelectorless(spec) ? 'RequireDualStack' : 'SingleStack';
}

function isSelectorless(spec: KubeObject): boolean {
  return spec['clusterIP'] === 'None' && Object.keys(spec['selector'] ?? {}).length === 0;
}

/** The policy alone says that the second family may go; without it, leaving the second out is a mistake. */
function releaseSecond(errors: FieldError[], spec: KubeObject, before: KubeObject): void {
  const single = spec['ipFamilyPolicy'] === 'SingleStack';
  for (const [member, what] of [
    ['clusterIPs', 'cluster IP'],
    ['ipFamilies', 'IP family'],
  ] as const) {
    const size = sizeOf(spec[member]);
    if (single) {
      if (size > 1 && same(spec[member], before[member])) spec[member] = spec[member].slice(0, 1);
    } else if (size > 0 && size < sizeOf(before[member])) {
      const message = `must be 'SingleStack' to release the secondary ${what}`;
      errors.push(invalid(policyPath, spec['ipFamilyPolicy'], message));
    }
  }
}

function refuseTwo(errors: FieldError[], spec: KubeObject): void {
  for (const [member, what] of [
    ['clusterIPs', 'cluster IPs'],
    ['ipFamilies', 'IP families'],
  ] as const) {
    if (sizeOf(spec[member]) !== 2) continue;
    const message = `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`;
    errors.push(invalid(policyPath, spec['ipFamilyPolicy'], message));
  }
}

/** Addresses that are given say of which family they are. */
function inferFamilies(errors: FieldError[], spec: KubeObject, cluster: readonly Family[]): void {
  if (isHeadless(spec)) return;
  const addresses: readonly string[] = spec['clusterIPs'] ?? [];
  const known: Family[] = [...(spec['ipFamilies'] ?? [])];
  addresses.forEach((address, i) => {
    if (i < known.length) return;
    const family = familyOf(address);
    if (cluster.includes(family)) known.push(family);
    else
      errors.push(invalid(addressesPath.index(i), addresses, `${family} is not configured on this cluster`));
  });
  if (known.length > 0) spec['ipFamilies'] = known;
}

function addSecond(spec: KubeObject): void {
  if (spec['ipFamilyPolicy'] === 'SingleStack' || sizeOf(spec['ipFamilies']) !== 1) return;
  const [first] = spec['ipFamilies'];
  spec['ipFamilies'] = [first, ...families.filter((family) => family !== first)];
}

function sizeOf(list: readonly unknown[] | undefined): number {
  return list?.length ?? 0;
}

function same(a: readonly string[] = [], b: readonly string[] = []): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

function failOn(service: KubeObject, errors: readonly FieldError[]): void {
  if (errors.length > 0)
    throw newInvalid({ group: '', kind: 'Service' }, service.metadata.name ?? '', errors);
}
