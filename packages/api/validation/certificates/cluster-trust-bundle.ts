import { X509Certificate } from 'node:crypto';
import { FieldPath, invalid, tooLong } from '@coxswain/machinery';
import { immutable } from '../immutable.ts';
import { dnsSubdomainName } from '../names.ts';
import { validateObjectMeta } from '../object-meta.ts';
import { blank, byteLength, type Errors, type Json, specPath } from '../values.ts';
import { validateSignerName } from './signing-request.ts';

const largestBundle = 1024 * 1024;
const bundlePath = specPath.child('trustBundle');
const signerPath = specPath.child('signerName');
const block = /-----BEGIN ([^-\r\n]+)-----\r?\n([\s\S]*?)-----END \1-----/g;

/** ValidateClusterTrustBundle, the metadata too: a signer's bundles bear its name. */
export function validateClusterTrustBundle(errs: Errors, bundle: Json): void {
  validateBundle(errs, bundle, false);
}

function validateBundle(errs: Errors, bundle: Json, sameCertificates: boolean): void {
  const signer: string = bundle['spec']?.signerName ?? '';
  validateObjectMeta(errs, bundle['metadata'], {
    namespaced: false,
    name: (name, prefix) => nameProblems(name, prefix, signer),
    standardFinalizers: true,
  });
  if (!blank(signer)) validateSignerName(errs, signer, signerPath);
  if (!sameCertificates) validateCertificates(errs, bundle['spec']?.trustBundle ?? '');
}

function nameProblems(name: string, prefix: boolean, signer: string): readonly string[] {
  if (signer === '') {
    if (name.includes(':')) return ['ClusterTrustBundle without signer name must not have ":" in its name'];
    return dnsSubdomainName(name, prefix);
  }
  const start = `${signer.replaceAll('/', ':')}:`;
  if (name.startsWith(start)) return dnsSubdomainName(name.slice(start.length), prefix);
  return [`ClusterTrustBundle for signerName ${signer} must be named with prefix ${start}`];
}

function validateCertificates(errs: Errors, text: string): void {
  if (byteLength(text) > largestBundle) {
    errs.push(tooLong(bundlePath, largestBundle));
    return;
  }
  const before = errs.length;
  const wrong = (message: string): void => {
    errs.push(invalid(bundlePath, '<value omitted>', message));
  };
  const anchors = new Map<string, number[]>();
  [...text.matchAll(block)].forEach(([, type, body], i) => {
    if (type !== 'CERTIFICATE') wrong(`entry ${i} has bad block type: ${type}`);
    else if (body!.includes(':')) wrong(`entry ${i} has PEM block headers`);
    else {
      const isAuthority = authority(body!);
      if (isAuthority === undefined) wrong(`entry ${i} does not parse as X.509`);
      else if (!isAuthority) wrong(`entry ${i} does not have the CA bit set`);
      else {
        const key = body!.replace(/\s/g, '');
        anchors.set(key, [...(anchors.get(key) ?? []), i]);
      }
    }
  });
  if (errs.length > before) return;
  if (anchors.size === 0) wrong('at least one trust anchor must be provided');
  for (const indices of anchors.values()) {
    if (indices.length > 1) wrong(`duplicate trust anchor (indices [${indices.join(' ')}])`);
  }
}

/** Whether a certificate may sign others; undefined when it is none. */
function authority(base64: string): boolean | undefined {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64')).ca;
  } catch {
    return undefined; // the parser tells by throwing
  }
}

/** ValidateClusterTrustBundleUpdate: the signer stays. */
export function validateClusterTrustBundleUpdate(errs: Errors, bundle: Json, old: Json): void {
  const { signerName = '', trustBundle } = bundle['spec'] ?? {};
  validateBundle(errs, bundle, trustBundle === old['spec']?.trustBundle);
  immutable(errs, FieldPath.root('spec', 'signerName'), signerName, old['spec']?.signerName ?? '');
}
