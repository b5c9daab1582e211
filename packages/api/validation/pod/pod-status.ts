import { type FieldPath, forbidden, invalid, isValidIP } from '@coxswain/machinery';
import { isDualStack, validateQualifiedName } from '../formats.ts';
import { immutable } from '../immutable.ts';
import { dnsSubdomainName } from '../names.ts';
import { validateFinalizersOnUpdate, validateObjectMetaUpdate } from '../object-meta.ts';
import { addInvalid, blank, type Errors, type Json, posixId, statusPath } from '../values.ts';
import { validateClaimStatuses } from './claim-statuses.ts';
import { validateAllocations } from './container/allocated-resources.ts';
import { validateTransitions } from './container/container-transitions.ts';
import { checkAnnotationUpdates } from './pod-annotations.ts';

const systemConditions = ['PodScheduled', 'Ready', 'Initialized'];
const notCounted = 'must be a non-negative integer';

/** ValidatePodStatusUpdate: what a kubelet may report. */
export function validatePodStatusUpdate(errs: Errors, pod: Json, old: Json): void {
  const status: Json = pod['status'] ?? {};
  const before: Json = old['status'] ?? {};
  const spec: Json = old['spec'];
  validateObjectMetaUpdate(errs, pod['metadata'], old['metadata']);
  validateFinalizersOnUpdate(errs, pod['metadata']);
  checkAnnotationUpdates(errs, pod, old);
  validateConditions(errs, status['conditions'] ?? []);
  if ((pod['spec'].nodeName ?? '') !== (spec['nodeName'] ?? '')) {
    errs.push(forbidden(statusPath.child('nodeName'), 'may not be changed directly'));
  }
  validateNominatedNode(errs, status['nominatedNodeName'], before['nominatedNodeName'], spec);
  if (status['observedGeneration'] < 0) {
    errs.push(invalid(statusPath.child('observedGeneration'), status['observedGeneration'], notCounted));
  }
  immutable(errs, statusPath.child('qosClass'), status['qosClass'] ?? '', before['qosClass'] ?? '');
  validateTransitions(errs, status, before, spec);
  validateClaimStatuses(errs, status, pod['spec']);
  validateAddresses(errs, status['podIPs'], before['podIPs'], statusPath.child('podIPs'));
  validateHostAddresses(errs, status, before);
  const os: string = pod['spec'].os?.name ?? 'linux';
  for (const list of statusLists) validateUsers(errs, status[list], statusPath.child(list), os);
  validateAllocations(errs, status, pod['spec']);
}

const statusLists = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const;

function validateConditions(errs: Errors, conditions: readonly Json[]): void {
  conditions.forEach(({ type, observedGeneration }, i) => {
    const place = statusPath.child('conditions').index(i);
    if (observedGeneration < 0) {
      errs.push(invalid(place.child('observedGeneration'), observedGeneration, notCounted));
    }
    if (!systemConditions.includes(type)) validateQualifiedName(errs, type, place.child('Type'));
  });
}

function validateNominatedNode(
  errs: Errors,
  name: string | undefined,
  before: string | undefined,
  spec: Json,
): void {
  if (blank(name) || name === before) return;
  const path = statusPath.child('nominatedNodeName');
  addInvalid(errs, path, name, dnsSubdomainName(name!, false));
  if (blank(spec['nodeName'])) return;
  errs.push(forbidden(path, 'may not be set on pods that are already bound to a node'));
}

function validateHostAddresses(errs: Errors, status: Json, before: Json): void {
  const hosts: readonly Json[] = status['hostIPs'] ?? [];
  if (hosts.length === 0) return;
  const path = statusPath.child('hostIPs');
  if ((status['hostIP'] ?? '') !== (hosts[0]!['ip'] ?? '')) {
    errs.push(invalid(path.index(0).child('ip'), hosts[0]!['ip'] ?? '', 'must be equal to `hostIP`'));
  }
  validateAddresses(errs, hosts, before['hostIPs'], path);
}

/** Addresses of one family or of both; one that was there before may stay as it was written. */
function validateAddresses(
  errs: Errors,
  list: readonly Json[] | undefined,
  before: readonly Json[] | undefined,
  path: FieldPath,
): void {
  if (list == null) return;
  const known = new Set<string>(before?.map((one) => one['ip'] ?? ''));
  const addresses: readonly string[] = list.map((one) => one['ip'] ?? '');
  addresses.forEach((ip, i) => {
    if (!known.has(ip)) addInvalid(errs, path.index(i), ip, isValidIP(ip));
  });
  if (addresses.length < 2) return;
  if (!isDualStack(addresses) || addresses.length > 2) {
    const shown = addresses.map((ip) => ({ IP: ip }));
    errs.push(invalid(path, shown, 'may specify no more than one IP for each IP family'));
  }
}

function validateUsers(
  errs: Errors,
  statuses: readonly Json[] | undefined,
  path: FieldPath,
  os: string,
): void {
  statuses?.forEach((one, i) => {
    const user: Json | undefined = one['user']?.linux;
    if (user == null) return;
    const place = path.index(i).child('user').child('linux');
    if (os === 'windows') {
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
