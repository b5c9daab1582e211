import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { ConnectionError } from './response-error.ts';

/** An agent whose TLS connections go through a tunnel that an HTTP proxy digs (RFC 9110 CONNECT). */
export class ProxyAgent extends https.Agent {
  readonly #proxy: URL;

  /** @param proxy `http://` or `https://`, with user and password where the proxy wants them */
  constructor(proxy: URL, options: https.AgentOptions) {
    super(options);
    this.#proxy = proxy;
  }

  override createConnection(
    options: https.RequestOptions,
    callback?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const target = `${bracketed(options.host ?? '')}:${options.port ?? 443}`;
    const { protocol, username, password } = this.#proxy;
    const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString(
      'base64',
    );
    const request = (protocol === 'https:' ? https : http).request(this.#proxy, {
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...(username === '' ? {} : { 'proxy-authorization': `Basic ${basic}` }) },
      agent: false,
    });
    const fail = (error: Error): void => callback?.(error, undefined as unknown as Duplex);
    request.once('connect', (answer, socket: Socket) => {
      if (answer.statusCode !== 200) {
        socket.destroy();
        fail(
          new ConnectionError(
            'BROKEN',
            `proxy ${this.#proxy.host}: ${answer.statusCode} ${answer.statusMessage}`,
          ),
        );
        return;
      }
      const servername =
        options.servername || (/^[\d.]+$|:/.test(options.host ?? '') ? undefined : options.host);
      callback?.(
        null,
        tls.connect({ ...options, ...(servername ? { servername } : {}), socket } as tls.ConnectionOptions),
      );
    });
    request.once('error', fail);
    request.end();
    return undefined;
  }
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/**
 * The proxy that the environment names for a server (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`), as Go finds it;
 * undefined: none. This machine is never reached through one.
 */
export function proxyFromEnvironment(
  server: string,
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const url = new URL(server.includes('://') ? server : `https://${server}`);
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const proxy = env[name] || env[name.toLowerCase()];
  if (!proxy) return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (host === 'localhost' || host === '::1' || host.startsWith('127.')) return undefined;
  const exempt = (env['NO_PROXY'] || env['no_proxy'] || '').toLowerCase().split(',');
  if (exempt.some((entry) => isExempt(host, url.port || '443', entry.trim()))) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function isExempt(host: string, port: string, entry: string): boolean {
  if (entry === '') return false;
  if (entry === '*') return true;
  const [, range, bits] = /^([\d.]+)\/(\d+)$/.exec(entry) ?? [];
  if (range !== undefined) return inRange(host, range, Number(bits));
  const [, name = entry, only] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (only !== undefined && only !== port) return false;
  const domain = name.replace(/^\*?\./, '');
  // With a dot in front a domain's hosts are meant, not the domain itself.
  return host.endsWith(`.${domain}`) || (host === domain && name === domain);
}

function inRange(host: string, range: string, bits: number): boolean {
  if (!/^\d+\.\d+\.\d+\.\d+$/.test(host)) return false;
  const number = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - bits);
  return Math.floor(number(host) / size) === Math.floor(number(range) / size);
}
