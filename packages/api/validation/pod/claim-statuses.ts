import { duplicate, type FieldPath, invalid, parseQuantity, required } from '@coxswain/machinery';
import { validateDNS1123Label } from '../formats.ts';
import { dnsSubdomainName } from '../names.ts';
import { isNativeResource } from '../resource-names.ts';
import { addInvalid, blank, type Errors, type Json, keysOf, sizeOf, statusPath } from '../values.ts';

/** What a pod's status says of the resource claims made for it. */
export function validateClaimStatuses(errs: Errors, status: Json, spec: Json): void {
  validateGenerated(errs, status, spec, statusPath.child('resourceClaimStatuses'));
  const extended: Json | undefined = status['extendedResourceClaimStatus'];
  if (extended != null) {
    validateExtended(errs, extended, spec, statusPath.child('extendedResourceClaimStatus'));
  }
  validateNodeAllocatable(errs, status, spec, statusPath.child('nodeAllocatableResourceClaimStatuses'));
}

function validateGenerated(errs: Errors, status: Json, spec: Json, path: FieldPath): void {
  const statuses: readonly Json[] = status['resourceClaimStatuses'] ?? [];
  const claims: readonly Json[] = spec['resourceClaims'] ?? [];
  const seen = new Set<string>();
  statuses.forEach((one, i) => {
    const place = path.index(i);
    const name: string = one['name'] ?? '';
    if (!claims.some((claim) => claim['name'] === name)) {
      errs.push(
        invalid(place.child('name'), name, 'must match the name of an entry in `spec.resourceClaims`'),
      );
    }
    if (seen.has(name)) errs.push(duplicate(place.child('name'), name));
    seen.add(name);
    const claim: string | undefined = one['resourceClaimName'];
    if (claim != null) {
      addInvalid(errs, place.child('resourceClaimName'), claim, dnsSubdomainName(claim, false));
    }
  });
}

/** The claim that stands for the extended resources of a pod. */
function validateExtended(errs: Errors, status: Json, spec: Json, path: FieldPath): void {
  const mappings: readonly Json[] = status['requestMappings'] ?? [];
  const containers: readonly Json[] = [...(spec['initContainers'] ?? []), ...(spec['containers'] ?? [])];
  const place = path.child('requestMappings');
  if (mappings.length === 0) errs.push(required(place, 'at least one request mapping is required'));
  const seen = new Set<string>();
  mappings.forEach((mapping, i) => {
    const { containerName = '', resourceName = '', requestName = '' } = mapping;
    const at = place.index(i);
    const container = containers.findLast((c) => c['name'] === containerName);
    if (container === undefined) {
      const message = 'must match the name of an entry in spec.initContainers.name or spec.containers.name';
      errs.push(invalid(at.child('containerName'), containerName, message));
    } else if (container['resources']?.requests?.[resourceName] == null) {
      const message =
        'must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests';
      errs.push(invalid(at.child('resourceName'), resourceName, message));
    }
    validateDNS1123Label(errs, requestName, path.child('requestName'));
    const key = JSON.stringify([containerName, resourceName, requestName]);
    if (seen.has(key)) {
      errs.push(duplicate(at.child('containerName'), containerName));
      errs.push(duplicate(at.child('resourceName'), resourceName));
      errs.push(duplicate(at.child('requestName'), requestName));
    }
    seen.add(key);
  });
  const claim: string = status['resourceClaimName'] ?? '';
  if (claim === '') errs.push(required(path.child('resourceClaimName')));
  else addInvalid(errs, path.child('resourceClaimName'), claim, dnsSubdomainName(claim, false));
}

/** Claims whose devices are part of what the node can allocate anyway. */
function validateNodeAllocatable(errs: Errors, status: Json, spec: Json, path: FieldPath): void {
  const statuses: readonly Json[] = status['nodeAllocatableResourceClaimStatuses'] ?? [];
  const known = new Set<string | undefined>();
  for (const claim of spec['resourceClaims'] ?? []) known.add(claim.resourceClaimName);
  for (const claim of status['resourceClaimStatuses'] ?? []) known.add(claim.resourceClaimName);
  statuses.forEach((one, i) => {
    const place = path.index(i);
    const name: string = one['resourceClaimName'] ?? '';
    const must = 'must not be empty';
    if (blank(name)) errs.push(required(place.child('resourceClaimName'), must));
    if (!known.has(name)) {
      errs.push(invalid(place.child('resourceClaimName'), name, 'no mapping found in pod reference'));
    }
    for (const member of ['containers', 'resources']) {
      if (sizeOf(one[member]) === 0) errs.push(required(place.child(member), must));
    }
    for (const resource of keysOf(one['resources'])) {
      const at = place.child('resources').key(resource);
      const amount: string = one['resources'][resource];
      if (!isNativeResource(resource)) {
        errs.push(invalid(at, resource, 'must be a node allocatable resource name'));
      }
      if (amount.startsWith('-') && parseQuantity(amount).compare(parseQuantity('0')) < 0) {
        errs.push(invalid(at, amount, 'must be non-negative'));
      }
    }
  });
}
