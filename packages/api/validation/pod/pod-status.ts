import { duplicate, type FieldPath, forbidden, invalid } from '@coxswain/machinery';
import { isDualStack, validateIP, validateQualifiedName } from '../formats.ts';
import { immutable } from '../immutable.ts';
import { dnsSubdomainName } from '../names.ts';
import { validateFinalizersOnUpdate, validateObjectMetaUpdate } from '../object-meta.ts';
import {
  addInvalid,
  blank,
  type Errors,
  type Json,
  metadataPath,
  oneOf,
  posixId,
  sizeOf,
  statusPath,
} from '../values.ts';
import { isSidecar } from './container.ts';
import { validatePodAnnotationUpdates } from './pod-annotations.ts';

const systemConditions = ['PodScheduled', 'Ready', 'Initialized'];

/** ValidatePodStatusUpdate: what a kubelet may report. */
export function validatePodStatusUpdate(errs: Errors, pod: Json, old: Json): void {
  const status: Json = pod['status'] ?? {};
  const before: Json = old['status'] ?? {};
  const spec: Json = old['spec'];
  validateObjectMetaUpdate(errs, pod['metadata'], old['metadata']);
  validateFinalizersOnUpdate(errs, pod['metadata']);
  validatePodAnnotationUpdates(errs, pod, old);
  const conditions: readonly Json[] = status['conditions'] ?? [];
  conditions.forEach((condition, i) => {
    if (systemConditions.includes(condition['type'])) return;
    const place = metadataPath.child('conditions').index(i).child('Type');
    validateQualifiedName(errs, condition['type'], place);
  });
  if ((pod['spec'].nodeName ?? '') !== (spec['nodeName'] ?? '')) {
    errs.push(forbidden(statusPath.child('nodeName'), 'may not be changed directly'));
  }
  const nominated: string | undefined = status['nominatedNodeName'];
  if (nominated !== before['nominatedNodeName'] && !blank(nominated)) {
    addInvalid(errs, statusPath.child('nominatedNodeName'), nominated, dnsSubdomainName(nominated!, false));
  }
  immutable(errs, statusPath.child('qosClass'), status['qosClass'] ?? '', before['qosClass'] ?? '');
  validateTransitions(errs, status, before, spec);
  validateClaimStatuses(errs, status, pod['spec']);
  validateAddresses(errs, status);
  for (const list of statusLists) validateUsers(errs, status[list], statusPath.child(list), pod['spec'].os);
  validateAllocations(errs, status['containerStatuses'], 'containerStatuses', pod['spec'].containers);
  validateAllocations(
    errs,
    status['initContainerStatuses'],
    'initContainerStatuses',
    pod['spec'].initContainers,
  );
  const ephemeral: readonly Json[] = status['ephemeralContainerStatuses'] ?? [];
  ephemeral.forEach((one, i) => {
    if (sizeOf(one['allocatedResourcesStatus']) === 0) return;
    const place = statusPath.child('ephemeralContainerStatuses').index(i).child('allocatedResourcesStatus');
    errs.push(forbidden(place, 'must not be specified in container status'));
  });
}

const statusLists = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const;

/** A container that ended for good does not run again. */
function validateTransitions(errs: Errors, status: Json, before: Json, spec: Json): void {
  const containers = new Map<string, Json>();
  for (const list of ['containers', 'initContainers']) {
    for (const c of spec[list] ?? []) containers.set(c.name, c);
  }
  for (const list of statusLists) {
    const policyOf = (name: string): string => {
      if (list === 'ephemeralContainerStatuses') return 'Never';
      const container = containers.get(name);
      if (container == null) return spec['restartPolicy'];
      if (list === 'initContainerStatuses' && isSidecar(container)) return 'Always';
      return sizeOf(container['restartPolicyRules']) > 0
        ? 'Always'
        : (container['restartPolicy'] ?? spec['restartPolicy']);
    };
    const now: readonly Json[] = status[list] ?? [];
    const past: readonly Json[] = before[list] ?? [];
    past.forEach((one, i) => {
      const ended: Json | undefined = one['state']?.terminated;
      const policy = policyOf(one['name']);
      if (ended == null || policy === 'Always') return;
      if (policy === 'OnFailure' && (ended['exitCode'] ?? 0) !== 0) return;
      const next = now.find((s) => s['name'] === one['name']);
      if (next == null || next['state']?.terminated != null) return;
      const place = statusPath.child(list).index(i).child('state');
      errs.push(forbidden(place, 'may not be transitioned to non-terminated state'));
    });
  }
}

function validateClaimStatuses(errs: Errors, status: Json, spec: Json): void {
  const statuses: readonly Json[] = status['resourceClaimStatuses'] ?? [];
  const claims: readonly Json[] = spec['resourceClaims'] ?? [];
  const seen = new Set<string>();
  statuses.forEach((one, i) => {
    const place = statusPath.child('resourceClaimStatuses').index(i).child('name');
    const name: string = one['name'] ?? '';
    if (!claims.some((claim) => claim['name'] === name)) {
      errs.push(invalid(place, name, 'must match the name of an entry in `spec.resourceClaims`'));
    }
    if (seen.has(name)) errs.push(duplicate(place, name));
    seen.add(name);
    const claim: string | undefined = one['resourceClaimName'];
    if (claim != null) addInvalid(errs, place, claim, dnsSubdomainName(claim, false));
  });
}

function validateAddresses(errs: Errors, status: Json): void {
  const pods: readonly Json[] = status['podIPs'] ?? [];
  validateAddressList(errs, pods, statusPath.child('podIPs'));
  const hosts: readonly Json[] = status['hostIPs'] ?? [];
  if (hosts.length === 0) return;
  const path = statusPath.child('hostIPs');
  if ((status['hostIP'] ?? '') !== (hosts[0]!['ip'] ?? '')) {
    errs.push(invalid(path.index(0).child('ip'), hosts[0]!['ip'] ?? '', 'must be equal to `hostIP`'));
  }
  validateAddressList(errs, hosts, path);
}

function validateAddressList(errs: Errors, list: readonly Json[], path: FieldPath): void {
  const found = errs.length;
  list.forEach((one, i) => {
    validateIP(errs, one['ip'], path.index(i));
  });
  if (list.length < 2 || errs.length > found) return;
  const addresses = list.map((one) => one['ip'] ?? '');
  const shown = addresses.map((ip) => ({ IP: ip }));
  if (!isDualStack(addresses) || list.length > 2) {
    errs.push(invalid(path, shown, 'may specify no more than one IP for each IP family'));
  }
  addresses.forEach((ip, i) => {
    if (addresses.indexOf(ip) < i) errs.push(duplicate(path.index(i), { IP: ip }));
  });
}

function validateUsers(
  errs: Errors,
  statuses: readonly Json[] | undefined,
  path: FieldPath,
  os: Json | undefined,
): void {
  statuses?.forEach((one, i) => {
    const user: Json | undefined = one['user']?.linux;
    if (user == null) return;
    const place = path.index(i).child('linux');
    if (os?.['name'] === 'windows') {
      errs.push(forbidden(place, 'cannot be set for a windows pod'));
      return;
    }
    posixId(errs, place.child('uid'), user['uid']);
    posixId(errs, place.child('gid'), user['gid']);
    const groups: readonly number[] = user['supplementalGroups'] ?? [];
    groups.forEach((id, j) => {
      posixId(errs, place.child('supplementalGroups').index(j), id);
    });
  });
}

function validateAllocations(
  errs: Errors,
  statuses: readonly Json[] | undefined,
  list: string,
  containers: readonly Json[] | undefined,
): void {
  statuses?.forEach((status, i) => {
    const allocated: readonly Json[] = status['allocatedResourcesStatus'] ?? [];
    const container = containers?.find((c) => c['name'] === status['name']);
    allocated.forEach((resource, j) => {
      const place = statusPath.child(list).index(i).child('allocatedResourcesStatus').index(j);
      if (container != null) validateAllocatedName(errs, resource['name'] ?? '', container, place);
      const ids = new Set<string>();
      const items: readonly Json[] = resource['resources'] ?? [];
      items.forEach((item, k) => {
        const at = place.child('resources').index(k);
        oneOf(errs, at.child('health'), item['health'] ?? '', ['Healthy', 'Unhealthy', 'Unknown']);
        if (ids.has(item['resourceID'])) errs.push(duplicate(at.child('resourceID'), item['resourceID']));
        ids.add(item['resourceID']);
      });
    });
  });
}

function validateAllocatedName(errs: Errors, name: string, container: Json, path: FieldPath): void {
  if (name.startsWith('claim:')) {
    const claims: readonly Json[] = container['resources']?.claims ?? [];
    const names = claims.map((c) => `claim:${c['name']}${blank(c['request']) ? '' : `/${c['request']}`}`);
    if (names.includes(name)) return;
    const message =
      "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty";
    errs.push(invalid(path.child('name'), name, message));
  } else if (container['resources']?.requests?.[name] == null) {
    errs.push(invalid(path.child('name'), name, "must match one of the container's resource requests"));
  }
}
