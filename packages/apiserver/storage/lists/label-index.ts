type Labels = Readonly<Record<string, string>> | undefined;

/** A label that must have one of some values. */
export interface LabelHint {
  readonly name: string;
  readonly values: readonly string[];
}

/** The keys of objects by the labels they bear, so that a selector which few match need not look at all. */
export class LabelIndex {
  readonly #keys = new Map<string, Set<string>>();

  /** @param before absent: the object is new @param after absent: it is gone */
  change(key: string, before: Labels, after: Labels): void {
    for (const name in before) {
      const value = before[name] as string;
      if (after?.[name] !== value) this.#remove(labelText(name, value), key);
    }
    for (const name in after) {
      const value = after[name] as string;
      if (before?.[name] !== value) this.#add(labelText(name, value), key);
    }
  }

  /**
   * Keys in order, among them all whose labels fulfil every hint; undefined where that would be more than `most`
   * of them.
   */
  candidates(hints: readonly LabelHint[], most: number): string[] | undefined {
    let fewest: readonly (ReadonlySet<string> | undefined)[] | undefined;
    let count = most + 1;
    for (const { name, values } of hints) {
      const sets = values.map((value) => this.#keys.get(labelText(name, value)));
      const size = sets.reduce((sum, set) => sum + (set?.size ?? 0), 0);
      if (size >= count) continue;
      fewest = sets;
      count = size;
    }
    // A value that is named twice would give its keys twice.
    return fewest && [...new Set(fewest.flatMap((set) => [...(set ?? [])]))].sort(byteOrder);
  }

  #add(label: string, key: string): void {
    const keys = this.#keys.get(label);
    if (keys === undefined) this.#keys.set(label, new Set([key]));
    else keys.add(key);
  }

  #remove(label: string, key: string): void {
    const keys = this.#keys.get(label);
    keys?.delete(key);
    if (keys?.size === 0) this.#keys.delete(label);
  }
}

function labelText(name: string, value: string): string {
  return `${name}=${value}`;
}

/** As the sorted index has it. */
function byteOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
