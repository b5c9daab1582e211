import { isIP } from 'node:net';

/** Headers in lower case, as Node gives them. */
type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Where a request comes from: what proxies say in its headers, then the peer itself, which cannot be feigned. */
export function sourceIPs(headers: Headers, remote: string | undefined): string[] {
  const found: string[] = [];
  for (const part of textOf(headers['x-forwarded-for']).split(',')) {
    const ip = part.trim();
    if (isIP(ip) !== 0) found.push(ip);
  }
  const real = textOf(headers['x-real-ip']);
  if (isIP(real) !== 0 && !found.includes(real)) found.push(real);
  const peer = remote?.replace(/^::ffff:(?=\d+\.)/, '');
  if (peer !== undefined && peer !== found.at(-1)) found.push(peer);
  return found;
}

function textOf(header: string | readonly string[] | undefined): string {
  return (typeof header === 'string' ? header : header?.join(',')) ?? '';
}
