import { X509Certificate } from 'node:crypto';
import { type FieldError, FieldPath, invalid, notSupported, required, tooLong } from '@coxswain/machinery';
import { decodePem, readCertificate } from '@coxswain/pki';
import { semanticEqual } from '../immutable.ts';
import { validateConditions } from '../misc/policy.ts';
import { byteLength, type Errors, invalidUnshown, type Json, specPath, statusPath } from '../values.ts';
import { publicKey } from './pod-certificate-request.ts';

const outcomes = ['Issued', 'Denied', 'Failed'];
const largestChain = 100 * 1024;
const chainPath = statusPath.child('certificateChain');

/** ValidatePodCertificateRequestStatusUpdate: one outcome, once. */
export function validatePodCertificateRequestStatus(errs: Errors, request: Json, old: Json): void {
  if (errs.length > 0) return;
  const status: Json = request['status'] ?? {};
  const before: Json = old['status'] ?? {};
  validateOutcomes(errs, status['conditions'] ?? []);
  validateConditions(errs, status['conditions'], statusPath.child('conditions'));
  if (errs.length > 0) return;
  const reached = ({ conditions }: Json): string | undefined =>
    conditions?.find((one: Json) => outcomes.includes(one['type']) && one['status'] === 'True')?.type;
  const outcome = reached(status);
  const keep = (wanted: Json, rule: string): void => {
    if (!semanticEqual(status, wanted)) errs.push(invalidUnshown(statusPath, rule));
  };
  if (reached(before) !== undefined) {
    keep(before, 'immutable after PodCertificateRequest is issued, denied, or failed');
  } else if (outcome === 'Issued') {
    const fault = faultOfIssued(request['spec'] ?? {}, status, old['spec'] ?? {});
    errs.push(...fault);
  } else if (outcome !== undefined) {
    keep(
      { conditions: status['conditions'] },
      'non-condition status fields must be empty when denying or failing the PodCertificateRequest',
    );
  } else keep(before, 'status is immutable unless transitioning to "Issued", "Denied", or "Failed"');
}

function validateOutcomes(errs: Errors, conditions: readonly Json[]): void {
  let known = 0;
  conditions.forEach((condition, i) => {
    const type: string = condition['type'] ?? '';
    const status: string = condition['status'] ?? '';
    // upstream writes the index as if it were a name
    const path = FieldPath.root('status', 'conditions', `[${i}]`);
    if (!outcomes.includes(type)) {
      errs.push(notSupported(path.child('type'), type, outcomes));
      return;
    }
    known++;
    if (known > 1) {
      const rule = 'There may be at most one condition with type "Issued", "Denied", or "Failed"';
      errs.push(invalid(path.child('type'), type, rule));
    }
    if (status !== 'True') errs.push(notSupported(path.child('status'), status, ['True']));
  });
}

const minute = 60_000;

/** What is wrong first with a certificate that is issued: for the key that was asked, for as long as was asked. */
function faultOfIssued(spec: Json, status: Json, before: Json): FieldError[] {
  const chain: string = status['certificateChain'] ?? '';
  const wrong = (rule: string): FieldError[] => [invalid(chainPath, chain, rule)];
  if (byteLength(chain) > largestChain) return [tooLong(chainPath, largestChain)];
  const [leaf, ...others] = decodePem(chain);
  if (leaf === undefined) return wrong('issued certificate chain must contain at least one certificate');
  if (leaf.type !== 'CERTIFICATE') {
    return wrong('issued certificate chain must consist entirely of CERTIFICATE PEM blocks');
  }
  const certificate = parse(leaf.der);
  if (certificate === undefined) return wrong('leaf certificate does not parse as valid X.509');
  const key = before['stubPKCS10Request'] ? undefined : publicKey(before['pkixPublicKey'] ?? '');
  if (key === undefined && !before['stubPKCS10Request']) {
    const rule = 'must be a valid PKIX-serialized public key';
    return [invalid(specPath.child('pkixPublicKey'), before['pkixPublicKey'] ?? '', rule)];
  }
  if (key !== undefined && !certificate.publicKey.equals(key)) {
    return wrong('leaf certificate was not issued to the requested public key');
  }
  const absent = absentTimes(status);
  if (absent.length > 0) return absent;
  const { notBefore, notAfter } = readCertificate(leaf.der);
  const fault = faultOfTimes(status, notBefore, notAfter, spec['maxExpirationSeconds']);
  if (fault !== undefined) return [fault];
  for (const { type, der } of others) {
    // upstream's words
    if (type !== 'CERTIFICATE')
      return wrong('issued certificate chain must consist entirely of CERTFICATE PEM blocks');
    if (parse(der) === undefined) return wrong('intermediate certificate does not parse as valid X.509');
  }
  return [];
}

function absentTimes(status: Json): FieldError[] {
  const rules: readonly (readonly [member: string, rule: string])[] = [
    ['notBefore', 'must be present and consistent with the issued certificate'],
    ['notAfter', 'must be present and consistent with the issued certificate'],
    ['beginRefreshAt', 'must be present and in the range [notbefore+10min, notafter-10min]'],
  ];
  return rules.flatMap(([member, rule]) =>
    status[member] == null ? [required(statusPath.child(member), rule)] : [],
  );
}

function faultOfTimes(
  status: Json,
  notBefore: number,
  notAfter: number,
  longest: number,
): FieldError | undefined {
  const at = (member: string): number => Date.parse(status[member]);
  const wrong = (member: string, rule: string): FieldError =>
    invalid(statusPath.child(member), status[member], rule);
  if (at('notBefore') !== notBefore) {
    return wrong('notBefore', 'must be set to the NotBefore time encoded in the leaf certificate');
  }
  if (at('notAfter') !== notAfter) {
    return wrong('notAfter', 'must be set to the NotAfter time encoded in the leaf certificate');
  }
  const life = notAfter - notBefore;
  // printed in nanoseconds
  const wrongLife = (rule: string): FieldError => invalid(chainPath, life * 1e6, rule);
  if (life < 60 * minute) return wrongLife('leaf certificate lifetime must be >= 1 hour');
  if (life > longest * 1000) {
    return wrongLife(`leaf certificate lifetime must be <= spec.maxExpirationSeconds (${longest})`);
  }
  if (at('beginRefreshAt') < notBefore + 10 * minute) {
    return wrong('beginRefreshAt', 'must be at least 10 minutes after status.notBefore');
  }
  if (at('beginRefreshAt') > notAfter - 10 * minute) {
    return wrong('beginRefreshAt', 'must be at least 10 minutes before status.notAfter');
  }
  return undefined;
}

function parse(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined; // the parser tells by throwing
  }
}
