import type { Socket } from 'node:net';
import { nodeHttp } from '@coxswain/machinery';
import { ServerError } from '../server-error.ts';

export interface Upgraded {
  readonly socket: Socket;
  /** Bytes that came with the answer. */
  readonly head: Buffer;
  /** The stream protocol that the server chose; '' when it did not say. */
  readonly protocol: string;
}

/** Asks a streaming server of the runtime to speak SPDY/3.1 with one of the protocols. */
export function upgradeToSpdy(target: URL, protocols: readonly string[]): Promise<Upgraded> {
  return new Promise((resolve, reject) => {
    const outgoing = nodeHttp.request(target, {
      method: 'POST',
      headers: {
        connection: 'Upgrade',
        upgrade: 'SPDY/3.1',
        'x-stream-protocol-version': [...protocols],
        'content-length': '0',
      },
      agent: false,
    });
    outgoing.once('upgrade', (response, socket, head) => {
      socket.setNoDelay(true);
      const chosen = response.headers['x-stream-protocol-version'];
      resolve({ socket, head, protocol: Array.isArray(chosen) ? (chosen[0] ?? '') : (chosen ?? '') });
    });
    outgoing.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('end', () => {
        reject(new ServerError(response.statusCode ?? 502, Buffer.concat(chunks).toString('utf8')));
      });
    });
    outgoing.once('error', (error) => {
      reject(new ServerError(502, `cannot reach the runtime's streaming server: ${error.message}`));
    });
    outgoing.end();
  });
}
