import { duplicate, type FieldPath, forbidden, invalid, required, tooLong } from '@coxswain/machinery';
import { blank, byteLength, type Errors, type Json, oneOf, sizeOf, statusPath } from '../../values.ts';

const longestMessage = 1024;

/** The health of the devices that containers were given. */
export function validateAllocations(errs: Errors, status: Json, spec: Json): void {
  validateList(errs, status, 'containerStatuses', spec['containers']);
  validateList(errs, status, 'initContainerStatuses', spec['initContainers']);
  const ephemeral: readonly Json[] = status['ephemeralContainerStatuses'] ?? [];
  ephemeral.forEach((one, i) => {
    if (sizeOf(one['allocatedResourcesStatus']) === 0) return;
    const place = statusPath.child('ephemeralContainerStatuses').index(i).child('allocatedResourcesStatus');
    errs.push(forbidden(place, 'must not be specified in container status'));
  });
}

function validateList(
  errs: Errors,
  status: Json,
  list: string,
  containers: readonly Json[] | undefined,
): void {
  const statuses: readonly Json[] = status[list] ?? [];
  statuses.forEach((one, i) => {
    const allocated: readonly Json[] = one['allocatedResourcesStatus'] ?? [];
    // what a pod's spec does not know is passed over
    const container = containers?.find((c) => c['name'] === one['name']);
    allocated.forEach((resource, j) => {
      const place = statusPath.child(list).index(i).child('allocatedResourcesStatus').index(j);
      if (container != null) validateName(errs, resource['name'] ?? '', container, place.child('name'));
      validateHealth(errs, resource['resources'] ?? [], place.child('resources'));
    });
  });
}

function validateHealth(errs: Errors, items: readonly Json[], path: FieldPath): void {
  const ids = new Set<string>();
  items.forEach(({ resourceID = '', health = '', message }, i) => {
    const place = path.index(i);
    oneOf(errs, place.child('health'), health, ['Healthy', 'Unhealthy', 'Unknown']);
    if (message === '') errs.push(required(place.child('message'), 'must be non-empty if specified'));
    else if (message != null && byteLength(message) > longestMessage) {
      errs.push(tooLong(place.child('message'), longestMessage));
    }
    if (ids.has(resourceID)) errs.push(duplicate(place.child('resourceID'), resourceID));
    ids.add(resourceID);
  });
}

function validateName(errs: Errors, name: string, container: Json, path: FieldPath): void {
  if (name.startsWith('claim:')) {
    const claims: readonly Json[] = container['resources']?.claims ?? [];
    const names = claims.map((c) => `claim:${c['name']}${blank(c['request']) ? '' : `/${c['request']}`}`);
    if (names.includes(name)) return;
    const message =
      "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty";
    errs.push(invalid(path, name, message));
  } else if (container['resources']?.requests?.[name] == null) {
    errs.push(invalid(path, name, "must match one of the container's resource requests"));
  }
}
