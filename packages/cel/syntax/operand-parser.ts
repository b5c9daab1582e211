import { after, first, last } from './grammar.ts';
import { endEarly, hole, isHole, noteFault } from './hole.ts';
import type { Token, TokenType } from './lexer.ts';
import { readLiteral } from './literal.ts';
import { expandMacro, isMacroFault } from './macros.ts';
import { call, type Expr, type MapEntry } from './syntax-tree.ts';
import type { Follow, TokenReader } from './token-reader.ts';

const reserved: ReadonlySet<string> = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

/** Reads what operators stand between: names, literals, calls, and what is selected of them. */
export class OperandParser {
  readonly #in: TokenReader;
  readonly #inside: (following: Follow) => Expr;

  /** @param inside reads a whole expression that is followed by what is given */
  constructor(input: TokenReader, inside: (following: Follow) => Expr) {
    this.#in = input;
    this.#inside = inside;
  }

  /** A primary expression with its selections, indices and calls. */
  member(): Expr {
    const { mark } = this.#in;
    try {
      this.#in.enter(after.primary);
      const start = this.#primary();
      this.#in.leave();
      return this.#postfix(start);
    } catch (thrown) {
      return endEarly(this.#in, mark, thrown);
    }
  }

  #postfix(start: Expr): Expr {
    let expr = start;
    for (;;) {
      if (this.#in.is("'.'")) expr = this.#selection(expr);
      else if (this.#in.is("'{'") && structName(expr) !== undefined) {
        expr = this.#struct(structName(expr) as string);
      } else {
        const open = this.#in.accept("'['");
        if (open === undefined) return expr;
        this.#in.sync(first.entry, 'member');
        const optional = this.#in.accept("'?'") !== undefined;
        const index = this.#inside(after.index);
        this.#in.match("']'", after.rule, 'member');
        expr = call(optional ? '_[?_]' : '_[_]', open.at, expr, index);
      }
    }
  }

  #selection(operand: Expr): Expr {
    const next = this.#in.peek();
    const { token } = this.#in;
    if (!first.optionalName.has(next.type)) {
      const isLiteral = token.end === next.at && /^'(true|false|null)'$/.test(next.type);
      if (isLiteral) throw this.#in.wrong(new Set(['IDENTIFIER']), 'member', next);
      throw this.#in.noWay(token, next, 'member');
    }
    const dot = this.#in.take();
    const optional = this.#in.accept("'?'") !== undefined;
    const name = this.#name(after.primary);
    const callable = !optional && name?.type === 'IDENTIFIER';
    const open = callable ? this.#in.accept("'('") : undefined;
    if (open === undefined) {
      return { op: 'select', at: dot.at, operand, field: name?.text ?? '', test: false, optional };
    }
    return this.#called((name as Token).text, operand, this.#arguments('member'), open.at);
  }

  /** The name of a field, which may be in backquotes; undefined where there is none. */
  #name(following: Follow): Token | undefined {
    const { mark } = this.#in;
    try {
      this.#in.enter(following);
      this.#in.sync(first.name, 'escapeIdent');
      if (!first.name.has(this.#in.token.type)) throw this.#in.wrong(first.name, 'escapeIdent');
      const name = this.#in.take();
      this.#in.leave();
      return name;
    } catch (thrown) {
      this.#in.endEarly(mark, thrown);
      return undefined;
    }
  }

  #called(name: string, target: Expr | undefined, args: readonly Expr[], at: number): Expr {
    // What a macro would say of something that is not there has been said better.
    if (args.some((arg) => isHole(arg))) return hole(at);
    try {
      return expandMacro(name, target, args, at) ?? { op: 'call', at, name, target, args };
    } catch (fault) {
      if (!isMacroFault(fault)) throw fault;
      return noteFault(this.#in, fault.issue.at, fault.issue.message);
    }
  }

  #arguments(place: string): Expr[] {
    const args: Expr[] = [];
    this.#in.sync(first.arguments, place);
    if (!this.#in.is("')'")) {
      do args.push(this.#inside(after.argument));
      while (this.#in.accept("','") !== undefined);
    }
    this.#in.match("')'", after.rule, place);
    return args;
  }

  #primary(): Expr {
    const { mark } = this.#in;
    try {
      this.#in.sync(first.primary, 'primary');
      const { token } = this.#in;
      switch (token.type) {
        case 'IDENTIFIER':
          return this.#identifier(this.#in.take());
        case "'.'":
          if (this.#in.peek().type !== 'IDENTIFIER') {
            throw this.#in.noWay(token, this.#in.peek(), 'primary');
          }
          this.#in.take();
          return this.#identifier(this.#in.take());
        case "'('":
          return this.#nested();
        case "'['":
          return this.#list();
        case "'{'":
          return this.#map();
        default:
          return readLiteral(this.#in);
      }
    } catch (thrown) {
      return endEarly(this.#in, mark, thrown);
    }
  }

  #nested(): Expr {
    this.#in.take();
    const inner = this.#inside(after.nested);
    this.#in.match("')'", after.rule, 'primary');
    return inner;
  }

  #identifier({ text, at }: Token): Expr {
    const open = this.#in.accept("'('");
    const args = open === undefined ? [] : this.#arguments('primary');
    if (reserved.has(text)) return noteFault(this.#in, at, `reserved identifier: ${text}`);
    if (open === undefined) return { op: 'identifier', at, name: text };
    return this.#called(text, undefined, args, open.at);
  }

  /** Whether another entry comes, and not the comma that may end a list. */
  #another(start: ReadonlySet<TokenType>): boolean {
    if (!this.#in.is("','") || !start.has(this.#in.peek().type)) return false;
    this.#in.take();
    return true;
  }

  /** The end of a list of entries, after a comma or none. */
  #close(type: TokenType, end: ReadonlySet<TokenType>): void {
    this.#in.sync(end, 'primary');
    this.#in.accept("','");
    this.#in.match(type, after.rule, 'primary');
  }

  #list(): Expr {
    const { at } = this.#in.take();
    const items: Expr[] = [];
    const optional = new Set<number>();
    this.#in.sync(first.list, 'primary');
    if (first.entry.has(this.#in.token.type)) {
      do {
        if (this.#in.accept("'?'") !== undefined) optional.add(items.length);
        items.push(this.#inside(after.item));
      } while (this.#another(first.entry));
    }
    this.#close("']'", last.list);
    return { op: 'list', at, items, optional };
  }

  #map(): Expr {
    const { at } = this.#in.take();
    const entries: MapEntry[] = [];
    this.#in.sync(first.map, 'primary');
    if (first.entry.has(this.#in.token.type)) {
      this.#entries(() => {
        do {
          const optional = this.#in.accept("'?'") !== undefined;
          const key = this.#inside(after.key);
          entries.push({ key, value: this.#value('mapInitializerList'), optional });
        } while (this.#another(first.entry));
      });
    }
    this.#close("'}'", last.map);
    return { op: 'map', at, entries };
  }

  #struct(name: string): Expr {
    const { at } = this.#in.take();
    const fields: { name: string; value: Expr; optional: boolean }[] = [];
    this.#in.sync(first.fields, 'primary');
    if (first.optionalName.has(this.#in.token.type)) {
      this.#entries(() => {
        do {
          const optional = this.#in.accept("'?'") !== undefined;
          const field = this.#name(after.key);
          fields.push({ name: field?.text ?? '', value: this.#value('fieldInitializerList'), optional });
        } while (this.#another(first.optionalName));
      });
    }
    this.#close("'}'", last.map);
    return { op: 'struct', at, name, fields };
  }

  #entries(read: () => void): void {
    this.#in.enter(after.entry);
    const { mark } = this.#in;
    try {
      read();
    } catch (thrown) {
      this.#in.endEarly(mark, thrown);
    }
    this.#in.leave();
  }

  #value(place: string): Expr {
    this.#in.match("':'", after.operand, place);
    return this.#inside(after.entry);
  }
}

/** The name of a type that a chain of plain selections spells. */
function structName(expr: Expr): string | undefined {
  if (expr.op === 'identifier') return expr.name;
  if (expr.op !== 'select' || expr.test || expr.optional) return undefined;
  const head = structName(expr.operand);
  return head === undefined ? undefined : `${head}.${expr.field}`;
}
