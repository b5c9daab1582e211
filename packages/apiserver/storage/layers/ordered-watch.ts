import type { Store, StoreEvent, StoreWatch, WatchRequest } from '@coxswain/store';

/**
 * Watches a store and tells of what becomes of its events, in their order, though some wait for it: whatever comes after
 * those waits for them too. While none does, each is told of at once. A handler that throws ends its watch, as in any
 * store.
 */
export function watchInOrder(
  store: Store,
  request: WatchRequest,
  become: (events: readonly StoreEvent[]) => readonly StoreEvent[] | Promise<readonly StoreEvent[]>,
): StoreWatch {
  const { onEvents, onProgress, onEnd } = request;
  /** Undefined while nothing waits. */
  let before: Promise<void> | undefined;
  let closed = false;
  const close = (): void => {
    closed = true;
    watch.close();
  };
  const next = (act: () => void | Promise<void>): void => {
    const acting = before === undefined ? act() : before.then(() => (closed ? undefined : act()));
    if (!(acting instanceof Promise)) return;
    const ended = (error: unknown): void => {
      close();
      onEnd(error as Error);
    };
    const done: Promise<void> = acting.catch(ended).then(() => {
      if (before === done) before = undefined;
    });
    before = done;
  };
  const tell = (events: readonly StoreEvent[]): void => {
    if (!closed) onEvents(events);
  };
  const watch = store.watch({
    ...request,
    onEvents: (events) =>
      next(() => {
        const told = become(events);
        return told instanceof Promise ? told.then(tell) : tell(told);
      }),
    ...(onProgress === undefined
      ? {}
      : { onProgress: (revision: number) => next(() => onProgress(revision)) }),
    onEnd: (error) => next(() => onEnd(error)),
  });
  return { close };
}
