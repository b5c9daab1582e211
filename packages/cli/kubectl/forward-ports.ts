import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { SpdyClient } from '@coxswain/client';
import type { KubeObject } from '@coxswain/machinery';
import { createWebSocketStream } from 'ws';
import { Failure } from './error-text.ts';
import type { ForwardedPort } from './port-forward.ts';
import { pathOf } from './rest.ts';
import type { Session } from './session.ts';
import { openWebSocket } from './web-socket.ts';

/** SPDY frames through a WebSocket, as kubectl forwards ports. */
const tunnelProtocol = 'SPDY/3.1+portforward.k8s.io';

/** Listens and carries connections to the pod until the signal aborts or the pod goes. */
export async function forwardPorts(
  session: Session,
  pod: KubeObject,
  ports: readonly ForwardedPort[],
  addresses: readonly string[],
): Promise<void> {
  const { name = '', namespace } = pod.metadata;
  const mapping = { group: '', version: 'v1', resource: 'pods' };
  const path = pathOf({ mapping, namespace, name, subresource: 'portforward' });
  const { socket } = await openWebSocket(session, path, [tunnelProtocol]);
  socket.resume();
  const tunnel = createWebSocketStream(socket);
  const lost = new Promise<void>((resolve) => {
    tunnel.once('close', resolve);
    tunnel.on('error', () => resolve());
  });
  const spdy = new SpdyClient(tunnel, Buffer.alloc(0));
  const servers: Server[] = [];
  let requestId = 0;
  try {
    for (const port of ports) {
      for (const server of await listen(session, addresses, port, (connection, local) => {
        session.out(`Handling connection for ${local}\n`);
        void carry(session, spdy, connection, port.remote, requestId++, local);
      })) {
        servers.push(server);
      }
    }
    const stopped = new Promise<void>((resolve) => {
      if (session.signal.aborted) resolve();
      session.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([lost, stopped]);
    if (!session.signal.aborted) throw new Failure('lost connection to pod');
  } finally {
    for (const server of servers) server.close();
    socket.terminate();
  }
}

/** Opens the port on every address; `localhost` is both of its addresses, of which one may be missing. */
async function listen(
  session: Session,
  addresses: readonly string[],
  port: ForwardedPort,
  onConnection: (connection: Socket, local: number) => void,
): Promise<Server[]> {
  const servers: Server[] = [];
  let { local } = port;
  const failures: string[] = [];
  const hosts = addresses.flatMap((address) => (address === 'localhost' ? ['127.0.0.1', '::1'] : [address]));
  for (const host of hosts) {
    const server = createServer({ allowHalfOpen: true }, (connection) => onConnection(connection, local));
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(local, host, resolve);
      });
    } catch (error) {
      failures.push((error as Error).message);
      continue;
    }
    local = (server.address() as AddressInfo).port;
    servers.push(server);
    const shown = host.includes(':') ? `[${host}]` : host;
    session.out(`Forwarding from ${shown}:${local} -> ${port.remote}\n`);
  }
  if (servers.length === 0) {
    session.err(
      `Unable to listen on port ${port.local}: Listeners failed to create with the following errors: [${failures.join(' ')}]\n`,
    );
    throw new Failure(`unable to listen on any of the requested ports: [{${port.local} ${port.remote}}]`);
  }
  return servers;
}

/** One connection: a stream for its bytes, and one on which the far side says what went wrong. */
async function carry(
  session: Session,
  spdy: SpdyClient,
  connection: Socket,
  remote: number,
  requestId: number,
  local: number,
): Promise<void> {
  connection.pause();
  connection.on('error', () => connection.destroy());
  const headers = { port: String(remote), requestid: String(requestId) };
  let message = '';
  try {
    const errors = await spdy.open(
      { ...headers, streamtype: 'error' },
      {
        onData: (data) => {
          message += data.toString('utf8');
        },
        onEnd: () => {
          if (message === '') return;
          session.err(`E an error occurred forwarding ${local} -> ${remote}: ${message}\n`);
          connection.destroy();
        },
      },
    );
    spdy.finish(errors);
    const data = await spdy.open(
      { ...headers, streamtype: 'data' },
      {
        onData: (chunk) => void connection.write(chunk),
        onEnd: () => void connection.end(),
      },
    );
    connection.on('data', (chunk: Buffer) => void spdy.write(data, chunk));
    connection.once('end', () => spdy.finish(data));
    connection.once('close', (broken) => void (broken && spdy.finish(data)));
    connection.resume();
  } catch (error) {
    session.err(`error creating stream for port ${local} -> ${remote}: ${(error as Error).message}\n`);
    connection.destroy();
  }
}
