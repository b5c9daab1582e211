import { type KubeObject, readJson, writeJson } from '@coxswain/machinery';
import { TestHttpsServer } from '@coxswain/pki/testing';

/** What a webhook of a test says to the request of a review. */
export type Answer = (request: KubeObject) => Record<string, unknown>;

/** A server of webhooks, one a path. A path without answer never answers. */
export interface TestWebhook {
  readonly answers: Map<string, Answer>;
  /** `https://127.0.0.1:PORT`. */
  readonly url: string;
  readonly caBundle: string;
  close(): Promise<void>;
}

/** Starts a server that answers reviews of any kind. */
export async function startTestWebhook(): Promise<TestWebhook> {
  const answers = new Map<string, Answer>();
  const https = await TestHttpsServer.start(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { kind, apiVersion, request: asked } = readJson(Buffer.concat(chunks).toString('utf8'));
    const answer = answers.get((request.url ?? '').split('?')[0] ?? '');
    if (answer === undefined) return;
    response.setHeader('content-type', 'application/json');
    response.end(writeJson({ kind, apiVersion, response: { uid: asked.uid, ...answer(asked) } }));
  });
  const { url, caBundle } = https;
  return { answers, url, caBundle, close: () => https.close() };
}
