import { tableName } from './base-table.ts';
import { type ElementTable, emptyFragment, type Fragment } from './fragment.ts';

/**
 * Keeps what the table holds and gives, for a change of some fragments, the nft commands that bring the table
 * there in one transaction. Elements that several fragments bring are counted. Does no I/O: the caller runs the
 * text, and calls `reset` and renders anew when that failed.
 */
export class RuleBook {
  readonly #fragments = new Map<string, Fragment>();
  /** By table and element key, the values that fragments want, by owner; the first owner's counts. */
  readonly #owners = new Map<ElementTable, Map<string, Map<string, string>>>();

  /** Forgets everything: the table is about to be made anew. */
  reset(): void {
    this.#fragments.clear();
    this.#owners.clear();
  }

  /** Keys of the fragments that the book holds. */
  keys(): IterableIterator<string> {
    return this.#fragments.keys();
  }

  fragment(key: string): Fragment | undefined {
    return this.#fragments.get(key);
  }

  /**
   * Replaces fragments; undefined removes one.
   *
   * @returns the commands for `nft -f -`; '' when the table is already so
   */
  apply(changes: ReadonlyMap<string, Fragment | undefined>): string {
    const added: string[] = [];
    const rules: string[] = [];
    const removedElements: string[] = [];
    const addedElements: string[] = [];
    const flushed: string[] = [];
    const deleted: string[] = [];
    for (const [key, fragment] of changes) {
      const before = this.#fragments.get(key) ?? emptyFragment;
      const after = fragment ?? emptyFragment;
      this.#diffChains(before, after, { added, rules, flushed, deleted });
      this.#diffElements(key, before, after, removedElements, addedElements);
      if (fragment === undefined) this.#fragments.delete(key);
      else this.#fragments.set(key, fragment);
    }
    // A chain must be there before it is named, and unnamed before it is deleted.
    return [...added, ...rules, ...removedElements, ...addedElements, ...flushed, ...deleted]
      .map((line) => `${line}\n`)
      .join('');
  }

  #diffChains(
    before: Fragment,
    after: Fragment,
    out: { added: string[]; rules: string[]; flushed: string[]; deleted: string[] },
  ): void {
    for (const [set, seconds] of after.affinitySets) {
      if (before.affinitySets.get(set) === seconds) continue;
      out.added.push(
        `add set ${tableName} ${set} { type ipv4_addr; flags dynamic,timeout; timeout ${seconds}s; }`,
      );
    }
    for (const [chain, lines] of after.chains) {
      const old = before.chains.get(chain);
      if (old !== undefined && sameLines(old, lines)) continue;
      out.added.push(`add chain ${tableName} ${chain}`);
      if (old !== undefined) out.rules.push(`flush chain ${tableName} ${chain}`);
      for (const line of lines) out.rules.push(`add rule ${tableName} ${chain} ${line}`);
    }
    for (const chain of before.chains.keys()) {
      if (after.chains.has(chain)) continue;
      out.flushed.push(`flush chain ${tableName} ${chain}`);
      out.deleted.push(`delete chain ${tableName} ${chain}`);
    }
    for (const set of before.affinitySets.keys()) {
      if (!after.affinitySets.has(set)) out.deleted.push(`delete set ${tableName} ${set}`);
    }
  }

  #diffElements(owner: string, before: Fragment, after: Fragment, removed: string[], added: string[]): void {
    const tables = new Set([...before.elements.keys(), ...after.elements.keys()]);
    for (const table of tables) {
      const old = before.elements.get(table) ?? new Map<string, string>();
      const now = after.elements.get(table) ?? new Map<string, string>();
      for (const key of new Set([...old.keys(), ...now.keys()])) {
        if (old.get(key) === now.get(key)) continue;
        const was = this.#value(table, key);
        this.#own(table, key, owner, now.get(key));
        const is = this.#value(table, key);
        if (was === is) continue;
        if (was !== undefined) removed.push(`delete element ${tableName} ${table} { ${key} }`);
        if (is !== undefined) {
          added.push(`add element ${tableName} ${table} { ${key}${is === '' ? '' : ` : ${is}`} }`);
        }
      }
    }
  }

  #value(table: ElementTable, key: string): string | undefined {
    return this.#owners.get(table)?.get(key)?.values().next().value;
  }

  #own(table: ElementTable, key: string, owner: string, value: string | undefined): void {
    const keys = this.#owners.get(table) ?? new Map<string, Map<string, string>>();
    this.#owners.set(table, keys);
    const owners = keys.get(key) ?? new Map<string, string>();
    keys.set(key, owners);
    if (value !== undefined) owners.set(owner, value);
    else owners.delete(owner);
    if (owners.size === 0) keys.delete(key);
  }
}

function sameLines(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, i) => line === b[i]);
}
