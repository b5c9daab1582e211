import { TestHttpsServer } from '@coxswain/pki/testing';

/** What is said to the request of a review. */
export type Answer = (request: any) => object | Promise<object>;

/** A webhook beside the API server, which it is called at by URL. */
export interface WebhookServer {
  readonly clientConfig: (path: string) => { readonly url: string; readonly caBundle: string };
  readonly answers: Map<string, Answer>;
  close(): Promise<void>;
}

/** Starts a server that answers reviews of any kind, each path in its own way. */
export async function startWebhookServer(): Promise<WebhookServer> {
  const answers = new Map<string, Answer>();
  const https = await TestHttpsServer.start(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { kind, apiVersion, request: asked } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    const answer = await answers.get((request.url ?? '').split('?')[0] ?? '')?.(asked);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ kind, apiVersion, response: { uid: asked.uid, ...answer } }));
  });
  const { url, caBundle } = https;
  return {
    answers,
    clientConfig: (path) => ({ url: `${url}${path}`, caBundle }),
    close: () => https.close(),
  };
}

/** An answer that lets a request pass with changes. */
export const patched = (...operations: readonly object[]): object => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
});

export const denied = (message: string): object => ({ allowed: false, status: { message } });
