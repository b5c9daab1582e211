/** What one key holds, by the text of its last write; undefined: nothing. Each write has a text of its own. */
export type Held = string | undefined;

/** An operation on one key, and what it was told. */
export type Operation =
  | { readonly type: 'get'; readonly found: Held }
  /** `ok`: done; otherwise it was refused. Absent: nobody knows. */
  | { readonly type: 'create'; readonly text: string; readonly ok?: boolean }
  | { readonly type: 'update'; readonly expected: string; readonly text: string; readonly ok?: boolean }
  | { readonly type: 'delete'; readonly expected: string; readonly ok?: boolean };

/** An operation and when it was under way. */
export interface Call {
  readonly key: string;
  readonly operation: Operation;
  /** Moments of one clock; equal to no other of the history. */
  readonly begun: number;
  /** Absent: it has never been answered, and may have been done at any time since, or not at all. */
  readonly answered?: number;
}

/** What the key holds after the operation; `impossible` when it cannot have been told what it was. */
function step(held: Held, operation: Operation): Held | typeof impossible {
  const { type } = operation;
  if (type === 'get') return operation.found === held ? held : impossible;
  const allowed = type === 'create' ? held === undefined : held === operation.expected;
  const { ok = true } = operation;
  if (ok !== allowed) return impossible;
  if (!allowed) return held;
  return type === 'delete' ? undefined : operation.text;
}

const impossible = Symbol('impossible');

/** A beginning or an answer in the order of time; a list from which calls are taken out and put back. */
interface Entry {
  readonly id: number;
  readonly operation: Operation | undefined;
  readonly at: number;
  /** Of a beginning: the answer, if there was one. */
  answer: Entry | undefined;
  previous: Entry | undefined;
  next: Entry | undefined;
}

/**
 * The keys of a history that no order of its operations explains, in which each happens at one moment while it is
 * under way (Wing and Gong's search, with Lowe's memory of what was tried). An empty answer: it is linearizable.
 */
export function keysNotLinearizable(history: readonly Call[]): string[] {
  const byKey = new Map<string, Call[]>();
  for (const call of history) {
    const calls = byKey.get(call.key);
    if (calls === undefined) byKey.set(call.key, [call]);
    else calls.push(call);
  }
  return [...byKey].filter(([, calls]) => !explained(calls)).map(([key]) => key);
}

function explained(calls: readonly Call[]): boolean {
  const head = entriesOf(calls);
  const done = new Uint32Array(Math.ceil(calls.length / 32));
  const tried = new Set<string>();
  const taken: { readonly entry: Entry; readonly held: Held }[] = [];
  let held: Held;
  let entry = head.next;
  // Only calls without an answer may be left: they need not have happened.
  while (entry !== undefined) {
    if (entry.operation === undefined) {
      const last = taken.pop();
      if (last === undefined) return false;
      held = last.held;
      done[last.entry.id >>> 5]! &= ~(1 << (last.entry.id & 31));
      putBack(last.entry);
      entry = last.entry.next;
      continue;
    }
    const after = step(held, entry.operation);
    if (after !== impossible) {
      done[entry.id >>> 5]! |= 1 << (entry.id & 31);
      const seen = `${done.join()} ${after}`;
      if (!tried.has(seen)) {
        tried.add(seen);
        taken.push({ entry, held });
        held = after;
        takeOut(entry);
        entry = head.next;
        continue;
      }
      done[entry.id >>> 5]! &= ~(1 << (entry.id & 31));
    }
    entry = entry.next;
  }
  return true;
}

function entriesOf(calls: readonly Call[]): Entry {
  const entries: Entry[] = [];
  for (const [id, { operation, begun, answered }] of calls.entries()) {
    const blank = { id, previous: undefined, next: undefined };
    const answer =
      answered === undefined
        ? undefined
        : { ...blank, operation: undefined, at: answered, answer: undefined };
    entries.push({ ...blank, operation, at: begun, answer });
    if (answer !== undefined) entries.push(answer);
  }
  entries.sort((a, b) => a.at - b.at);
  const head: Entry = {
    id: -1,
    operation: undefined,
    at: -1,
    answer: undefined,
    previous: undefined,
    next: undefined,
  };
  let last = head;
  for (const entry of entries) {
    last.next = entry;
    entry.previous = last;
    last = entry;
  }
  return head;
}

function takeOut(entry: Entry): void {
  unlink(entry);
  if (entry.answer !== undefined) unlink(entry.answer);
}

function putBack(entry: Entry): void {
  if (entry.answer !== undefined) link(entry.answer);
  link(entry);
}

function unlink(entry: Entry): void {
  entry.previous!.next = entry.next;
  if (entry.next !== undefined) entry.next.previous = entry.previous;
}

function link(entry: Entry): void {
  entry.previous!.next = entry;
  if (entry.next !== undefined) entry.next.previous = entry;
}
