import { MessageChannel } from 'node:worker_threads';

/**
 * Keeps the process running while something is waited for: timers of the clock alone do not, by design.
 *
 * @returns what lets it end again
 */
export function keepAlive(): Disposable {
  const { port1 } = new MessageChannel();
  port1.ref();
  return { [Symbol.dispose]: () => port1.close() };
}
