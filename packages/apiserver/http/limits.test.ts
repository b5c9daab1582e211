import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { systemClock, VirtualClock } from '@coxswain/machinery';
import { MemoryStore, type WriteResult } from '@coxswain/store';
import { TestListener } from './testing-listener.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';

function configMap(name: string, data = ''): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: data } });
}

/** A clock whose real timers stand still: only a test winds it. */
function windable(): VirtualClock {
  return new VirtualClock(Date.now());
}

/** A store whose writes to config maps never end. */
class StuckStore extends MemoryStore {
  stuck = false;

  override create(...args: Parameters<MemoryStore['create']>): Promise<WriteResult> {
    return this.stuck && args[0].includes('/configmaps/') ? new Promise(() => {}) : super.create(...args);
  }
}

describe('a listener', () => {
  let listener: TestListener;
  before(async () => {
    listener = await TestListener.start();
  });
  after(() => listener.close());

  for (const [protocol, ask] of [
    ['HTTP/2', 'ask'],
    ['HTTP/1.1', 'askHttp1'],
  ] as const) {
    test(`refuses bodies of more than 3 MiB over ${protocol}`, async () => {
      const body = configMap('large', 'x'.repeat(3 * 1024 * 1024));
      const answer = await listener[ask](configMaps, { method: 'POST', body });
      assert.equal(answer.code, 413);
      const { message, reason, details } = JSON.parse(answer.body);
      assert.deepEqual(
        [message, reason, details],
        ['Request entity too large: limit is 3145728', 'RequestEntityTooLarge', undefined],
      );
      assert.equal((await listener[ask]('/version')).code, 200);
    });

    test(`refuses bodies that inflate to too much or not at all over ${protocol}`, async () => {
      const headers = { 'content-encoding': 'gzip' };
      const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
      assert.equal((await listener[ask](configMaps, { method: 'POST', headers, body: bomb })).code, 413);
      const broken = Buffer.from('no gzip');
      assert.equal((await listener[ask](configMaps, { method: 'POST', headers, body: broken })).code, 400);
      const sound = gzipSync(configMap(`gzip-${ask.toLowerCase()}`));
      assert.equal((await listener[ask](configMaps, { method: 'POST', headers, body: sound })).code, 201);
    });

    test(`takes heads of hundreds of kilobytes over ${protocol}`, async () => {
      const headers = { 'x-large': 'x'.repeat(60_000), 'x-larger': 'x'.repeat(60_000) };
      assert.equal((await listener[ask]('/version', { headers })).code, 200);
    });

    test(`refuses a bad timeout over ${protocol}`, async () => {
      const answer = await listener[ask](`${configMaps}?timeout=soon`);
      assert.equal(answer.code, 400);
      assert.match(answer.body, /invalid timeout specified in the request URL - time: invalid duration/);
    });
  }

  test('refuses heads of more than 1 MiB with 431, and what is no HTTP with 400', async () => {
    const send = (text: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = connectTls(
          { host: '127.0.0.1', port: listener.server.port, rejectUnauthorized: false },
          () => socket.write(text),
        );
        let said = '';
        socket.on('data', (chunk: Buffer) => (said += chunk));
        // Whoever goes on sending may meet a closed connection; what was said before counts.
        socket.on('error', () => {});
        socket.on('close', () => resolve(said));
      });
    const large = `GET /version HTTP/1.1\r\nHost: a\r\n${`X-Large: ${'x'.repeat(64 * 1024)}\r\n`.repeat(17)}\r\n`;
    assert.match(
      await send(large),
      /^HTTP\/1\.1 431 Request Header Fields Too Large\r\n[\s\S]*\r\n\r\n431 Request/,
    );
    assert.match(
      await send('what is this\r\n\r\n'),
      /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*\r\n\r\n400 Bad Request$/,
    );
  });

  test('tells how requests were classified, also those it refuses', async () => {
    const schemas = await listener.ask('/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas/global-default');
    const answer = await listener.ask('/api/v1/nodes', { token: 'alice' });
    assert.equal(answer.code, 403);
    assert.equal(answer.headers['x-kubernetes-pf-flowschema-uid'], JSON.parse(schemas.body).metadata.uid);
    assert.equal(typeof answer.headers['x-kubernetes-pf-prioritylevel-uid'], 'string');
  });
});

describe('a request that takes too long', () => {
  let listener: TestListener;
  let store: StuckStore;
  let clock: VirtualClock;
  before(async () => {
    clock = windable();
    store = new StuckStore({ clock: systemClock });
    listener = await TestListener.start({ clock, store });
    store.stuck = true;
  });
  after(() => listener.close());

  /** Winds the clock as soon as the server waits for one thing more. */
  async function windWhenWaiting(ms: number, running: () => Promise<unknown>): Promise<unknown> {
    const answer = running();
    const inflight = /apiserver_current_inflight_requests\{request_kind="mutating"\} [1-9]/;
    while (!inflight.test((await listener.ask('/metrics')).body)) {
      // asked until the write is there
    }
    await clock.advance(ms);
    return answer;
  }

  test('is answered 504 after 34 seconds where it writes, sooner where its client says so', async () => {
    const slowWrite = 'requested timeout - context deadline exceeded';
    for (const [query, ms, told] of [
      ['', 34_000, slowWrite],
      ['?timeout=5s', 5_000, 'the allotted timeout'],
      ['?timeout=5m', 34_000, slowWrite],
    ] as const) {
      const answer = (await windWhenWaiting(ms, () =>
        listener.ask(`${configMaps}${query}`, { method: 'POST', body: configMap('stuck') }),
      )) as { code: number; body: string };
      assert.equal(answer.code, 504, query);
      const { message, reason } = JSON.parse(answer.body);
      assert.deepEqual([message, reason], [`Timeout: request did not complete within ${told}`, 'Timeout']);
    }
  });

  test('is answered 504 after a minute where its body does not come, and its connection ends', async () => {
    const said = await windWhenWaiting(60_000, () => {
      const socket = connectTls(
        { host: '127.0.0.1', port: listener.server.port, rejectUnauthorized: false },
        () =>
          socket.write(
            `POST ${configMaps} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer root\r\nContent-Length: 1000\r\n\r\n{`,
          ),
      );
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk));
      socket.on('error', () => {});
      return new Promise((resolve) => socket.on('close', () => resolve(text)));
    });
    assert.match(said as string, /^HTTP\/1\.1 504 Gateway Timeout/);
  });
});

describe('a client that does not read', () => {
  test('is cut off when the time of its request is over', async () => {
    const clock = windable();
    const listener = await TestListener.start({ clock });
    const body = configMap('wide', 'x'.repeat(900_000));
    await listener.ask(configMaps, { method: 'POST', body });
    for (const path of [`${configMaps}/wide`, configMaps]) {
      const stream = listener.session.request({ ':path': path, authorization: 'Bearer root' });
      const closed = new Promise<number | undefined>((resolve) => {
        stream.once('error', () => {});
        stream.once('close', () => resolve(stream.rstCode));
      });
      await new Promise((resolve) => stream.once('response', resolve));
      await clock.advance(60_000);
      assert.notEqual(await closed, 0, path);
    }
    assert.equal((await listener.ask('/version')).code, 200);
    await listener.close();
  });
});

describe('a watch', () => {
  test('lasts the least time and up to twice that where its client does not say', async () => {
    const clock = windable();
    const listener = await TestListener.start({
      clock,
      random: () => 0.5,
      serving: { minRequestTimeoutMs: 10_000, requestTimeoutMs: 1000 },
    });
    let ended = false;
    const stream = listener.session.request({
      ':path': '/api/v1/pods?watch=1',
      authorization: 'Bearer root',
    });
    const begun = new Promise((resolve) => stream.once('response', resolve));
    const over = new Promise<void>((resolve) =>
      stream.once('end', () => {
        ended = true;
        resolve();
      }),
    );
    stream.resume();
    await begun;
    await clock.advance(14_999);
    await listener.ask('/version');
    assert.equal(ended, false);
    await clock.advance(1);
    await over;
    await listener.close();
  });
});

describe('the limit of requests in flight', () => {
  test('has one wait and refuses those that wait too long, but not the exempt', async () => {
    const clock = windable();
    const store = new StuckStore({ clock: systemClock });
    const listener = await TestListener.start({
      clock,
      store,
      // a quarter of the time may be spent waiting, before seats are lent the first time; of 25 the level has two
      serving: { maxRequestsInflight: 13, maxMutatingRequestsInflight: 12, requestTimeoutMs: 20_000 },
      access: { authorizationModes: ['AlwaysAllow'] },
    });
    store.stuck = true;
    const write = (name: string): ReturnType<TestListener['ask']> =>
      listener.ask(configMaps, { method: 'POST', body: configMap(name), token: 'alice' });
    const running = [write('a'), write('b')];
    const third = write('c');
    const waiting = /apiserver_current_inqueue_requests\{request_kind="mutating"\} 1/;
    while (!waiting.test((await listener.ask('/metrics')).body)) {
      // asked until the third waits
    }
    const dump = await listener.ask('/debug/api_priority_and_fairness/dump_requests?includeRequestDetails=1');
    assert.match(dump.body, /^global-default, +global-default, .* alice, +create, /m);
    await clock.advance(5_000);
    const refused = await third;
    assert.equal(refused.code, 429);
    assert.equal(refused.body, 'Too many requests, please try again later.\n');
    assert.equal(refused.headers['retry-after'], '1');
    assert.equal(typeof refused.headers['x-kubernetes-pf-flowschema-uid'], 'string');
    await clock.advance(20_000);
    for (const answer of running) assert.equal((await answer).code, 504);
    await listener.close();
  });

  test('is plain without priority and fairness', async () => {
    const clock = windable();
    const store = new StuckStore({ clock: systemClock });
    const listener = await TestListener.start({
      clock,
      store,
      serving: { priorityAndFairness: false, maxRequestsInflight: 1, maxMutatingRequestsInflight: 1 },
      access: { authorizationModes: ['AlwaysAllow'] },
    });
    store.stuck = true;
    const write = (): ReturnType<TestListener['ask']> =>
      listener.ask(configMaps, { method: 'POST', body: configMap('a'), token: 'alice' });
    const first = write();
    const second = await write();
    assert.equal(second.code, 429);
    assert.equal(second.headers['x-kubernetes-pf-flowschema-uid'], undefined);
    assert.equal((await listener.ask('/version', { token: 'alice' })).code, 200, 'reads are counted apart');
    await clock.advance(34_000);
    assert.equal((await first).code, 504);
    await listener.close();
  });
});

describe('a shutdown', () => {
  test('fails readiness, serves on for a while, then tells requests to come again and ends watches', async () => {
    const clock = windable();
    const store = new StuckStore({ clock: systemClock });
    const listener = await TestListener.start({
      clock,
      store,
      serving: { shutdownDelayMs: 5000, shutdownSendRetryAfter: true },
    });
    const stream = listener.session.request({
      ':path': '/api/v1/pods?watch=1',
      authorization: 'Bearer root',
    });
    stream.resume();
    const ended = new Promise<void>((resolve) => stream.once('end', () => resolve()));
    assert.equal((await listener.ask('/readyz')).code, 200);
    store.stuck = true;
    const stuck = listener.ask(configMaps, { method: 'POST', body: configMap('a') });
    const closing = listener.server.close();
    const ready = await listener.ask('/readyz?verbose');
    assert.equal(ready.code, 500);
    assert.match(ready.body, /^\[-\]shutdown failed: reason withheld$/m);
    assert.equal((await listener.ask('/livez')).code, 200);
    assert.equal((await listener.ask(configMaps)).code, 200);
    await clock.advance(5000);
    await ended;
    const refused = await listener.ask(configMaps);
    assert.equal(refused.code, 429);
    assert.equal(refused.headers['retry-after'], '5');
    assert.equal(refused.body, 'The apiserver is shutting down, please try again later.\n');
    const refusedToo = await listener.askHttp1(configMaps);
    assert.deepEqual([refusedToo.code, refusedToo.headers['connection']], [429, 'close']);
    assert.equal((await listener.askHttp1('/livez')).code, 200);
    await clock.advance(10_000);
    await closing;
    const code = await stuck.then(
      (answer) => answer.code,
      () => 0,
    );
    assert.ok(!(code >= 200 && code < 300), `${code}`);
    await listener.close();
  });
});

describe('goaway', () => {
  test('has a client of HTTP/2 connect anew now and then, after its answer', async () => {
    let chance = 1;
    const listener = await TestListener.start({ random: () => chance, serving: { goawayChance: 0.02 } });
    assert.equal((await listener.ask('/version')).code, 200);
    const told = new Promise((resolve) => listener.session.once('goaway', resolve));
    chance = 0.01;
    assert.equal((await listener.ask('/version')).code, 200);
    assert.equal(await told, 0);
    await listener.close();
  });
});
