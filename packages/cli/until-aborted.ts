/** Resolves when the signal aborts; keeps the process alive until then. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    // A channel that nobody writes to holds the event loop, which timers of the clock do not.
    const hold = new MessageChannel();
    hold.port1.ref();
    hold.port1.on('message', () => undefined);
    signal.addEventListener(
      'abort',
      () => {
        hold.port1.close();
        resolve();
      },
      { once: true },
    );
  });
}

/** Gives what the promise gives; keeps the process alive until it is settled. */
export async function keepAlive<T>(work: Promise<T>): Promise<T> {
  const done = new AbortController();
  const held = untilAborted(done.signal);
  try {
    return await work;
  } finally {
    done.abort();
    await held;
  }
}
