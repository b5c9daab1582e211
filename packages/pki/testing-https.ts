import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage, RequestListener } from 'node:http';
import { createServer, type RequestOptions, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@coxswain/machinery';
import { PkiDir } from './data-dir.ts';
import type { Issuer } from './issue.ts';

export interface TestHttpsServerOptions {
  /** What its certificate is for; default: `127.0.0.1`. */
  readonly altNames?: readonly string[];
  /** Where it listens; default: `127.0.0.1`. */
  readonly host?: string;
  /** PEM of the CA whose clients it takes for authorized; absent: it asks nobody for a certificate. */
  readonly clientCa?: string;
  /** A server whose authority it shares; default: it has one of its own. */
  readonly like?: TestHttpsServer;
}

/** An HTTPS server of a test, with a folder of its own in which its certificates are. */
export class TestHttpsServer {
  readonly dir: string;
  readonly pki: PkiDir;
  /** The authority of its certificate. */
  readonly ca: Issuer;
  readonly server: Server;

  private constructor(dir: string, pki: PkiDir, ca: Issuer, server: Server) {
    this.dir = dir;
    this.pki = pki;
    this.ca = ca;
    this.server = server;
  }

  /** Starts it on a free port. */
  static async start(
    answer: RequestListener,
    { altNames = ['127.0.0.1'], host = '127.0.0.1', clientCa, like }: TestHttpsServerOptions = {},
  ): Promise<TestHttpsServer> {
    const dir = mkdtempSync(join(tmpdir(), 'coxswain-https-'));
    const pki = like?.pki ?? new PkiDir(join(dir, 'pki'), systemClock);
    const ca = pki.authority('ca', 'test');
    const { certificate: cert, key } = pki.leaf('server', ca, {
      subject: { commonName: altNames[0] ?? 'server' },
      usages: ['server'],
      altNames,
    });
    const clients =
      clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: false };
    const server = createServer({ cert, key, ...clients }, answer);
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    return new TestHttpsServer(dir, pki, ca, server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** `https://127.0.0.1:PORT`. */
  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  /** The authority's certificate in base64, as objects of the API bear it. */
  get caBundle(): string {
    return Buffer.from(this.ca.certificate).toString('base64');
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** What a request was answered. */
export interface HttpsAnswer {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends a request over HTTP/1.1, on a connection of its own unless an agent is given; resolves when the answer begins. */
export function openHttps(
  url: string,
  options: RequestOptions = {},
  body?: string | Buffer,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false, ...options }, resolve);
    sent.on('error', reject);
    sent.on('timeout', () => sent.destroy(new Error(`no answer in ${options.timeout} ms`)));
    sent.end(body);
  });
}

/** Sends a request as `openHttps` does; resolves when the answer is whole. */
export async function askHttps(
  url: string,
  options: RequestOptions = {},
  body?: string | Buffer,
): Promise<HttpsAnswer> {
  const answer = await openHttps(url, options, body);
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return {
    code: answer.statusCode ?? 0,
    headers: answer.headers,
    body: Buffer.concat(chunks).toString(),
  };
}
