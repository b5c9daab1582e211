import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connect } from 'node:tls';
import { TestListener } from '../testing-listener.ts';

const headersFrame = 1;
const settingsFrame = 4;
const goAwayFrame = 7;
const ack = 0x1;
/** END_STREAM and END_HEADERS. */
const wholeRequest = 0x5;

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A string of HPACK that is not compressed (RFC 7541, 5.2). */
function hpackString(text: string): Buffer {
  const length: number[] = [];
  if (text.length < 127) length.push(text.length);
  else {
    let rest = text.length - 127;
    for (length.push(127); rest >= 128; rest >>= 7) length.push((rest & 127) | 128);
    length.push(rest);
  }
  return Buffer.concat([Buffer.from(length), Buffer.from(text)]);
}

/** The head of `GET /version` with so many headers of 10,000 bytes. */
function longHead(headers: number): Buffer {
  const getOverHttps = Buffer.from([0x82, 0x87]);
  const path = Buffer.concat([Buffer.from([0x04]), hpackString('/version')]);
  const authority = Buffer.concat([Buffer.from([0x01]), hpackString('localhost')]);
  const long = Array.from({ length: headers }, (_, i) =>
    Buffer.concat([Buffer.from([0x00]), hpackString(`x-${i}`), hpackString('a'.repeat(10_000))]),
  );
  return Buffer.concat([getOverHttps, path, authority, ...long]);
}

describe('a listener over HTTP/2', () => {
  let listener: TestListener;
  before(async () => {
    listener = await TestListener.start();
  });
  after(() => listener.close());

  /** Whether headers or the end of the connection answer a head that comes in one frame, once settings are agreed on. */
  const answerTo = (head: Buffer): Promise<number> =>
    new Promise((resolve, reject) => {
      const { port } = listener.server;
      const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
      socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
      socket.write(frame(settingsFrame, 0, 0, Buffer.alloc(0)));
      let said = Buffer.alloc(0);
      socket.on('error', reject);
      socket.on('data', (chunk) => {
        said = Buffer.concat([said, chunk]);
        while (said.length >= 9) {
          const type = said.readUInt8(3);
          if (type === headersFrame || type === goAwayFrame) {
            socket.destroy();
            resolve(type);
            return;
          }
          if (type === settingsFrame && said.readUInt8(4) !== ack) {
            socket.write(frame(settingsFrame, ack, 0, Buffer.alloc(0)));
            socket.write(frame(headersFrame, wholeRequest, 1, head));
          }
          said = said.subarray(9 + said.readUIntBE(0, 3));
        }
      });
    });

  test('takes a head of half a megabyte in one frame, as Go clients send it', async () => {
    assert.equal(await answerTo(longHead(50)), headersFrame);
  });

  test('ends connections whose frames are longer than it said', async () => {
    assert.equal(await answerTo(longHead(110)), goAwayFrame);
  });
});
