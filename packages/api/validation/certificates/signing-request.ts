import { X509Certificate } from 'node:crypto';
import {
  duplicate,
  type FieldPath,
  forbidden,
  invalid,
  isDNS1123Label,
  isDNS1123Subdomain,
  notSupported,
  required,
  tooLong,
} from '@coxswain/machinery';
import { goEqual } from '../../go-equal.ts';
import { goDiff } from '../go-diff.ts';
import { blank, type Errors, type Json, specPath, statusPath } from '../values.ts';
import { requestProblem } from './request-problem.ts';

const usages = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];
const shortest = 600;
const conditionType = 'io.k8s.api.certificates.v1.CertificateSigningRequestCondition';
const conditionsPath = statusPath.child('conditions');
const certificatePath = statusPath.child('certificate');

/** What an update tolerates because it was so before. */
interface Tolerated {
  readonly unknownUsages: boolean;
  readonly duplicateUsages: boolean;
  readonly legacySigner: boolean;
  readonly approvedAndDenied: boolean;
  readonly emptyTypes: boolean;
  readonly duplicateTypes: boolean;
  readonly anyCertificate: boolean;
}

const legacySigner = 'kubernetes.io/legacy-unknown';
const conditionsOf = (request: Json): readonly Json[] => request['status']?.conditions ?? [];
const certificateOf = (request: Json): string => request['status']?.certificate ?? '';
const hasTwice = (list: readonly unknown[]): boolean => new Set(list).size < list.length;

function toleratedAfter(old: Json | undefined, request: Json): Tolerated {
  const listed: readonly string[] = old?.['spec']?.usages ?? [];
  const types: readonly string[] = conditionsOf(old ?? {}).map((condition) => condition['type'] ?? '');
  const before = certificateOf(old ?? {});
  return {
    unknownUsages: listed.some((usage) => !usages.includes(usage)),
    duplicateUsages: hasTwice(listed),
    legacySigner: old?.['spec']?.signerName === legacySigner,
    approvedAndDenied: types.includes('Approved') && types.includes('Denied'),
    emptyTypes: types.includes(''),
    duplicateTypes: hasTwice(types),
    anyCertificate:
      old !== undefined && (certificateOf(request) === before || certificateProblem(before) !== undefined),
  };
}

/** ValidateCertificateSigningRequestCreate without the metadata. */
export function validateSigningRequest(errs: Errors, request: Json): void {
  validateRequest(errs, request, toleratedAfter(undefined, request));
}

function validateRequest(errs: Errors, request: Json, tolerated: Tolerated): void {
  const spec: Json = request['spec'] ?? {};
  const problem = requestProblem(spec['request'] ?? '');
  if (problem != null) errs.push(invalid(specPath.child('request'), spec['request'] ?? null, problem));
  validateUsages(errs, spec['usages'] ?? [], tolerated);
  if (spec['signerName'] === legacySigner && !tolerated.legacySigner) {
    const message = 'the legacy signerName is not allowed via this API version';
    errs.push(invalid(specPath.child('signerName'), legacySigner, message));
  } else {
    validateSignerName(errs, spec['signerName'], specPath.child('signerName'));
  }
  const seconds: number | undefined = spec['expirationSeconds'];
  if (seconds != null && seconds < shortest) {
    const message = `may not specify a duration less than ${shortest} seconds (10 minutes)`;
    errs.push(invalid(specPath.child('expirationSeconds'), seconds, message));
  }
  validateConditions(errs, conditionsOf(request), tolerated);
  if (tolerated.anyCertificate) return;
  const fault = certificateProblem(certificateOf(request));
  if (fault != null) errs.push(invalid(certificatePath, '<certificate data>', fault));
}

function validateUsages(errs: Errors, list: readonly string[], tolerated: Tolerated): void {
  const path = specPath.child('usages');
  if (list.length === 0) errs.push(required(path));
  list.forEach((usage, i) => {
    if (!tolerated.unknownUsages && !usages.includes(usage)) {
      errs.push(notSupported(path.index(i), usage, usages));
    }
  });
  list.forEach((usage, i) => {
    if (!tolerated.duplicateUsages && list.indexOf(usage) < i) errs.push(duplicate(path.index(i), usage));
  });
}

// a domain name, a namespace and a name with a dot between, and the slash
const longestDomain = 253;
const longestSigner = 253 + 1 + 253 + 63 + 1;

/** ValidateSignerName: a domain and a path, as in `example.com/signer-name`. */
export function validateSignerName(errs: Errors, name: string | undefined, path: FieldPath): void {
  if (blank(name)) {
    errs.push(required(path));
    return;
  }
  const segments = name!.split('/');
  if (segments.length !== 2) {
    const message = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    errs.push(invalid(path, name, message));
    return;
  }
  const [domain, signer] = segments as [string, string];
  if (domain.length > longestDomain) errs.push(tooLong(path, longestDomain));
  firstBadLabel(errs, domain, isDNS1123Label, path);
  if (!domain.includes('.')) {
    errs.push(invalid(path, domain, 'should be a domain with at least two segments separated by dots'));
  }
  firstBadLabel(errs, signer, isDNS1123Subdomain, path);
  if (name!.length > longestSigner) errs.push(tooLong(path, longestSigner));
}

/** One bad label is enough: the texts of more could not be told apart. */
function firstBadLabel(
  errs: Errors,
  segment: string,
  problemsOf: (label: string) => readonly string[],
  path: FieldPath,
): void {
  for (const label of segment.split('.')) {
    const problems = problemsOf(label);
    for (const problem of problems) {
      errs.push(invalid(path, segment, `validating label ${JSON.stringify(label)}: ${problem}`));
    }
    if (problems.length > 0) return;
  }
}

const alwaysTrue = ['Approved', 'Denied', 'Failed'];

function validateConditions(errs: Errors, conditions: readonly Json[], tolerated: Tolerated): void {
  const seen = new Set<string>();
  conditions.forEach((condition, i) => {
    const place = conditionsPath.index(i);
    const type: string = condition['type'] ?? '';
    const status: string = condition['status'] ?? '';
    if (type === '' && !tolerated.emptyTypes) errs.push(required(place.child('type')));
    const allowed = alwaysTrue.includes(type) ? ['True'] : ['False', 'True', 'Unknown'];
    if (status === '') errs.push(required(place.child('status')));
    else if (!allowed.includes(status)) errs.push(notSupported(place.child('status'), status, allowed));
    const other = type === 'Approved' ? 'Denied' : type === 'Denied' ? 'Approved' : undefined;
    if (other != null && seen.has(other) && !tolerated.approvedAndDenied) {
      const message = 'Approved and Denied conditions are mutually exclusive';
      errs.push(invalid(conditionsPath, type, message));
    }
    if (seen.has(type) && !tolerated.duplicateTypes) errs.push(duplicate(place.child('type'), type));
    seen.add(type);
  });
}

const pemBlock = /-----BEGIN ([^-\n]*)-----\r?\n([\s\S]*?)-----END \1-----/g;

/** What keeps a base64 text from being a chain of certificates in PEM; absent when it is one, or is empty. */
function certificateProblem(base64: string): string | undefined {
  if (base64 === '') return undefined;
  let blocks = 0;
  for (const [block, type, body] of Buffer.from(base64, 'base64').toString('latin1').matchAll(pemBlock)) {
    if (type !== 'CERTIFICATE') {
      return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`;
    }
    if (body!.includes(':')) return 'no PEM block headers are permitted';
    blocks++;
    if (body!.trim() === '') return 'found CERTIFICATE PEM block containing 0 certificates';
    try {
      new X509Certificate(block);
    } catch {
      return 'x509: malformed certificate';
    }
  }
  return blocks === 0 ? 'must contain at least one CERTIFICATE PEM block' : undefined;
}

/** What an update through this path may change. */
export interface SigningRequestUpdate {
  readonly approval?: boolean;
  readonly certificate?: boolean;
}

/** validateCertificateSigningRequestUpdate: decisions and certificates are final, each with its own path. */
export function validateSigningRequestUpdate(
  errs: Errors,
  request: Json,
  old: Json,
  allowed: SigningRequestUpdate,
): void {
  validateRequest(errs, request, toleratedAfter(old, request));
  const find = (object: Json, type: string): Json[] =>
    conditionsOf(object).filter((condition) => condition['type'] === type);
  for (const type of alwaysTrue) {
    if (find(request, type).length >= find(old, type).length) continue;
    errs.push(
      forbidden(conditionsPath, `updates may not remove a condition of type ${JSON.stringify(type)}`),
    );
  }
  for (const type of allowed.approval ? [] : ['Approved', 'Denied']) {
    const now = find(request, type);
    const before = find(old, type);
    const quoted = JSON.stringify(type);
    if (now.length > before.length) {
      errs.push(forbidden(conditionsPath, `updates may not add a condition of type ${quoted}`));
    } else if (
      now.length === before.length &&
      !now.every((one, i) => goEqual(one, before[i], conditionType))
    ) {
      const change = goDiff(before, now, conditionType);
      errs.push(forbidden(conditionsPath, `updates may not modify a condition of type ${quoted}\n${change}`));
    }
  }
  const before = certificateOf(old);
  if (certificateOf(request) === before) return;
  if (!allowed.certificate) errs.push(forbidden(certificatePath, 'updates may not set certificate content'));
  else if (before !== '') {
    errs.push(forbidden(certificatePath, 'updates may not modify existing certificate content'));
  }
}
