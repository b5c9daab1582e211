import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@coxswain/machinery';
import { PkiDir } from '@coxswain/pki';

/** What is said to the request of a review. */
export type Answer = (request: any) => object | Promise<object>;

/** A webhook beside the API server, which it is called at by URL. */
export interface WebhookServer {
  readonly clientConfig: (path: string) => { readonly url: string; readonly caBundle: string };
  readonly answers: Map<string, Answer>;
  close(): void;
}

/** Starts a server that answers reviews of any kind, each path in its own way. */
export async function startWebhookServer(): Promise<WebhookServer> {
  const dir = mkdtempSync(join(tmpdir(), 'coxswain-conformance-webhook-'));
  const pki = new PkiDir(dir, systemClock);
  const ca = pki.authority('ca', 'test');
  const leaf = pki.leaf('hook', ca, {
    subject: { commonName: 'hook' },
    usages: ['server'],
    altNames: ['127.0.0.1'],
  });
  const answers = new Map<string, Answer>();
  const server = createServer({ cert: leaf.certificate, key: leaf.key }, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { kind, apiVersion, request: asked } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    const answer = await answers.get((request.url ?? '').split('?')[0] ?? '')?.(asked);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ kind, apiVersion, response: { uid: asked.uid, ...answer } }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const caBundle = Buffer.from(ca.certificate).toString('base64');
  return {
    answers,
    clientConfig: (path) => ({ url: `https://127.0.0.1:${port}${path}`, caBundle }),
    close: () => {
      server.closeAllConnections();
      server.close();
      rmSync(dir, { recursive: true });
    },
  };
}

/** An answer that lets a request pass with changes. */
export const patched = (...operations: readonly object[]): object => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
});

export const denied = (message: string): object => ({ allowed: false, status: { message } });
