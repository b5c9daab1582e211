import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { TestListener } from '../testing-listener.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';

describe('a watch over a WebSocket', () => {
  let listener: TestListener;
  before(async () => {
    listener = await TestListener.start();
    await listener.ask(configMaps, { method: 'POST', body: '{"metadata":{"name":"c"}}' });
  });
  after(() => listener.close());

  const open = (query: string, headers: Record<string, string> = {}, protocols: string[] = []): WebSocket =>
    new WebSocket(
      `${listener.server.url.replace('https', 'wss')}${configMaps}?watch=true&${query}`,
      protocols,
      {
        headers: { authorization: 'Bearer root', ...headers },
        rejectUnauthorized: false,
      },
    );
  const refusal = (client: WebSocket): Promise<number> =>
    new Promise((resolve, reject) => {
      client.on('error', reject);
      client.on('unexpected-response', (_, answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
    });

  test('tells each event in a message of text', async () => {
    const client = open('fieldSelector=metadata.name%3Dc', {}, ['any.example.com']);
    const events: string[] = [];
    await new Promise<void>((resolve, reject) => {
      client.on('error', reject);
      client.on('message', (data: Buffer, isBinary) => {
        const { type, object } = JSON.parse(data.toString('utf8'));
        events.push(`${type} ${object.metadata.name} ${isBinary}`);
        if (events.length === 1) void listener.ask(`${configMaps}/c`, { method: 'DELETE' });
        else resolve();
      });
    });
    client.terminate();
    assert.deepEqual(events, ['ADDED c false', 'DELETED c false']);
    assert.equal(client.protocol, 'any.example.com');
  });

  test('tells each event in a message of bytes to who takes protobuf', async () => {
    await listener.ask(configMaps, { method: 'POST', body: '{"metadata":{"name":"d"}}' });
    const client = open('fieldSelector=metadata.name%3Dd', { accept: 'application/vnd.kubernetes.protobuf' });
    const message = await new Promise<{ data: Buffer; isBinary: boolean }>((resolve, reject) => {
      client.on('error', reject);
      client.on('message', (data: Buffer, isBinary) => resolve({ data, isBinary }));
    });
    client.terminate();
    assert.ok(message.isBinary);
    // Field 1 of the event, with its type.
    assert.equal(message.data.subarray(0, 7).toString('latin1'), '\n\u0005ADDED');
  });

  test('ends when its time is over', async () => {
    const client = open('timeoutSeconds=1&resourceVersion=0');
    const code = await new Promise((resolve) => client.on('close', resolve));
    assert.equal(code, 1000);
  });

  test('is refused as one over HTTP', async () => {
    assert.equal(await refusal(open('limit=x')), 400);
    assert.equal(await refusal(open('', { authorization: 'Bearer alice' })), 403);
    assert.equal(await refusal(open('', { accept: 'application/yaml' })), 406);
  });
});
