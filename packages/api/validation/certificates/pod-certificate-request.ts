import { createPublicKey, type KeyObject } from 'node:crypto';
import { type FieldPath, invalid, required, tooLong } from '@coxswain/machinery';
import { goStruct } from '../go-print.ts';
import { semanticEqual } from '../immutable.ts';
import { validateConditions } from '../misc/policy.ts';
import { dnsSubdomainName } from '../names.ts';
import {
  addInvalid,
  blank,
  byteLength,
  decodedLength,
  type Errors,
  immutableMessage,
  invalidUnshown,
  type Json,
  specPath,
  statusPath,
} from '../values.ts';
import { validateSignerName } from './signing-request.ts';

const hour = 3600;
const longestUID = 128;
const largestKey = 10 * 1024;

/** ValidatePodCertificateRequestCreate without the metadata. */
export function validatePodCertificateRequest(errs: Errors, request: Json): void {
  const spec: Json = request['spec'] ?? {};
  validateSignerName(errs, spec['signerName'], specPath.child('signerName'));
  for (const [name, uid] of [
    ['podName', 'podUID'],
    ['serviceAccountName', 'serviceAccountUID'],
    ['nodeName', 'nodeUID'],
  ] as const) {
    const value: string = spec[name] ?? '';
    addInvalid(errs, specPath.child(name), value, dnsSubdomainName(value, false));
    validateUID(errs, spec[uid] ?? '', specPath.child(uid));
  }
  validateExpiration(errs, spec, specPath.child('maxExpirationSeconds'));
  validateKey(errs, spec['pkixPublicKey'], specPath.child('pkixPublicKey'));
}

function validateUID(errs: Errors, uid: string, path: FieldPath): void {
  if (uid === '') errs.push(required(path, 'must not be empty'));
  else if (byteLength(uid) > longestUID) errs.push(tooLong(path, longestUID));
}

function validateExpiration(errs: Errors, spec: Json, path: FieldPath): void {
  const seconds: number | undefined = spec['maxExpirationSeconds'];
  if (seconds == null) {
    errs.push(required(path, 'must be set'));
    return;
  }
  // signers of the project itself give a day at most, others 91 days
  const own = /(^|\.)kubernetes\.io\//.test(spec['signerName'] ?? '');
  const longest = (own ? 24 : 91 * 24) * hour;
  if (seconds >= hour && seconds <= longest) return;
  errs.push(invalid(path, seconds, `must be in the range [${hour}, ${longest}]`));
}

const keyTypes = ['ed25519', 'ec', 'rsa'];

function validateKey(errs: Errors, base64: string | undefined, path: FieldPath): void {
  if (blank(base64)) return;
  if (decodedLength(base64!) > largestKey) {
    errs.push(tooLong(path, largestKey));
    return;
  }
  const key = publicKey(base64!);
  if (key === undefined) errs.push(invalid(path, base64, 'must be a valid PKIX-serialized public key'));
  else if (!keyTypes.includes(key.asymmetricKeyType ?? '')) {
    const message = 'unknown public key type; supported types are Ed25519, ECDSA, and RSA';
    errs.push(invalidUnshown(path, message));
  }
}

function publicKey(base64: string): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' });
  } catch {
    return undefined; // the parser tells by throwing
  }
}

/** ValidatePodCertificateRequestUpdate: what is asked for stays. */
export function validatePodCertificateRequestUpdate(errs: Errors, request: Json, old: Json): void {
  if (semanticEqual(request['spec'], old['spec'])) return;
  const shown = goStruct(request['spec'] ?? {}, 'io.k8s.api.certificates.v1beta1.PodCertificateRequestSpec');
  errs.push(invalid(specPath, shown, immutableMessage));
}

const outcomes = ['Denied', 'Failed', 'Issued'];

/** ValidatePodCertificateRequestStatusUpdate: one outcome, once. */
export function validatePodCertificateRequestStatus(errs: Errors, request: Json, old: Json): void {
  const conditions: readonly Json[] = request['status']?.conditions ?? [];
  const path = statusPath.child('conditions');
  validateConditions(errs, conditions, path);
  const reached = (list: readonly Json[]): Json[] =>
    list.filter((condition) => outcomes.includes(condition['type']) && condition['status'] === 'True');
  if (reached(conditions).length > 1) {
    const message = 'There may be at most one condition with type "Issued", "Denied", or "Failed"';
    errs.push(invalid(path, conditions, message));
  }
  const before = reached(old['status']?.conditions ?? []);
  if (before.length === 0 || semanticEqual(request['status'], old['status'])) return;
  errs.push(
    invalid(statusPath, 'null', 'immutable after the PodCertificateRequest is issued, denied, or failed'),
  );
}
