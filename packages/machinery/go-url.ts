import { isIPv4, isIPv6 } from 'node:net';
import { goQuote } from './field-error.ts';

/** What Go's net/url says about a text that is no URL: `parse "%": invalid URL escape "%"`. */
export class GoUrlError extends Error {}

/** A URL as Go's net/url splits it. */
export interface GoUrl {
  /** In lower case; '' where there is none. */
  readonly scheme: string;
  /** What follows a scheme without a slash: then there is nothing else but a query. */
  readonly opaque: string;
  /** Absent where no `@` is. */
  readonly user?: string;
  /** With the port, and with escapes undone. */
  readonly host: string;
  /** With escapes undone. */
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
}

/** Splits a URL, whether it is absolute or not. @throws {GoUrlError} in Go's words */
export function parseGoUrl(text: string): GoUrl {
  const [before, after] = cut(text, '#');
  const url = told(before, () => parse(before));
  return after === '' ? url : { ...url, fragment: told(text, () => withoutEscapes(after)) };
}

function told<T>(text: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof GoUrlError)) throw cause;
    throw new GoUrlError(`parse ${goQuote(text)}: ${cause.message}`);
  }
}

/** The text before and after the first of a mark. */
function cut(text: string, mark: string): readonly [before: string, after: string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + mark.length)];
}

function parse(text: string): GoUrl {
  if (hasControl(text)) throw new GoUrlError('net/url: invalid control character in URL');
  if (text.startsWith(':')) throw new GoUrlError('missing protocol scheme');
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1] ?? '';
  const [rest, query] = cut(scheme === '' ? text : text.slice(scheme.length + 1), '?');
  const empty = { scheme: scheme.toLowerCase(), opaque: '', host: '', path: '', query, fragment: '' };
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...empty, opaque: rest };
    if (cut(rest, '/')[0].includes(':')) {
      throw new GoUrlError('first path segment in URL cannot contain colon');
    }
  }
  const hasAuthority = scheme === '' ? /^\/\/(?!\/)/.test(rest) : rest.startsWith('//');
  if (!hasAuthority) return { ...empty, path: withoutEscapes(rest) };
  const slash = rest.indexOf('/', 2);
  const authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash);
  return {
    ...empty,
    ...parseAuthority(empty.scheme, authority),
    path: withoutEscapes(slash < 0 ? '' : rest.slice(slash)),
  };
}

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

function parseAuthority(scheme: string, authority: string): Pick<GoUrl, 'user' | 'host'> {
  const at = authority.lastIndexOf('@');
  const host = parseHost(scheme, authority.slice(at + 1));
  if (at < 0) return { host };
  const user = authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) throw new GoUrlError('net/url: invalid userinfo');
  return { user: withoutEscapes(user), host };
}

function parseHost(scheme: string, host: string): string {
  const bracket = host.lastIndexOf('[');
  if (bracket > 0) throw new GoUrlError('invalid IP-literal');
  if (bracket === 0) return parseLiteral(host);
  // Only where HTTP is spoken is everything after the first colon a port.
  const isHttp = scheme === 'http' || scheme === 'https';
  const colon = isHttp ? host.indexOf(':') : host.lastIndexOf(':');
  if (colon >= 0) checkPort(host.slice(colon));
  return withoutEscapes(host, 'host');
}

/** An address of IPv6 in brackets, with a zone and a port perhaps. */
function parseLiteral(host: string): string {
  const end = host.lastIndexOf(']');
  if (end < 0) throw new GoUrlError("missing ']' in host");
  checkPort(host.slice(end + 1));
  const name = host.slice(1, end);
  const zone = name.indexOf('%25');
  const address = withoutEscapes(zone < 0 ? name : name.slice(0, zone), 'host');
  const whole = zone < 0 ? address : address + withoutEscapes(name.slice(zone), 'zone');
  if (isIPv4(whole)) throw new GoUrlError('invalid IP-literal');
  if (!isIPv6(address)) {
    throw new GoUrlError(`invalid host: ParseAddr(${goQuote(whole)}): unable to parse IP`);
  }
  return `[${whole}]${host.slice(end + 1)}`;
}

function checkPort(text: string): void {
  if (!/^(?::\d*)?$/.test(text)) throw new GoUrlError(`invalid port ${goQuote(text)} after host`);
}

/** What a host may have besides letters, digits and what is not ASCII. */
const hostMarks = /[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"]/;
const ascii = 0x80;

function withoutEscapes(text: string, within?: 'host' | 'zone'): string {
  const bytes: number[] = [];
  const source = Buffer.from(text, 'utf8');
  for (let i = 0; i < source.length; i++) {
    const byte = source[i] as number;
    const char = String.fromCharCode(byte);
    if (char !== '%') {
      if (within !== undefined && byte < ascii && !hostMarks.test(char)) {
        throw new GoUrlError(`invalid character ${goQuote(char)} in host name`);
      }
      bytes.push(byte);
      continue;
    }
    const code = source.toString('utf8', i, i + 3);
    if (!/^%[0-9A-Fa-f]{2}$/.test(code)) throw badEscape(code);
    const meant = Number.parseInt(code.slice(1), 16);
    // A host has escapes for what is not ASCII alone; a zone for what could stand there without, and for a space.
    const allowed =
      within === undefined ||
      code === '%25' ||
      (within === 'host' && meant >= ascii) ||
      (within === 'zone' && (meant === 0x20 || hostMarks.test(String.fromCharCode(meant))));
    if (!allowed) throw badEscape(code);
    bytes.push(meant);
    i += 2;
  }
  return Buffer.from(bytes).toString('utf8');
}

function badEscape(code: string): GoUrlError {
  return new GoUrlError(`invalid URL escape ${goQuote(code)}`);
}
