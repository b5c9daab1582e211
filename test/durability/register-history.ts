import type { SeededRandom } from '../support/seeded-random.ts';
import type { Call, Operation } from './linearizable.ts';

/** What a register's key holds, and the mark that its next write must bring. */
export interface Found {
  readonly text: string;
  readonly revision: number;
}

/** Keys that are created, compared and set; a store or an API, seen as small as that. */
export interface Register {
  get(key: string): Promise<Found | undefined>;
  /** The revision of what was written; undefined: refused. Rejects when nobody knows. */
  create(key: string, text: string): Promise<number | undefined>;
  update(key: string, text: string, found: Found): Promise<number | undefined>;
  /** `true`: done, at a revision that is not told. */
  delete(key: string, found: Found): Promise<number | true | undefined>;
}

export interface HistoryOptions {
  /** What the keys begin with; none of them may be there. Default: `k`. */
  readonly prefix?: string;
  readonly clients: number;
  readonly keys: number;
  /** Operations of each client. */
  readonly operations: number;
  readonly random: SeededRandom;
}

/** A history, and the writes that were acknowledged with their revisions. */
export interface History {
  readonly calls: readonly Call[];
  readonly writes: readonly {
    readonly revision: number;
    readonly begun: number;
    readonly answered: number;
  }[];
  /** Calls that ended without an answer. */
  readonly unanswered: number;
}

/** Lets clients work on few keys at one time; client `i` uses register `i`, begun anew when they run out. */
export async function recordHistory(
  registers: readonly Register[],
  { prefix = 'k', clients, keys, operations, random }: HistoryOptions,
): Promise<History> {
  const calls: Call[] = [];
  const writes: { revision: number; begun: number; answered: number }[] = [];
  let moment = 0;
  let unanswered = 0;
  const client = async (id: number): Promise<void> => {
    const register = registers[id % registers.length]!;
    const lastFound = new Map<string, Found>();
    for (let i = 0; i < operations; i++) {
      const key = `${prefix}${random.below(keys)}`;
      const found = lastFound.get(key);
      const text = `${id}.${i}`;
      const begun = ++moment;
      const operation = pickOperation(random, text, found);
      try {
        const done = await perform(register, key, operation, found);
        const answered = ++moment;
        calls.push({ key, operation: done.operation, begun, answered });
        if (done.revision !== undefined) writes.push({ revision: done.revision, begun, answered });
        if (done.found === undefined) lastFound.delete(key);
        else lastFound.set(key, done.found);
      } catch (error) {
        if (!(error instanceof UnknownOutcome)) throw error;
        unanswered++;
        lastFound.delete(key);
        // A read that has failed tells nothing.
        if (operation.type !== 'get') calls.push({ key, operation, begun });
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, id) => client(id)));
  return { calls, writes, unanswered };
}

/** Nobody knows whether the write was or will be done. */
export class UnknownOutcome extends Error {
  override readonly name = 'UnknownOutcome';
}

function pickOperation(random: SeededRandom, text: string, found: Found | undefined): Operation {
  if (found === undefined)
    return random.oneIn(2) ? { type: 'get', found: undefined } : { type: 'create', text };
  const expected = found.text;
  switch (random.below(5)) {
    case 0:
      return { type: 'create', text };
    case 1:
      return { type: 'delete', expected };
    case 2:
      return { type: 'get', found: undefined };
    default:
      return { type: 'update', expected, text };
  }
}

async function perform(
  register: Register,
  key: string,
  operation: Operation,
  last: Found | undefined,
): Promise<{ readonly operation: Operation; readonly revision?: number; readonly found: Found | undefined }> {
  if (operation.type === 'get') {
    const found = await register.get(key);
    return { operation: { type: 'get', found: found?.text }, found };
  }
  if (operation.type === 'create') return written(operation, await register.create(key, operation.text));
  if (operation.type === 'update')
    return written(operation, await register.update(key, operation.text, last!));
  return written(operation, await register.delete(key, last!));
}

function written(
  operation: Exclude<Operation, { type: 'get' }>,
  revision: number | true | undefined,
): { readonly operation: Operation; readonly revision?: number; readonly found: Found | undefined } {
  if (revision === undefined) return { operation: { ...operation, ok: false }, found: undefined };
  if (revision === true) return { operation: { ...operation, ok: true }, found: undefined };
  const found = operation.type === 'delete' ? undefined : { text: operation.text, revision };
  return { operation: { ...operation, ok: true }, revision, found };
}

/** Faults of the revisions: each is given once, and what began after an answer has a higher one. */
export function revisionFaults(history: History): string[] {
  const faults: string[] = [];
  const byRevision = history.writes.toSorted((a, b) => a.revision - b.revision);
  let begun = Number.NEGATIVE_INFINITY;
  for (const [i, write] of byRevision.entries()) {
    if (i > 0 && byRevision[i - 1]!.revision === write.revision)
      faults.push(`${write.revision} was given twice`);
    // Of those with lower revisions one began only after this one's answer.
    if (begun > write.answered) faults.push(`${write.revision} was answered before a lower one began`);
    begun = Math.max(begun, write.begun);
  }
  return faults;
}
