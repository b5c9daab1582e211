import assert from 'node:assert/strict';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { until } from '@coxswain/machinery/testing';
import { FrameWriter } from './frame-writer.ts';

test('FrameWriter sends every frame in order, those of one batch as one chunk', async () => {
  const { promise: overflow, resolve: onOverflow } = Promise.withResolvers<void>();
  const server = createServer((_request, response) => {
    const writer = new FrameWriter(response, true, onOverflow);
    writer.send(Buffer.from('early\n'));
    response.writeHead(200, { 'transfer-encoding': 'chunked' });
    response.flushHeaders();
    writer.open();
    writer.send(Buffer.from('a\n'));
    writer.send(Buffer.from('b\n'));
    setImmediate(() => {
      writer.send(Buffer.from(`${'x'.repeat(900_000)}\n`));
      writer.send(Buffer.from(`${'y'.repeat(900_000)}\n`));
      writer.flush();
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const answer = await new Promise<IncomingMessage>((resolve) =>
    get({ host: '127.0.0.1', port, agent: false }, resolve),
  );
  let text = '';
  for await (const chunk of answer) text += chunk;
  assert.equal(text, `early\na\nb\n${'x'.repeat(900_000)}\n${'y'.repeat(900_000)}\n`);
  await new Promise((resolve) => server.close(resolve));
  assert.equal(await Promise.race([overflow.then(() => true), Promise.resolve(false)]), false);
});

test('FrameWriter.begin() sends its slices before the frames of the meantime', async () => {
  const slices = ['a', 'b', 'c'].map((letter) => Buffer.from(`${letter.repeat(600_000)}\n`));
  const server = createServer((_request, response) => {
    const writer = new FrameWriter(response, true, () => response.destroy());
    response.writeHead(200, { 'transfer-encoding': 'chunked' });
    const beginning = writer.begin(slices);
    writer.send(Buffer.from('late\n'));
    void beginning.then(() => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const answer = await new Promise<IncomingMessage>((resolve) =>
    get({ host: '127.0.0.1', port, agent: false }, resolve),
  );
  let text = '';
  for await (const chunk of answer) text += chunk;
  assert.equal(text, `${slices.join('')}late\n`);
  await new Promise((resolve) => server.close(resolve));
});

test('FrameWriter writes no more than a client takes, and the rest when it does', async () => {
  const frames = Array.from({ length: 400 }, (_, i) => Buffer.from(`${String(i).padStart(50_000, '.')}\n`));
  const { promise: sent, resolve: onSent } = Promise.withResolvers<number>();
  const server = createServer((_request, response) => {
    const writer = new FrameWriter(response, true, () => response.destroy());
    response.writeHead(200, { 'transfer-encoding': 'chunked' });
    response.flushHeaders();
    writer.open();
    for (const frame of frames) writer.send(frame);
    setImmediate(() => onSent(response.socket?.writableLength ?? 0));
    void until(() => (response.socket?.bytesWritten ?? 0) >= 400 * 50_001).then(() => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const answer = await new Promise<IncomingMessage>((resolve) =>
    get({ host: '127.0.0.1', port, agent: false }, resolve),
  );
  // Of 20 MB, before the client reads.
  const onItsWay = await sent;
  assert.ok(onItsWay < 1_000_000, `${onItsWay} bytes are on their way`);
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  assert.ok(Buffer.concat(chunks).equals(Buffer.concat(frames)));
  await new Promise((resolve) => server.close(resolve));
});

test('FrameWriter.flush() sends what a client has not made room for, in order', async () => {
  const frames = Array.from({ length: 100 }, (_, i) => Buffer.from(`${String(i).padStart(50_000, '.')}\n`));
  const server = createServer((_request, response) => {
    const writer = new FrameWriter(response, true, () => response.destroy());
    response.writeHead(200, { 'transfer-encoding': 'chunked' });
    response.flushHeaders();
    writer.open();
    for (const frame of frames) writer.send(frame);
    setImmediate(() => {
      writer.flush();
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const answer = await new Promise<IncomingMessage>((resolve) =>
    get({ host: '127.0.0.1', port, agent: false }, resolve),
  );
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  assert.ok(Buffer.concat(chunks).equals(Buffer.concat(frames)));
  await new Promise((resolve) => server.close(resolve));
});
