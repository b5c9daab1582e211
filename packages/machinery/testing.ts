import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const pollMs = 5;

/**
 * Resolves when a condition holds; the test's own limit ends it otherwise. For what tells nobody that it has changed:
 * files, other processes, the kernel. Keeps the process alive meanwhile.
 */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(pollMs);
}

/** A port of loopback that was free a moment ago, for programs that cannot be told to take a free one. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
