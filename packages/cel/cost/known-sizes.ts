import type { Checked } from '../checker.ts';
import type { Expr } from '../syntax/syntax-tree.ts';
import type { CelType } from '../types.ts';
import type { Operand } from './call-estimate.ts';
import { type Range, type SizeEstimator, union, unknownSize } from './range.ts';
import { literalSize, scalarSize } from './value-size.ts';

/** What is known of the keys and values in a list or map that an expression makes. */
export interface EntrySize {
  readonly isList: boolean;
  readonly key: Range;
  readonly value: Range;
}

/** What is known of a variable of a macro. */
interface Local {
  readonly path: readonly string[];
  readonly size: Range | undefined;
}

const noPath: readonly string[] = [];

/** What an estimation has learned of the expressions that it has passed: where they come from, and how large they get. */
export class KnownSizes {
  readonly #checked: Checked;
  readonly #estimate: SizeEstimator;
  readonly #paths = new Map<Expr, readonly string[]>();
  readonly #sizes = new Map<Expr, Range>();
  readonly #entries = new Map<Expr, EntrySize>();
  readonly #locals: ReadonlyMap<string, Local>[] = [];

  constructor(checked: Checked, estimate: SizeEstimator) {
    this.#checked = checked;
    this.#estimate = estimate;
  }

  /** Enters a macro that walks over what an expression gives. */
  enterIteration(range: Expr, first: string, second: string | undefined): void {
    const entry = this.entry(range);
    const isListRange = entry?.isList ?? this.type(range)?.kind === 'list';
    const path = this.path(range);
    const value = { path: [...path, isListRange ? '@items' : '@values'], size: entry?.value };
    const key = { path: [...path, isListRange ? '@indices' : '@keys'], size: entry?.key };
    this.#locals.push(
      second === undefined
        ? new Map([[first, isListRange ? value : key]])
        : new Map([
            [first, key],
            [second, value],
          ]),
    );
  }

  /** Enters a macro that binds a name to what nothing is known of. */
  enterBinding(variable: string): void {
    this.#locals.push(new Map([[variable, { path: noPath, size: undefined }]]));
  }

  /** Leaves the innermost macro. */
  leave(): void {
    this.#locals.pop();
  }

  type(expr: Expr): CelType | undefined {
    return this.#checked.types.get(expr);
  }

  /** The way from a declared variable to an expression; empty where there is none. */
  path(expr: Expr): readonly string[] {
    if (expr.op === 'identifier') {
      const local = this.#local(expr.name);
      if (local !== undefined) return local.path;
    }
    return this.#paths.get(expr) ?? noPath;
  }

  notePath(expr: Expr, path: readonly string[]): void {
    this.#paths.set(expr, path);
  }

  /** Notes that an identifier is a variable, unless a macro has given it its meaning. */
  noteVariable(expr: Expr, name: string): void {
    this.#paths.set(expr, this.#local(name)?.path ?? [name]);
  }

  size(expr: Expr): Range {
    return this.#knownSize(expr) ?? unknownSize;
  }

  noteSize(expr: Expr, size: Range): void {
    this.#sizes.set(expr, size);
  }

  /** The first variable of a macro over an expression. */
  variableSize(range: Expr, name: string): Range {
    const local = this.#local(name);
    const type = this.type(range);
    const item = type?.kind === 'list' ? type.items : type?.kind === 'map' ? type.key : undefined;
    return (
      (local === undefined ? undefined : this.#estimate(local.path, item)) ??
      scalarSize(item) ??
      local?.size ??
      unknownSize
    );
  }

  /** Of a list or map that was made in the expression; undefined of all others. */
  entry(expr: Expr): EntrySize | undefined {
    return this.#entries.get(expr);
  }

  noteEntry(expr: Expr, entry: EntrySize | undefined): void {
    if (entry !== undefined) this.#entries.set(expr, entry);
  }

  /** An expression may give what one of two others gives. */
  noteEither(expr: Expr, a: Expr, b: Expr): void {
    const [one, other] = [this.entry(a), this.entry(b)];
    if (one === undefined || other === undefined) return;
    const [key, value] = [union(one.key, other.key), union(one.value, other.value)];
    this.#entries.set(expr, { isList: one.isList, key, value });
  }

  /** An expression gives what another gives. */
  copy(to: Expr, from: Expr): void {
    const size = this.#knownSize(from);
    if (size !== undefined) this.#sizes.set(to, size);
    this.noteEntry(to, this.entry(from));
  }

  /** All of it, for the functions of libraries. */
  operand(expr: Expr): Operand {
    const type = this.type(expr);
    const path = this.path(expr);
    const items =
      type?.kind === 'list'
        ? {
            isText: type.items.kind === 'string' || type.items.kind === 'bytes',
            size: this.#estimate(path.length === 0 ? path : [...path, '@items'], type.items) ?? unknownSize,
          }
        : undefined;
    return { expr, size: this.size(expr), opaque: type?.kind === 'opaque' ? type.name : '', items };
  }

  #knownSize(expr: Expr): Range | undefined {
    const computed = this.#sizes.get(expr) ?? literalSize(expr);
    if (computed !== undefined) return computed;
    const type = this.type(expr);
    return (
      this.#estimate(this.path(expr), type) ??
      scalarSize(type) ??
      (expr.op === 'identifier' ? this.#local(expr.name)?.size : undefined)
    );
  }

  #local(name: string): Local | undefined {
    for (let i = this.#locals.length - 1; i >= 0; i--) {
      const local = this.#locals[i]?.get(name);
      if (local !== undefined) return local;
    }
    return undefined;
  }
}
