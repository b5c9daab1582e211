import { duplicate, invalid, notSupported, required } from '@coxswain/machinery';
import { immutable } from '../immutable.ts';
import { type Errors, type Json, oneOf, specPath } from '../values.ts';

const fsGroupPolicies = ['File', 'None', 'ReadWriteOnceWithFSType'];
const modes = ['Persistent', 'Ephemeral'];
// ten minutes
const shortestToken = 600;
const longestToken = 2 ** 32;
const shortestUpdatePeriod = 10;

/** ValidateCSIDriver without the metadata. */
export function validateCSIDriver(errs: Errors, driver: Json): void {
  validateSpec(errs, driver['spec'] ?? {});
}

function validateSpec(errs: Errors, spec: Json): void {
  for (const [member, name] of [
    // upstream's own spelling of the first
    ['attachRequired', 'attachedRequired'],
    ['podInfoOnMount', 'podInfoOnMount'],
    ['storageCapacity', 'storageCapacity'],
  ] as const) {
    if (spec[member] == null) errs.push(required(specPath.child(name)));
  }
  const policyPath = specPath.child('fsGroupPolicy');
  if (spec['fsGroupPolicy'] != null) oneOf(errs, policyPath, spec['fsGroupPolicy'], fsGroupPolicies);
  validateTokenRequests(errs, spec['tokenRequests'] ?? []);
  const lifecycles: readonly string[] = spec['volumeLifecycleModes'] ?? [];
  for (const mode of lifecycles) {
    if (!modes.includes(mode)) errs.push(notSupported(specPath.child('volumeLifecycleModes'), mode, modes));
  }
  if (spec['seLinuxMount'] == null) errs.push(required(specPath.child('seLinuxMount')));
  const period: number | undefined = spec['nodeAllocatableUpdatePeriodSeconds'];
  if (period != null && period < shortestUpdatePeriod) {
    const message = `must be greater than or equal to ${shortestUpdatePeriod} seconds`;
    errs.push(invalid(specPath.child('nodeAllocatableUpdatePeriodSeconds'), period, message));
  }
  const secret: boolean | undefined = spec['serviceAccountTokenInSecrets'];
  if (secret != null && (spec['tokenRequests'] ?? []).length === 0) {
    const message = 'serviceAccountTokenInSecrets is set but no tokenRequests are specified';
    errs.push(invalid(specPath.child('serviceAccountTokenInSecrets'), secret, message));
  }
}

function validateTokenRequests(errs: Errors, requests: readonly Json[]): void {
  const audiences = new Set<string>();
  requests.forEach((request, i) => {
    const path = specPath.child('tokenRequests').index(i);
    const audience: string = request['audience'] ?? '';
    if (audiences.has(audience)) {
      errs.push(duplicate(path.child('audience'), audience));
      return;
    }
    audiences.add(audience);
    const seconds: number | undefined = request['expirationSeconds'];
    if (seconds == null) return;
    const place = path.child('expirationSeconds');
    if (seconds < shortestToken) {
      errs.push(invalid(place, seconds, 'may not specify a duration less than 10 minutes'));
    }
    if (seconds > longestToken) {
      errs.push(invalid(place, seconds, 'may not specify a duration larger than 2^32 seconds'));
    }
  });
}

/** ValidateCSIDriverUpdate: how volumes are attached and when they live stays. */
export function validateCSIDriverUpdate(errs: Errors, driver: Json, old: Json): void {
  const spec: Json = driver['spec'] ?? {};
  const before: Json = old['spec'] ?? {};
  validateSpec(errs, spec);
  immutable(errs, specPath.child('attachedRequired'), spec['attachRequired'], before['attachRequired']);
  immutable(
    errs,
    specPath.child('volumeLifecycleModes'),
    spec['volumeLifecycleModes'],
    before['volumeLifecycleModes'],
  );
}
