/** What waits for its turn goes on for so long in one turn of the event loop. */
const turnMs = 4;
/** So many go on in one turn at most. */
const perTurn = 16;

const waiting: (() => void)[] = [];
/** Of those that wait, how many the next turn looks at. */
let called = 0;
/** When the first that waited went on in this turn; undefined: none did. */
let began: number | undefined;

/**
 * Resolves at the next turn of the event loop at the earliest, so that others go on in between. All who wait share some
 * 4 ms of each turn, in the order in which they came, however many they are.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (called === perTurn) return;
    called++;
    setImmediate(goOn);
  });
}

/** What the one before led to is done when this is called. */
function goOn(): void {
  if (began === undefined) {
    began = performance.now();
    setImmediate(endTurn);
  } else if (performance.now() - began >= turnMs) {
    setImmediate(goOn);
    return;
  }
  waiting.shift()?.();
  if (waiting.length >= called) setImmediate(goOn);
  else called--;
}

function endTurn(): void {
  began = undefined;
}
