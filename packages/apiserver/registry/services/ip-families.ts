import { type FieldError, FieldPath, invalid, type KubeObject, newInvalid } from '@coxswain/machinery';

type Family = 'IPv4' | 'IPv6';

const families: readonly Family[] = ['IPv4', 'IPv6'];

/**
 * Fills in `spec.ipFamilies` and `spec.ipFamilyPolicy` from what the cluster has (its first family is the
 * default); throws upstream's 422 where the cluster cannot do what is asked.
 */
export function initIPFamilies(service: KubeObject, cluster: readonly Family[]): void {
  const spec = service['spec'];
  if (spec.type === 'ExternalName') return;
  const path = FieldPath.root('spec');
  const policyPath = path.child('ipFamilyPolicy');
  const clusterIPs: string[] = spec.clusterIPs ?? [];
  const wanted: Family[] = [...(spec.ipFamilies ?? [])];
  const errors: FieldError[] = [];
  if (spec.ipFamilyPolicy === 'SingleStack') {
    const only = 'must be RequireDualStack or PreferDualStack when multiple';
    if (clusterIPs.length === 2)
      errors.push(invalid(policyPath, spec.ipFamilyPolicy, `${only} cluster IPs are specified`));
    if (wanted.length === 2)
      errors.push(invalid(policyPath, spec.ipFamilyPolicy, `${only} IP families are specified`));
  }
  clusterIPs.forEach((address, i) => {
    if (address !== 'None' && i >= wanted.length) wanted.push(address.includes(':') ? 'IPv6' : 'IPv4');
  });
  failOn(service, errors);
  const headless = clusterIPs[0] === 'None';
  if (headless && Object.keys(spec.selector ?? {}).length === 0) {
    // Without a selector nothing is allocated: the families say what the endpoints may be.
    if (wanted.length === 0) wanted.push(cluster[0] as Family);
    if (wanted.length < 2 && spec.ipFamilyPolicy !== 'SingleStack')
      wanted.push(otherFamily(wanted[0] as Family));
    spec.ipFamilies = wanted;
    spec.ipFamilyPolicy ??= 'RequireDualStack';
    return;
  }
  if (spec.ipFamilyPolicy === 'RequireDualStack' && cluster.length < 2) {
    errors.push(
      invalid(policyPath, spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services'),
    );
  }
  wanted.forEach((family, i) => {
    if (!cluster.includes(family)) {
      errors.push(invalid(path.child('ipFamilies').index(i), family, 'not configured on this cluster'));
    }
  });
  failOn(service, errors);
  if (wanted.length === 0) wanted.push(cluster[0] as Family);
  const dual = spec.ipFamilyPolicy === 'PreferDualStack' || spec.ipFamilyPolicy === 'RequireDualStack';
  if (dual && wanted.length === 1 && cluster.length === 2) wanted.push(otherFamily(wanted[0] as Family));
  spec.ipFamilies = wanted;
  spec.ipFamilyPolicy ??= 'SingleStack';
}

function otherFamily(family: Family): Family {
  return families.find((f) => f !== family) as Family;
}

function failOn(service: KubeObject, errors: readonly FieldError[]): void {
  if (errors.length > 0)
    throw newInvalid({ group: '', kind: 'Service' }, service.metadata.name ?? '', errors);
}
