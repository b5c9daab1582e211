import { isIP } from 'node:net';

/** So many names are told of, and of more only the number. */
const maxNames = 100;

/**
 * What Go says of a certificate that is shown by a server that was asked by another name or address; undefined where it
 * is its own.
 * @param altNames as Node.js writes them: `DNS:a, IP Address:10.0.0.1`; undefined for none
 */
export function hostFault(
  altNames: string | undefined,
  commonName: string,
  host: string,
): string | undefined {
  const names = partsOf(altNames ?? '');
  const valued = (kind: string): readonly string[] =>
    names.filter((name) => name.startsWith(kind)).map((name) => name.slice(kind.length));
  const addresses = valued('IP Address:').map(shortAddress);
  const dns = valued('DNS:');
  const isAddress = isIP(host) !== 0;
  const asked = isAddress ? shortAddress(host) : host;
  if (isAddress ? addresses.includes(asked) : dns.some((name) => isNamed(name, host))) return undefined;
  if (names.length === 0 && matches(commonName.toLowerCase(), partsOfHost(asked))) {
    return 'x509: certificate relies on legacy Common Name field, use SANs instead';
  }
  if (isAddress && addresses.length === 0) {
    return `x509: cannot validate certificate for ${asked} because it doesn't contain any IP SANs`;
  }
  const valid = isAddress ? addresses : dns;
  if (valid.length >= maxNames) {
    return `x509: certificate is valid for ${valid.length} ${isAddress ? 'IP SANs' : 'names'}, but none matched ${asked}`;
  }
  if (valid.join('') === '') {
    return `x509: certificate is not valid for any names, but wanted to match ${asked}`;
  }
  return `x509: certificate is valid for ${valid.join(', ')}, not ${asked}`;
}

/** Names with signs that divide the list are written as texts of JSON. */
function partsOf(altNames: string): readonly string[] {
  return [...altNames.matchAll(/([^:,]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/g)].map(([, kind, value = '']) => {
    return `${kind}:${value.startsWith('"') ? (JSON.parse(value) as string) : value}`;
  });
}

/** An address as Go writes it. */
function shortAddress(address: string): string {
  if (isIP(address) !== 6) return address;
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(short);
  if (mapped === null) return short;
  const [high, low] = mapped.slice(1).map((part) => Number.parseInt(part, 16)) as [number, number];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function isNamed(name: string, host: string): boolean {
  const lower = host.toLowerCase();
  if (isHostName(lower.replace(/\.$/, ''), false) && isHostName(name, true)) {
    return matches(name.toLowerCase(), partsOfHost(lower));
  }
  return ![name, host].some((one) => one === '' || one === '.') && name.toLowerCase() === lower;
}

const partsOfHost = (host: string): readonly string[] => host.toLowerCase().replace(/\.$/, '').split('.');

/** Whether a name, of which the first part may be a star, is a host's. */
function matches(pattern: string, host: readonly string[]): boolean {
  const parts = pattern.split('.');
  if (pattern === '' || parts.length !== host.length) return false;
  return parts.every((part, i) => (i === 0 && part === '*') || part === host[i]);
}

function isHostName(text: string, mayBePattern: boolean): boolean {
  if (text === '*') return false;
  return text
    .split('.')
    .every((part, i) => (mayBePattern && i === 0 && part === '*') || /^[a-z\d_][a-z\d_-]*$/i.test(part));
}
