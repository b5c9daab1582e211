import { X509Certificate } from 'node:crypto';
import { goQuote } from '@coxswain/machinery';
import { extendedKeyUsage } from '@coxswain/pki';
import { hostFault } from './host-fault.ts';

const unknownAuthority = 'x509: certificate signed by unknown authority';

/** Longer chains are refused: nobody has them, and each link costs a signature. */
const maxDepth = 100;

/**
 * What Go's verifier says of what a connection showed; undefined where it takes it.
 * @param chain DER, the server's own certificate first
 * @param authorities PEM of those that are trusted
 * @param host the name or address that it was asked by
 * @param now milliseconds since 1970
 */
export function shownPeerFault(
  chain: readonly Buffer[],
  authorities: string,
  host: string,
  now: number,
): string | undefined {
  const roots = authorities.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  return peerFault(certificates(chain), certificates(roots), host, now);
}

/** Those that can be read, as in Go's pools. */
function certificates(encoded: readonly (Buffer | string)[]): readonly X509Certificate[] {
  return encoded.flatMap((one) => {
    try {
      return new X509Certificate(one);
    } catch {
      // what cannot be read is trusted by nobody
      return [];
    }
  });
}

/**
 * What Go's verifier says of a server's certificates; undefined where it takes them.
 * @param chain the server's own first, then those that came with it
 * @param host the name or address that it was asked by
 * @param now milliseconds since 1970
 */
export function peerFault(
  chain: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  host: string,
  now: number,
): string | undefined {
  const [leaf, ...intermediates] = chain;
  if (leaf === undefined) return unknownAuthority;
  const early = timeFault(leaf, now) ?? hostFault(leaf.subjectAltName, commonName(leaf), host);
  if (early !== undefined) return early;
  if (roots.some((root) => same(root, leaf))) return usageFault([leaf]);
  return chainFault([leaf], { roots, intermediates, now });
}

interface Trust {
  readonly roots: readonly X509Certificate[];
  readonly intermediates: readonly X509Certificate[];
  readonly now: number;
}

/**
 * Why the last of a chain leads to no root: what is wrong with the last that did sign it, and where nobody did, a hint
 * at the first that might have.
 */
function chainFault(chain: readonly X509Certificate[], trust: Trust): string | undefined {
  const child = chain.at(-1) as X509Certificate;
  let hint = '';
  let last: string | undefined;
  for (const [isRoot, parents] of [
    [true, trust.roots],
    [false, trust.intermediates],
  ] as const) {
    for (const parent of parents) {
      if (parent.subject !== child.issuer || chain.some((one) => same(one, parent))) continue;
      const unsigned = signatureFault(child, parent);
      if (unsigned !== undefined) {
        if (hint === '') hint = hintAt(parent, unsigned);
        continue;
      }
      const longer = [...chain, parent];
      last = timeFault(parent, trust.now) ?? (isRoot ? usageFault(longer) : furtherFault(longer, trust));
      if (last === undefined) return undefined;
    }
  }
  return last ?? `${unknownAuthority}${hint}`;
}

const furtherFault = (chain: readonly X509Certificate[], trust: Trust): string | undefined =>
  chain.length < maxDepth ? chainFault(chain, trust) : unknownAuthority;

function hintAt(parent: X509Certificate, why: string): string {
  return ` (possibly because of ${goQuote(why)} while trying to verify candidate authority certificate ${goQuote(shownName(parent))})`;
}

const serverUsages: readonly string[] = [extendedKeyUsage.serverAuth, extendedKeyUsage.any];

/** Node.js calls extended usages those of the key; none stand for all. */
function usageFault(chain: readonly X509Certificate[]): string | undefined {
  const fits = chain.every(
    ({ keyUsage }) =>
      keyUsage === undefined ||
      keyUsage.length === 0 ||
      keyUsage.some((usage) => serverUsages.includes(usage)),
  );
  return fits ? undefined : 'x509: certificate specifies an incompatible key usage';
}

const same = (a: X509Certificate, b: X509Certificate): boolean => a.raw.equals(b.raw);

function timeFault(
  { validFromDate: from, validToDate: to }: X509Certificate,
  now: number,
): string | undefined {
  const told = (relation: string, bound: Date): string =>
    `x509: certificate has expired or is not yet valid: current time ${rfc3339(new Date(now))} is ${relation} ${rfc3339(bound)}`;
  if (now < from.getTime()) return told('before', from);
  return now > to.getTime() ? told('after', to) : undefined;
}

const rfc3339 = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;

const verificationFaults: Readonly<Record<string, string>> = {
  rsa: 'crypto/rsa: verification error',
  ec: 'x509: ECDSA verification failure',
  ed25519: 'x509: Ed25519 verification failure',
};

function signatureFault(child: X509Certificate, parent: X509Certificate): string | undefined {
  if (!parent.ca) return 'x509: invalid signature: parent certificate cannot sign this kind of certificate';
  if (child.verify(parent.publicKey)) return undefined;
  const { asymmetricKeyType: type = '' } = parent.publicKey;
  const wanted = signerType(child.signatureAlgorithm);
  if (wanted !== undefined && wanted !== type && Object.hasOwn(goKeys, type)) {
    return `x509: signature algorithm specifies an ${goKeys[wanted]?.[0]} public key, but have public key of type ${goKeys[type]?.[1]}`;
  }
  return verificationFaults[type] ?? 'x509: cannot verify signature: algorithm unimplemented';
}

/** What Go calls kinds of keys, and its types of them. */
const goKeys: Readonly<Record<string, readonly [string, string]>> = {
  rsa: ['RSA', '*rsa.PublicKey'],
  ec: ['ECDSA', '*ecdsa.PublicKey'],
  ed25519: ['Ed25519', 'ed25519.PublicKey'],
};

/** The kind of key that makes signatures of an algorithm, by OpenSSL's name of that. */
function signerType(algorithm: string | undefined): string | undefined {
  if (algorithm === undefined) return undefined;
  if (/rsa/i.test(algorithm)) return 'rsa';
  return /^ecdsa/i.test(algorithm) ? 'ec' : algorithm.toLowerCase();
}

/** A part of a subject; the last where there are several. */
function part(certificate: X509Certificate, name: string): string {
  const line = certificate.subject?.split('\n').findLast((one) => one.startsWith(`${name}=`));
  return line?.slice(name.length + 1) ?? '';
}

const commonName = (certificate: X509Certificate): string => part(certificate, 'CN');

function shownName(certificate: X509Certificate): string {
  const name = commonName(certificate) || (certificate.subject?.match(/^O=(.*)$/m)?.[1] ?? '');
  return name === '' ? `serial:${BigInt(`0x${certificate.serialNumber}`)}` : name;
}
