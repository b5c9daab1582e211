import { mkdtempSync, rmSync } from 'node:fs';
import { type ClientHttp2Session, connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@coxswain/machinery';
import { PkiDir } from '@coxswain/pki';
import { askHttps } from '@coxswain/pki/testing';
import type { ApiServer } from '../apiserver.ts';
import { startTestServer } from '../testing-server.ts';

/** What a request was answered. */
export interface TestAnswer {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>;
  readonly body: string;
}

export interface TestRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** One of the tokens below; default: the administrator's. */
  readonly token?: string;
}

/** A server over TLS with an administrator (token `root`) and somebody without rights (token `alice`). */
export class TestListener {
  readonly server: ApiServer;
  readonly session: ClientHttp2Session;
  readonly close: () => Promise<void>;

  private constructor(server: ApiServer, closeServer: () => Promise<void>, dir: string) {
    this.server = server;
    this.session = connect(server.url, { rejectUnauthorized: false, maxSendHeaderBlockLength: 1024 * 1024 });
    this.session.on('error', () => {});
    this.close = async () => {
      this.session.destroy();
      await closeServer();
      rmSync(dir, { recursive: true });
    };
  }

  static async start(options: Parameters<typeof startTestServer>[0] = {}): Promise<TestListener> {
    const dir = mkdtempSync(join(tmpdir(), 'coxswain-listener-'));
    const pki = new PkiDir(dir, systemClock);
    const ca = pki.authority('ca', 'test');
    const leaf = pki.leaf('server', ca, {
      subject: { commonName: 'server' },
      usages: ['server'],
      altNames: ['127.0.0.1'],
    });
    const { server, close } = await startTestServer({
      ...options,
      listen: {
        host: '127.0.0.1',
        port: 0,
        cert: leaf.certificate,
        key: leaf.key,
        clientCA: ca.certificate,
      },
      access: {
        staticTokens: new Map([
          ['root', { name: 'root', groups: ['system:masters'] }],
          ['alice', { name: 'alice', groups: [] }],
        ]),
        ...options.access,
      },
    });
    return new TestListener(server, close, dir);
  }

  /** Over HTTP/2, all on one connection. */
  ask(
    path: string,
    { method = 'GET', headers, body, token = 'root' }: TestRequest = {},
  ): Promise<TestAnswer & { readonly bytes: Buffer }> {
    return new Promise((resolve, reject) => {
      const stream = this.session.request({
        ':path': path,
        ':method': method,
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      });
      let answered: TestAnswer['headers'] = {};
      const chunks: Buffer[] = [];
      stream.on('response', (head) => {
        answered = head;
      });
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const bytes = Buffer.concat(chunks);
        resolve({ code: Number(answered[':status']), headers: answered, body: bytes.toString(), bytes });
      });
      stream.on('error', reject);
      stream.end(body);
    });
  }

  /** Over HTTP/1.1, each on a connection of its own. */
  askHttp1(
    path: string,
    { method = 'GET', headers, body, token = 'root' }: TestRequest = {},
  ): Promise<TestAnswer> {
    return askHttps(
      `https://127.0.0.1:${this.server.port}${path}`,
      {
        method,
        rejectUnauthorized: false,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
      },
      body,
    );
  }
}
