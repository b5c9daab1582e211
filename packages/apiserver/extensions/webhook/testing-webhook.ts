import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KubeObject, systemClock } from '@coxswain/machinery';
import { PkiDir } from '@coxswain/pki';

/** What a webhook of a test says to the request of a review. */
export type Answer = (request: KubeObject) => Record<string, unknown>;

/** A server of webhooks, one a path. A path without answer never answers. */
export interface TestWebhook {
  readonly answers: Map<string, Answer>;
  /** `https://127.0.0.1:PORT`. */
  readonly url: string;
  readonly caBundle: string;
  close(): void;
}

/** Starts a server that answers reviews of any kind. */
export async function startTestWebhook(): Promise<TestWebhook> {
  const dir = mkdtempSync(join(tmpdir(), 'coxswain-webhook-'));
  const pki = new PkiDir(dir, systemClock);
  const ca = pki.authority('ca', 'test');
  const leaf = pki.leaf('hook', ca, {
    subject: { commonName: 'hook' },
    usages: ['server'],
    altNames: ['127.0.0.1'],
  });
  const answers = new Map<string, Answer>();
  const server = createServer({ cert: leaf.certificate, key: leaf.key }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const review = JSON.parse(Buffer.concat(chunks).toString('utf8')) as KubeObject;
      const answer = answers.get((request.url ?? '').split('?')[0] ?? '');
      if (answer === undefined) return;
      const { kind, apiVersion } = review;
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          kind,
          apiVersion,
          response: { uid: review['request'].uid, ...answer(review['request'] as KubeObject) },
        }),
      );
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    answers,
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    caBundle: Buffer.from(ca.certificate).toString('base64'),
    close: () => {
      server.closeAllConnections();
      server.close();
      rmSync(dir, { recursive: true });
    },
  };
}
