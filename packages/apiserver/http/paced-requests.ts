/** Requests that begin in one turn of the event loop, some 0.1 ms each. */
const perTurn = 64;

/**
 * Lets requests that come at once begin a few in each turn of the event loop, in their order, so that what is under
 * way goes on in between.
 */
export function paceRequests<T extends readonly unknown[]>(
  begin: (...request: T) => void,
): (...request: T) => void {
  let waiting: T[] = [];
  let begun = 0;
  const nextTurn = (): void => {
    begun = 0;
    if (waiting.length === 0) return;
    const now = waiting.slice(0, perTurn);
    waiting = waiting.slice(perTurn);
    for (const request of now) start(request);
  };
  const start = (request: T): void => {
    if (begun++ === 0) setImmediate(nextTurn);
    begin(...request);
  };
  return (...request) => {
    if (begun < perTurn && waiting.length === 0) start(request);
    else waiting.push(request);
  };
}
