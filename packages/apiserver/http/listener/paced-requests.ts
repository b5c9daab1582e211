/** Requests begin for so long in one turn of the event loop: twenty writes, or two hundred reads. */
const budgetMs = 8;
/** So many of those that wait begin in a turn: what they lead to at once is not known before they have begun. */
const perTurn = 16;

/**
 * Lets requests that come at once begin over several turns of the event loop, in their order, so that what is under
 * way goes on in between.
 * @param now milliseconds
 */
export function paceRequests<T extends readonly unknown[]>(
  begin: (...request: T) => void,
  now: () => number = () => performance.now(),
): (...request: T) => void {
  let waiting: T[] = [];
  /** When the first request of this turn began; undefined: none did. */
  let began: number | undefined;

  const start = (request: T): void => {
    if (began === undefined) {
      began = now();
      setImmediate(nextTurn);
    }
    begin(...request);
  };
  const nextTurn = (): void => {
    began = undefined;
    if (waiting.length === 0) return;
    const some = waiting.slice(0, perTurn);
    waiting = waiting.slice(perTurn);
    for (const request of some) start(request);
  };
  return (...request) => {
    if (waiting.length === 0 && (began === undefined || now() - began < budgetMs)) start(request);
    else waiting.push(request);
  };
}
