import { getServers } from 'node:dns';
import { isIP } from 'node:net';

const dialFaults: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
};

const unknownAuthority = 'x509: certificate signed by unknown authority';

const certificateFaults: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  CERT_HAS_EXPIRED: 'x509: certificate has expired or is not yet valid',
  CERT_NOT_YET_VALID: 'x509: certificate has expired or is not yet valid',
};

interface NodeFault extends NodeJS.ErrnoException {
  readonly host?: string;
  readonly cert?: { readonly subjectaltname?: string; readonly subject?: { readonly CN?: string } };
}

/**
 * Why a request to another server failed, in the words of Go's clients, which others show and look for.
 * @param local the own end of the connection, where it is known
 */
export function goFault(error: NodeFault, host: string, port: number, local?: string): string {
  const { code = '', message } = error;
  const address = addressOf(host, port);
  const dial = dialFaults[code];
  if (dial !== undefined) return `dial tcp ${address}: ${dial}`;
  if (code === 'ENOTFOUND') return `dial tcp: lookup ${host}${nameServer()}: no such host`;
  const certificate = certificateFaults[code];
  if (certificate !== undefined) return `tls: failed to verify certificate: ${certificate}`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `tls: failed to verify certificate: x509: ${hostFault(error, error.host ?? host)}`;
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

function hostFault({ cert }: NodeFault, host: string): string {
  const names = (cert?.subjectaltname ?? '').split(', ').filter((name) => name !== '');
  if (names.length === 0 && cert?.subject?.CN === host) {
    return 'certificate relies on legacy Common Name field, use SANs instead';
  }
  const isAddress = isIP(host) !== 0;
  const prefix = isAddress ? 'IP Address:' : 'DNS:';
  const valid = names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  if (valid.length > 0) return `certificate is valid for ${valid.join(', ')}, not ${host}`;
  return isAddress
    ? `cannot validate certificate for ${host} because it doesn't contain any IP SANs`
    : `certificate is not valid for any names, but wanted to match ${host}`;
}
