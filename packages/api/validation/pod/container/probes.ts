import { type FieldPath, forbidden, invalid, isHTTPHeaderName, required } from '@coxswain/machinery';
import { validatePortNumber, validatePortNumOrName } from '../../formats.ts';
import { addInvalid, type Errors, type Json, nonNegative, oneOf, requireText, sizeOf } from '../../values.ts';

/** A pod's terminationGracePeriodSeconds; absent when the pod's own is missing. */
export type GracePeriod = number | undefined;

const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const;

/** A handler of a probe or of a lifecycle hook: exactly one action. */
function validateHandler(
  errs: Errors,
  handler: Json,
  grace: GracePeriod,
  path: FieldPath,
  excluded: 'sleep' | 'grpc',
): void {
  let count = 0;
  for (const member of handlers) {
    const action: Json | undefined = member === excluded ? undefined : handler[member];
    if (action == null) continue;
    if (count > 0) errs.push(forbidden(path.child(member), 'may not specify more than 1 handler type'));
    else actions[member](errs, action, path.child(member), grace);
    count++;
  }
  if (count === 0) errs.push(required(path, 'must specify a handler type'));
}

const actions: Record<
  (typeof handlers)[number],
  (errs: Errors, action: Json, path: FieldPath, grace: GracePeriod) => void
> = {
  exec: (errs, action, path) => {
    if (sizeOf(action['command']) === 0) errs.push(required(path.child('command')));
  },
  httpGet: (errs, action, path) => {
    requireText(errs, path.child('path'), action['path']);
    validatePortNumOrName(errs, action['port'], path.child('port'));
    if (action['scheme'] !== 'HTTP') {
      oneOf(errs, path.child('scheme'), action['scheme'] ?? '', ['HTTP', 'HTTPS']);
    }
    for (const { name } of action['httpHeaders'] ?? []) {
      addInvalid(errs, path.child('httpHeaders'), name ?? '', isHTTPHeaderName(name ?? ''));
    }
  },
  tcpSocket: (errs, action, path) => validatePortNumOrName(errs, action['port'], path.child('port')),
  grpc: (errs, action, path) => validatePortNumber(errs, action['port'], path.child('port')),
  sleep: (errs, action, path, grace) => {
    const seconds: number = action['seconds'] ?? 0;
    if (grace == null || (seconds >= 0 && seconds <= grace)) return;
    const message = `must be non-negative and less than terminationGracePeriodSeconds (${grace})`;
    errs.push(invalid(path, seconds, message));
  },
};

/** Hooks of a container. */
export function validateLifecycle(errs: Errors, lifecycle: Json, grace: GracePeriod, path: FieldPath): void {
  for (const hook of ['postStart', 'preStop']) {
    if (lifecycle[hook] != null) {
      validateHandler(errs, lifecycle[hook], grace, path.child(hook), 'grpc');
    }
  }
}

const numbers = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
];

function validateProbe(errs: Errors, probe: Json, grace: GracePeriod, path: FieldPath): void {
  validateHandler(errs, probe, grace, path, 'sleep');
  for (const name of numbers) if (probe[name] < 0) nonNegative(errs, path.child(name), probe[name]);
  const seconds: number | undefined = probe['terminationGracePeriodSeconds'];
  if (seconds != null && seconds <= 0) {
    errs.push(invalid(path.child('terminationGracePeriodSeconds'), seconds, 'must be greater than 0'));
  }
}

/** The three probes of a container, in upstream's order. */
export function validateProbes(errs: Errors, container: Json, grace: GracePeriod, path: FieldPath): void {
  const { livenessProbe, readinessProbe, startupProbe } = container;
  if (livenessProbe != null) {
    validateOnceProbe(errs, livenessProbe, grace, path.child('livenessProbe'));
  }
  if (readinessProbe != null) {
    const place = path.child('readinessProbe');
    validateProbe(errs, readinessProbe, grace, place);
    const seconds: number | undefined = readinessProbe.terminationGracePeriodSeconds;
    if (seconds != null) {
      const message = 'must not be set for readinessProbes';
      errs.push(invalid(place.child('terminationGracePeriodSeconds'), seconds, message));
    }
  }
  if (startupProbe != null) validateOnceProbe(errs, startupProbe, grace, path.child('startupProbe'));
}

/** Liveness and startup probes succeed with their first success. */
function validateOnceProbe(errs: Errors, probe: Json, grace: GracePeriod, path: FieldPath): void {
  validateProbe(errs, probe, grace, path);
  if (probe['successThreshold'] !== 1) {
    errs.push(invalid(path.child('successThreshold'), probe['successThreshold'] ?? 0, 'must be 1'));
  }
}
