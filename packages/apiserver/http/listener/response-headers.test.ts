import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestListener } from '../testing-listener.ts';

describe('withCors() and withStrictTransport()', () => {
  let listener: TestListener;
  before(async () => {
    listener = await TestListener.start({
      serving: {
        corsAllowedOrigins: [/^https:\/\/.*\.example\.com$/],
        strictTransport: ['max-age=60', 'preload'],
      },
    });
  });
  after(() => listener.close());

  const ask = (origin: string, method = 'GET') => listener.ask('/version', { method, headers: { origin } });

  test('let pages of the origins ask, and tell so before', async () => {
    const { code, headers } = await ask('https://a.example.com');
    assert.equal(code, 200);
    assert.equal(headers['access-control-allow-origin'], 'https://a.example.com');
    assert.equal(headers['access-control-allow-credentials'], 'true');
    assert.equal(headers['strict-transport-security'], 'max-age=60; preload');
    const preflight = await ask('https://a.example.com', 'OPTIONS');
    assert.equal(preflight.code, 204);
    assert.equal(preflight.headers['access-control-allow-methods'], 'POST, GET, OPTIONS, PUT, DELETE, PATCH');
  });

  test('over HTTP/1.1, only a connection that ends is spoken of', async () => {
    const kept = await listener.askHttp1('/version', { headers: { connection: 'keep-alive' } });
    assert.equal(kept.headers['connection'], undefined);
    assert.equal(kept.headers['keep-alive'], undefined);
    const ended = await listener.askHttp1('/version', { headers: { connection: 'close' } });
    assert.equal(ended.headers['connection'], 'close');
  });

  test('tell other pages nothing', async () => {
    const { code, headers } = await ask('https://a.example.org');
    assert.equal(code, 200);
    assert.equal(headers['access-control-allow-origin'], undefined);
  });
});
