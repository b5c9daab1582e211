import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { type KubeObject, systemClock } from '@coxswain/machinery';
import { withRetries } from './retry.ts';
import { ReviewClient } from './review-client.ts';

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

const apiVersion = 'authentication.k8s.io/v1';
const review = { kind: 'TokenReview', apiVersion, metadata: {}, spec: { token: 'a<b>' } } as KubeObject;
/** A clock on which waiting takes no time. */
const clock = {
  ...systemClock,
  now: () => 0,
  monotonic: () => 0,
  after: systemClock.after.bind(systemClock),
  sleep: async () => {},
};

describe('ReviewClient', () => {
  let server: Server;
  let origin: string;
  let answer: Answer = { body: {} };
  let asked: string[] = [];

  before(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { authorization = 'nobody' } = request.headers;
        asked.push(`${request.method} ${request.url} ${authorization} ${Buffer.concat(chunks)}`);
        const { status = 200, headers = {}, body } = answer;
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  async function post(path: string, given: Answer): Promise<Record<string, any>> {
    answer = given;
    asked = [];
    const resolved = { server: origin + path, contextName: '', namespace: 'default', token: 'secret' };
    const client = new ReviewClient(resolved, clock);
    try {
      return await withRetries(
        () => client.post(review),
        clock,
        () => 0,
      );
    } finally {
      client.close();
    }
  }

  test('sends what client-go sends, and no credentials in the clear', async () => {
    const text =
      '{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","metadata":{},"spec":{"token":"a\\u003cb\\u003e"}}\n';
    for (const [path, sent] of [
      ['', '/?timeout=30s'],
      ['/', '/?timeout=30s'],
      ['/a/b/', '/a/b?timeout=30s'],
      ['/q?x=1', '/q?timeout=30s'],
    ] as const) {
      await post(path, { body: { status: { authenticated: true } } });
      assert.deepEqual(asked, [`POST ${sent} nobody ${text}`], path);
    }
  });

  const status = (code: number, reason: string): Answer => ({
    status: code,
    body: { apiVersion: 'v1', kind: 'Status', status: 'Failure', message: 'msg', reason, code },
  });
  const cases: readonly [answer: Answer, told: string, times: number][] = [
    [{ body: '' }, '0-length response with status code: 200 and content type: application/json', 1],
    [{ body: '{' }, "couldn't get version/kind; json parse error: unexpected end of JSON input", 1],
    [
      { body: { apiVersion, kind: 'Other' } },
      'no kind "Other" is registered for version "authentication.k8s.io/v1" in scheme "k8s.io/client-go/kubernetes/scheme/register.go:82"',
      1,
    ],
    [
      { body: { apiVersion: 'authentication.k8s.io/v1beta1', kind: 'TokenReview' } },
      'converting (v1beta1.TokenReview) to (v1.TokenReview): unknown conversion',
      1,
    ],
    [
      { body: { apiVersion: 'v1', kind: 'Pod' } },
      'converting (v1.Pod) to (v1.TokenReview): unknown conversion',
      1,
    ],
    [
      { body: { status: { authenticated: 'yes' } } },
      'json: cannot unmarshal string into Go struct field TokenReviewStatus.status.authenticated of type bool',
      1,
    ],
    [status(403, 'Forbidden'), 'msg', 1],
    [status(404, 'InternalError'), 'msg', 5],
    [status(504, 'Odd'), 'msg', 5],
    [status(504, 'Forbidden'), 'msg', 1],
    [status(429, 'Forbidden'), 'msg', 5],
    [
      { status: 500, body: 'text' },
      'an error on the server ("unknown") has prevented the request from succeeding',
      5,
    ],
    [
      { status: 503, body: 'text', headers: { 'retry-after': '0' } },
      'the server is currently unable to handle the request',
      11,
    ],
  ];
  for (const [given, told, times] of cases) {
    test(`tells of ${JSON.stringify(given)} in client-go's words, as often as that asks`, async () => {
      await assert.rejects(post('/', given), { message: told });
      assert.equal(asked.length, times);
    });
  }
});
