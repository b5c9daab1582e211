import type { ServerHttp2Session } from 'node:http2';

/** So long may nothing come or go before a client is asked whether it is there. */
const silenceMs = 30_000;

/**
 * Ends HTTP/2 connections whose client is gone. One that leaves while much is on its way to it may never be told
 * of by the system: nothing is read while a write is stuck, and the watches on it would stay for ever.
 */
export function watchSession(session: ServerHttp2Session): void {
  let asked = false;
  session.setTimeout(silenceMs);
  session.on('timeout', () => {
    if (asked) {
      session.destroy();
      return;
    }
    asked = true;
    session.ping(() => {
      asked = false;
    });
    session.setTimeout(silenceMs);
  });
}
