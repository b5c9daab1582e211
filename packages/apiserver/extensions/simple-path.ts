import { isMembers } from './schema/schema.ts';

/** A path of member names alone, such as `.spec.replicas`. */
export class SimplePath {
  readonly text: string;
  readonly steps: readonly string[];

  constructor(text: string) {
    this.text = text;
    this.steps = text.replace(/^\./, '').split('.');
  }

  read(object: unknown): unknown {
    let value = object;
    for (const step of this.steps) {
      if (!isMembers(value)) return undefined;
      value = value[step];
    }
    return value;
  }

  /** Sets the value in place; makes what is missing on the way. */
  write(object: Record<string, unknown>, value: unknown): void {
    let at = object;
    for (const step of this.steps.slice(0, -1)) {
      let next = at[step];
      if (!isMembers(next)) {
        next = {};
        at[step] = next;
      }
      at = next as Record<string, unknown>;
    }
    at[this.steps.at(-1) as string] = value;
  }
}
