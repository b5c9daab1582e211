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
  readonly cert?: { readonly subjectaltname?: string };
}

/** Why a request to another server failed, in the words of Go's clients, which others show and look for. */
export function goFault(error: NodeFault, host: string, port: number): string {
  const { code = '', message } = error;
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const dial = dialFaults[code];
  if (dial !== undefined) return `dial tcp ${address}: ${dial}`;
  if (code === 'ENOTFOUND') return `dial tcp: lookup ${host}: no such host`;
  const certificate = certificateFaults[code];
  if (certificate !== undefined) return `tls: failed to verify certificate: ${certificate}`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `tls: failed to verify certificate: x509: certificate is valid for ${namesOf(error)}, not ${error.host ?? host}`;
  }
  if (code === 'EPROTO' && message.includes('wrong version number')) {
    return 'http: server gave HTTP response to HTTPS client';
  }
  if (code === 'ECONNRESET') return message === 'socket hang up' ? 'EOF' : 'read: connection reset by peer';
  return message === '' ? code : message;
}

function namesOf({ cert }: NodeFault): string {
  const names = (cert?.subjectaltname ?? '').split(', ').map((name) => name.replace(/^[^:]*:/, ''));
  return names.join(', ');
}
