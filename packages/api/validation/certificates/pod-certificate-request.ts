import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { type FieldPath, invalid, required, tooLong } from '@coxswain/machinery';
import { goStruct } from '../go-print.ts';
import { semanticEqual } from '../immutable.ts';
import { dnsSubdomainName } from '../names.ts';
import { validateAnnotations } from '../object-meta.ts';
import {
  addInvalid,
  byteLength,
  decodedLength,
  type Errors,
  immutableMessage,
  invalidUnshown,
  type Json,
  specPath,
} from '../values.ts';
import { validateSignerName } from './signing-request.ts';

const hour = 3600;
const longestUID = 128;
const largestKey = 10 * 1024;
const keyPath = specPath.child('pkixPublicKey');
const proofPath = specPath.child('proofOfPossession');

/** ValidatePodCertificateRequestCreate without the metadata. */
export function validatePodCertificateRequest(errs: Errors, request: Json): void {
  const spec: Json = request['spec'] ?? {};
  validateSignerName(errs, spec['signerName'], specPath.child('signerName'));
  validateAnnotations(errs, spec['unverifiedUserAnnotations'], specPath.child('unverifiedUserAnnotations'));
  for (const [name, uid] of [
    ['podName', 'podUID'],
    ['serviceAccountName', 'serviceAccountUID'],
    ['nodeName', 'nodeUID'],
  ] as const) {
    const value: string = spec[name] ?? '';
    addInvalid(errs, specPath.child(name), value, dnsSubdomainName(value, false));
    validateUID(errs, spec[uid] ?? '', specPath.child(uid));
  }
  const path = specPath.child('maxExpirationSeconds');
  if (spec['maxExpirationSeconds'] == null) {
    errs.push(required(path, 'must be set'));
    return;
  }
  validateExpiration(errs, spec, path);
  // what a newer request asks for is in its stub
  if (!spec['stubPKCS10Request']) validateKey(errs, spec);
}

function validateUID(errs: Errors, uid: string, path: FieldPath): void {
  if (uid === '') errs.push(invalid(path, uid, 'must not be empty'));
  else if (byteLength(uid) > longestUID) errs.push(tooLong(path, longestUID));
}

function validateExpiration(errs: Errors, spec: Json, path: FieldPath): void {
  const seconds: number = spec['maxExpirationSeconds'];
  // signers of the project itself give a day at most, others 91 days
  const own = /^([^/]*\.)?kubernetes\.io\//.test(spec['signerName'] ?? '');
  const longest = (own ? 24 : 91 * 24) * hour;
  if (seconds >= hour && seconds <= longest) return;
  errs.push(invalid(path, seconds, `must be in the range [${hour}, ${longest}]`));
}

/** The key that is to be certified, and that its holder has signed the pod's UID with it. */
function validateKey(errs: Errors, spec: Json): void {
  const pkixPublicKey: string = spec['pkixPublicKey'] ?? '';
  const proofOfPossession: string = spec['proofOfPossession'] ?? '';
  const podUID: string = spec['podUID'] ?? '';
  for (const [value, path] of [
    [pkixPublicKey, keyPath],
    [proofOfPossession, proofPath],
  ] as const) {
    if (decodedLength(value) <= largestKey) continue;
    errs.push(tooLong(path, largestKey));
    return;
  }
  const key = publicKey(pkixPublicKey);
  if (key === undefined) {
    errs.push(invalid(keyPath, pkixPublicKey, 'must be a valid PKIX-serialized public key'));
    return;
  }
  const weakness = weaknessOf(key);
  if (weakness !== undefined) errs.push(invalid(keyPath, weakness.shown ?? pkixPublicKey, weakness.rule));
  else if (!isSigned(podUID, key, Buffer.from(proofOfPossession, 'base64'))) {
    errs.push(invalidUnshown(proofPath, 'could not verify proof-of-possession signature'));
  }
}

/** The key; undefined where the text is none. */
export function publicKey(base64: string): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' });
  } catch {
    return undefined; // the parser tells by throwing
  }
}

/** Go's names of curves that are not taken. */
const curves: Readonly<Record<string, string>> = { secp224r1: 'P-224' };
const takenCurves = ['prime256v1', 'secp384r1', 'secp521r1'];

/** Why a key is not taken; upstream shows the key where nothing else is shown. */
function weaknessOf(key: KeyObject): { readonly shown?: string; readonly rule: string } | undefined {
  const { namedCurve = '', modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return undefined;
    case 'ec': {
      const rule = 'elliptic public keys must use curve P256 or P384';
      if (takenCurves.includes(namedCurve)) return undefined;
      return { shown: `curve ${curves[namedCurve] ?? namedCurve}`, rule };
    }
    case 'rsa': {
      // whole bytes of it
      const bits = Math.ceil(modulusLength / 8) * 8;
      if (bits === 3072 || bits === 4096) return undefined;
      return { shown: `${bits}-bit modulus`, rule: 'RSA keys must have modulus size 3072 or 4096' };
    }
    default:
      return { rule: 'unknown public key type; supported types are Ed25519, ECDSA, and RSA' };
  }
}

/** Elliptic and RSA keys sign the hash of the UID, which is hashed no more. */
function isSigned(uid: string, key: KeyObject, signature: Buffer): boolean {
  const bytes = Buffer.from(uid);
  if (key.asymmetricKeyType === 'ed25519') return verify(null, bytes, key, signature);
  const options =
    key.asymmetricKeyType === 'rsa'
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO }
      : {};
  return verify('sha256', bytes, { key, ...options }, signature);
}

/** ValidatePodCertificateRequestUpdate: what is asked for stays. */
export function validatePodCertificateRequestUpdate(errs: Errors, request: Json, old: Json): void {
  if (semanticEqual(request['spec'], old['spec'])) return;
  const shown = goStruct(request['spec'] ?? {}, 'io.k8s.api.certificates.v1beta1.PodCertificateRequestSpec');
  errs.push(invalid(specPath, shown, immutableMessage));
}
