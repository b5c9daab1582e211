import type { Socket } from 'node:net';
import type { Clock } from '@coxswain/machinery';

/** So long a refused client may go on sending: closed at once, it might never read why (Go's rstAvoidanceDelay). */
const lingerMs = 500;

/** Answers what HTTP/1.1 cannot make sense of as Go's server does. */
export function refuseBadRequest(clock: Clock): (error: NodeJS.ErrnoException, socket: Socket) => void {
  return (error, socket) => {
    const text = refusalOf(error);
    if (text === undefined || !socket.writable) {
      socket.destroy();
      return;
    }
    // What still comes is thrown away: the parser would stumble over it again.
    socket.removeAllListeners('data');
    socket.resume();
    const linger = clock.after(lingerMs, () => socket.destroy());
    socket.on('close', () => linger.cancel());
    socket.end(
      `HTTP/1.1 ${text}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${text}`,
    );
  };
}

function refusalOf({ code = '' }: NodeJS.ErrnoException): string | undefined {
  if (code === 'HPE_HEADER_OVERFLOW') return '431 Request Header Fields Too Large';
  return code.startsWith('HPE_') ? '400 Bad Request' : undefined;
}
