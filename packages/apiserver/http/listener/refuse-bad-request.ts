import type { Socket } from 'node:net';

/** What HTTP/1.1 cannot make sense of is answered as Go's server does. */
export function refuseBadRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  const text =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code?.startsWith('HPE_') === true
        ? '400 Bad Request'
        : undefined;
  if (text === undefined || !socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(
    `HTTP/1.1 ${text}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${text}`,
    () => socket.destroy(),
  );
}
