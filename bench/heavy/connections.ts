import { connect } from 'node:tls';
import type { HeldLoop } from '../support/held-loop.ts';
import { openAll } from '../support/measure.ts';
import { configMap, mapsPath } from '../support/objects.ts';

const connections = 1_000;

/** Many connections at once, many requests at once, and clients that read slowly. */
export async function connectionsAtOnce(loop: HeldLoop): Promise<void> {
  for (const round of ['', ', again']) {
    await loop.held(`${connections} handshakes at once${round}`, async () => {
      for (const client of await openAll(loop.server.target(), connections)) client.close();
    });
  }
  const clients = await openAll(loop.server.target(), connections);
  await loop.held(`${connections} gets at once`, () =>
    Promise.all(clients.map((client) => client.request('GET', '/api/v1/namespaces/default'))),
  );
  await loop.held(`${connections} creations at once`, () =>
    Promise.all(clients.map((client, i) => client.request('POST', mapsPath, configMap(`m-${i}`)))),
  );
  await loop.held(`${connections} lists of ${connections} at once`, () =>
    Promise.all(clients.map((client) => client.request('GET', mapsPath))),
  );
  const wide = (name: string): string =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data: { large: 'x'.repeat(500_000) },
    });
  await loop.held('50 creations of 500 KB at once', () =>
    Promise.all(clients.slice(0, 50).map((client, i) => client.request('POST', mapsPath, wide(`l-${i}`)))),
  );
  await loop.held('a list of 25 MB for one who does not read', () => unread(loop));
  await loop.held('100 lists of 25 MB at once', () =>
    Promise.all(clients.slice(0, 100).map((client) => client.request('GET', mapsPath))),
  );
  for (let i = 0; i < 50; i++) await loop.send('DELETE', `${mapsPath}/l-${i}`);
  await loop.held(`${connections} watches at once, each with ${connections} objects`, async () => {
    await Promise.all(
      clients.map(
        (client) => new Promise<void>((resolve) => client.stream(`${mapsPath}?watch=true`, () => resolve())),
      ),
    );
  });
  await loop.held(`${connections} connections that go at once`, async () => {
    for (const client of clients) client.close();
    await loop.send('GET', '/api/v1/namespaces/default');
    await loop.send('GET', '/api/v1/namespaces/default');
  });
}

/** Asks for a list and goes without reading it; another request tells that the server has gone on. */
async function unread(loop: HeldLoop): Promise<void> {
  const { host, port, ca, cert, key } = loop.server.target();
  const socket = connect({ host, port, ca, cert, key, ALPNProtocols: ['http/1.1'], servername: '' });
  await new Promise<void>((resolve) => socket.once('secureConnect', resolve));
  socket.pause();
  socket.write(`GET ${mapsPath} HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`);
  for (let i = 0; i < 200; i++) await loop.send('GET', '/api/v1/namespaces/default');
  socket.destroy();
}
