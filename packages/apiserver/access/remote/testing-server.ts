import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newKubeconfig } from '@coxswain/client';
import { TestHttpsServer } from '@coxswain/pki/testing';

/** What a path of the server answers; `body` is the request's, parsed. */
export type TestAnswer = (body: any) => {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
} & (
  | { readonly body: unknown }
  /** No JSON. */
  | { readonly text: string }
);

/** An HTTPS server of JSON, one answer a path. */
export interface TestServer {
  readonly answers: Map<string, TestAnswer>;
  /** Bodies that were sent to a path, in order; undefined for GET. */
  asked(path: string): readonly any[];
  /** `https://127.0.0.1:PORT`. */
  readonly url: string;
  /** PEM of the authority of its certificate. */
  readonly ca: string;
  readonly dir: string;
  readonly https: TestHttpsServer;
  /** Writes a kubeconfig for a path of the server and gives the file. */
  kubeconfig(path: string): string;
  close(): Promise<void>;
}

/** Starts a server on the loopback interface. @param like one whose authority it shares */
export async function startTestServer(like?: TestServer): Promise<TestServer> {
  const answers = new Map<string, TestAnswer>();
  const asked = new Map<string, unknown[]>();
  const https = await TestHttpsServer.start(
    async (request, response) => {
      const path = (request.url ?? '').split('?')[0] as string;
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString('utf8');
      const body: unknown = text === '' ? undefined : JSON.parse(text);
      asked.set(path, [...(asked.get(path) ?? []), body]);
      const answer = answers.get(path)?.(body) ?? { status: 404, headers: {}, body: {} };
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
      response.end('text' in answer ? answer.text : JSON.stringify(answer.body));
    },
    like === undefined ? {} : { like: like.https },
  );
  const { url, dir, ca } = https;
  return {
    answers,
    asked: (path) => asked.get(path) ?? [],
    url,
    ca: ca.certificate,
    dir,
    https,
    kubeconfig: (path) => {
      const file = join(dir, `kubeconfig${path.replaceAll('/', '-')}`);
      writeFileSync(
        file,
        JSON.stringify(newKubeconfig({ name: 'hook', server: url + path, ca: ca.certificate })),
      );
      return file;
    },
    close: () => https.close(),
  };
}
