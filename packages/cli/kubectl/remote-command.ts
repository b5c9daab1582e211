import type { Status } from '@coxswain/machinery';
import { newStatusError } from '@coxswain/machinery';
import { ExitWith, Failure } from './error-text.ts';
import type { Session } from './session.ts';
import { openWebSocket } from './web-socket.ts';

/** What of the streams of a command is wanted. */
export interface RemoteStreams {
  readonly stdin: boolean;
  readonly tty: boolean;
}

const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const;
/** Version 5: the rest of the message is the channel that nothing more comes on. */
const closeChannel = 255;

/**
 * Connects the session's streams with a process in a container until it ends.
 * @param path of the `exec` or `attach` subresource with its query
 * @throws ExitWith the process's exit code when it is not 0
 */
export async function remoteCommand(session: Session, path: string, wanted: RemoteStreams): Promise<void> {
  const { socket, protocol } = await openWebSocket(session, path, ['v5.channel.k8s.io', 'v4.channel.k8s.io']);
  const { out, err } = session.streams;
  const input = session.streams.in as NodeJS.ReadStream;
  const terminal = wanted.tty
    ? terminalOf(session, (size) => send(channels.resize, Buffer.from(size)))
    : undefined;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let status: Status | undefined;

  const send = (channel: number, data: Buffer): void => {
    if (socket.readyState === socket.OPEN) socket.send(Buffer.concat([Buffer.from([channel]), data]));
  };
  const onInput = (chunk: Buffer): void => {
    send(channels.stdin, chunk);
    // What the far side has not taken yet is not to fill memory here.
    if (socket.bufferedAmount > 1 << 20) {
      input.pause();
      const wait = (): void => void (socket.bufferedAmount > 1 << 18 ? setImmediate(wait) : input.resume());
      wait();
    }
  };
  const onInputEnd = (): void => {
    if (protocol.startsWith('v5')) send(closeChannel, Buffer.from([channels.stdin]));
  };
  socket.on('message', (message: Buffer) => {
    const data = message.subarray(1);
    switch (message[0]) {
      case channels.stdout:
        if (!out.write(data)) {
          socket.pause();
          out.once('drain', () => socket.resume());
        }
        return;
      case channels.stderr:
        err.write(data);
        return;
      case channels.error:
        if (data.length > 0) status = JSON.parse(data.toString('utf8')) as Status;
        return;
      default:
        return;
    }
  });
  socket.once('close', () => resolve());
  socket.on('error', reject);
  const onAbort = (): void => socket.terminate();
  session.signal.addEventListener('abort', onAbort, { once: true });
  if (wanted.stdin) {
    terminal?.raw();
    input.on('data', onInput);
    input.once('end', onInputEnd);
  }
  terminal?.size();
  socket.resume();
  try {
    await promise;
  } finally {
    session.signal.removeEventListener('abort', onAbort);
    terminal?.restore();
    if (wanted.stdin) {
      input.off('data', onInput);
      input.off('end', onInputEnd);
      input.pause();
      input.unref?.();
    }
  }
  if (session.signal.aborted) throw session.signal.reason;
  judge(status);
}

function judge(status: Status | undefined): void {
  if (status === undefined) throw new Failure('error reading from error stream: unexpected EOF');
  if (status.status === 'Success') return;
  if (status.reason === 'NonZeroExitCode') {
    const cause = status.details?.causes?.find(({ reason }) => reason === 'ExitCode');
    const code = Number(cause?.message ?? 1);
    throw new ExitWith(code, `command terminated with exit code ${code}`);
  }
  const { message = '', reason = '', code = 500 } = status;
  if (reason === '' || reason === 'InternalError') throw new Failure(message);
  throw newStatusError({ code, reason, message });
}

interface Terminal {
  raw(): void;
  size(): void;
  restore(): void;
}

/** The person's terminal: keys go over as they are, and its size goes with it. */
function terminalOf(session: Session, resize: (json: string) => void): Terminal {
  const input = session.streams.in as NodeJS.ReadStream;
  const output = session.streams.out as NodeJS.WriteStream;
  const size = (): void => {
    const { columns, rows } = output;
    if (columns && rows) resize(JSON.stringify({ Width: columns, Height: rows }));
  };
  const raw = input.isTTY === true && typeof input.setRawMode === 'function';
  output.on('resize', size);
  return {
    raw: () => void (raw && input.setRawMode(true)),
    size,
    restore: () => {
      output.off('resize', size);
      if (raw) input.setRawMode(false);
    },
  };
}
