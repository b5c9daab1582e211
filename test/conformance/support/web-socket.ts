import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:https';
import { join } from 'node:path';
import { loadKubeconfig } from '@coxswain/client';

/** Everything a server says over a WebSocket (RFC 6455) until it closes, a message each; and the protocol it chose. */
export function readWebSocket(
  clusterDir: string,
  path: string,
  protocol: string,
): Promise<{ protocol: string; messages: Buffer[] }> {
  const { server, ca, cert, key } = loadKubeconfig(join(clusterDir, 'server', 'admin.kubeconfig'));
  const nonce = randomBytes(16).toString('base64');
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, server), {
      ca: ca as Buffer,
      cert: cert as Buffer,
      key: key as Buffer,
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': nonce,
        'sec-websocket-protocol': protocol,
      },
    });
    sent.on('error', reject);
    sent.on('response', (response) => reject(new Error(`not upgraded: ${response.statusCode}`)));
    sent.on('upgrade', (response, socket, head) => {
      const accept = createHash('sha1')
        .update(`${nonce}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest('base64');
      if (response.headers['sec-websocket-accept'] !== accept) reject(new Error('wrong accept key'));
      let bytes = head;
      const messages: Buffer[] = [];
      const end = (): void => {
        socket.destroy();
        resolve({ protocol: String(response.headers['sec-websocket-protocol']), messages });
      };
      const read = (): void => {
        for (let frame = takeFrame(bytes); frame !== undefined; frame = takeFrame(bytes)) {
          bytes = bytes.subarray(frame.length);
          if (frame.opcode === 8) end();
          else if (frame.opcode <= 2) messages.push(frame.payload);
        }
      };
      socket.on('data', (data) => {
        bytes = Buffer.concat([bytes, data]);
        read();
      });
      socket.on('end', end);
      socket.on('error', reject);
      read();
    });
    sent.end();
  });
}

/** The first whole frame; a server's frames bear no mask. */
function takeFrame(bytes: Buffer): { opcode: number; payload: Buffer; length: number } | undefined {
  if (bytes.length < 2) return undefined;
  const opcode = bytes.readUInt8(0) & 0x0f;
  const short = bytes.readUInt8(1) & 0x7f;
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < start) return undefined;
  const size =
    short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  if (bytes.length < start + size) return undefined;
  return { opcode, payload: bytes.subarray(start, start + size), length: start + size };
}
