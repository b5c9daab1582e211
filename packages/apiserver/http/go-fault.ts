import { getServers } from 'node:dns';
import { isIP } from 'node:net';
import type { PeerCertificate } from 'node:tls';
import { hostFault } from './host-fault.ts';

const dialFaults: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
};

const unknownAuthority = 'x509: certificate signed by unknown authority';
const expired = 'x509: certificate has expired or is not yet valid';

/** What Go says of certificates that OpenSSL refuses, where no more is known of them. */
const certificateFaults: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  CERT_SIGNATURE_FAILURE: unknownAuthority,
  CERT_HAS_EXPIRED: expired,
  CERT_NOT_YET_VALID: expired,
  INVALID_PURPOSE: 'x509: certificate specifies an incompatible key usage',
  INVALID_CA: 'x509: invalid signature: parent certificate cannot sign this kind of certificate',
  PATH_LENGTH_EXCEEDED: 'x509: too many intermediates for path length constraint',
};

const wrongHost = 'ERR_TLS_CERT_ALTNAME_INVALID';

interface NodeFault extends NodeJS.ErrnoException {
  readonly host?: string;
  readonly cert?: { readonly subjectaltname?: string; readonly subject?: { readonly CN?: string } };
}

/** What is known beside a fault. */
export interface FaultContext {
  /** The own end of the connection. */
  readonly local?: string | undefined;
  /** What Go's verifier says of the other end's certificates; undefined where it takes them. */
  readonly peerFault?: () => string | undefined;
}

/** Why a request to another server failed, in the words of Go's clients, which others show and look for. */
export function goFault(
  error: NodeFault,
  host: string,
  port: number,
  { local, peerFault }: FaultContext = {},
): string {
  const { code = '', message } = error;
  const address = addressOf(host, port);
  const dial = dialFaults[code];
  if (dial !== undefined) return `dial tcp ${address}: ${dial}`;
  if (code === 'ENOTFOUND') return `dial tcp: lookup ${host}${nameServer()}: no such host`;
  const certificate = code === wrongHost ? identityFault(error, host) : certificateFaults[code];
  if (certificate !== undefined) {
    return `tls: failed to verify certificate: ${peerFault?.() ?? certificate}`;
  }
  if (code === 'EPROTO' && message.includes('wrong version number')) {
    return 'http: server gave HTTP response to HTTPS client';
  }
  if (code === 'ECONNRESET') {
    if (message !== 'read ECONNRESET') return 'EOF';
    return `${local === undefined ? '' : `read tcp ${local}->${address}: `}read: connection reset by peer`;
  }
  return message === '' ? code : message;
}

function identityFault({ cert, host, message }: NodeFault, asked: string): string {
  const { subjectaltname, subject } = cert ?? {};
  return hostFault(subjectaltname, subject?.CN ?? '', host ?? asked) ?? message;
}

/** A common name alone makes a certificate nobody's. */
function checkServerIdentity(host: string, cert: PeerCertificate): Error | undefined {
  const { subjectaltname, subject } = cert;
  const { CN = '' } = (subject ?? {}) as { readonly CN?: string };
  const fault = hostFault(subjectaltname, CN, host);
  return fault === undefined ? undefined : Object.assign(new Error(fault), { code: wrongHost, host, cert });
}

/** How Go verifies a server: by its alternative names alone; what is trusted need not have signed itself. */
export const goVerification = { checkServerIdentity, allowPartialTrustChain: true } as const;

/** As Go writes an end of a connection. */
export function addressOf(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The one that is asked first, as Go tells it. */
function nameServer(): string {
  const [first] = getServers();
  if (first === undefined) return '';
  return isIP(first) === 0 ? ` on ${first}` : ` on ${addressOf(first, 53)}`;
}
