import { CelCompileError } from './issue.ts';
import { LexFault, type Token, tokenize } from './lexer.ts';
import { expandMacro, isMacroFault } from './macros.ts';
import type { Call, Expr, MapEntry } from './syntax-tree.ts';
import { isDeeperThan } from './tree-depth.ts';
import * as types from './types.ts';
import { CelUint } from './values.ts';

/** What may begin an operand, as cel-go's parser lists it. */
const operandTokens =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";
/** cel-go's limit of nesting. */
const maxDepth = 250;

const reserved: ReadonlySet<string> = new Set(
  'as break const continue else for function if import let loop package namespace return var void while in'.split(
    ' ',
  ),
);
const relations: ReadonlySet<string> = new Set(['<', '<=', '>', '>=', '==', '!=']);

/** Parses an expression. @throws CelCompileError with cel-go's text */
export function parse(source: string): Expr {
  try {
    const tree = new Parser(tokenize(source)).parse();
    if (isDeeperThan(tree, maxDepth + 1)) throw new LexFault(0, 'max recursion depth exceeded');
    return tree;
  } catch (fault) {
    if (fault instanceof LexFault || isMacroFault(fault)) throw new CelCompileError(source, [fault.issue]);
    throw fault;
  }
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): Expr {
    const expr = this.#expression();
    const { kind, text, at } = this.#token;
    if (kind !== 'end') {
      const verb = /^[)\]}]$/.test(text) ? 'extraneous' : 'mismatched';
      throw new LexFault(at, `Syntax error: ${verb} input '${text}' expecting <EOF>`);
    }
    return expr;
  }

  get #token(): Token {
    return this.#tokens[this.#next] as Token;
  }

  #is(text: string): boolean {
    const token = this.#token;
    return token.text === text && (token.kind === 'symbol' || token.kind === 'identifier');
  }

  #take(): Token {
    const token = this.#token;
    if (token.kind !== 'end') this.#next++;
    return token;
  }

  #accept(text: string): Token | undefined {
    return this.#is(text) ? this.#take() : undefined;
  }

  #expect(text: string): Token {
    const token = this.#token;
    if (!this.#is(text)) {
      const missing = token.kind === 'end' ? `mismatched input '<EOF>'` : `mismatched input '${token.text}'`;
      throw new LexFault(token.at, `Syntax error: ${missing} expecting '${text}'`);
    }
    return this.#take();
  }

  #expression(): Expr {
    if (++this.#depth > maxDepth) {
      throw new LexFault(this.#token.at, `expression recursion limit exceeded: ${maxDepth}`);
    }
    const condition = this.#logical('||', () => this.#logical('&&', () => this.#relation()));
    const mark = this.#accept('?');
    let expr = condition;
    if (mark !== undefined) {
      const whenTrue = this.#logical('||', () => this.#logical('&&', () => this.#relation()));
      this.#expect(':');
      expr = call('_?_:_', mark.at, condition, whenTrue, this.#expression());
    }
    this.#depth--;
    return expr;
  }

  /** Chains of one operator become balanced trees, as cel-go's: deep chains must not nest deeply. */
  #logical(operator: '||' | '&&', operand: () => Expr): Expr {
    const terms = [operand()];
    const marks: number[] = [];
    for (let token = this.#accept(operator); token !== undefined; token = this.#accept(operator)) {
      marks.push(token.at);
      terms.push(operand());
    }
    const balance = (low: number, high: number): Expr => {
      const middle = Math.floor((low + high + 1) / 2);
      const left = middle === low ? (terms[middle] as Expr) : balance(low, middle - 1);
      const right = middle === high ? (terms[middle + 1] as Expr) : balance(middle + 1, high);
      return call(`_${operator}_`, marks[middle] as number, left, right);
    };
    return terms.length === 1 ? (terms[0] as Expr) : balance(0, marks.length - 1);
  }

  #relation(): Expr {
    let left = this.#sum();
    for (;;) {
      const { text, kind, at } = this.#token;
      if (kind === 'symbol' && relations.has(text)) {
        this.#take();
        left = call(`_${text}_`, at, left, this.#sum());
      } else if (kind === 'identifier' && text === 'in') {
        this.#take();
        left = call('@in', at, left, this.#sum());
      } else return left;
    }
  }

  #sum(): Expr {
    let left = this.#product();
    for (;;) {
      const token = this.#accept('+') ?? this.#accept('-');
      if (token === undefined) return left;
      left = call(`_${token.text}_`, token.at, left, this.#product());
    }
  }

  #product(): Expr {
    let left = this.#unary();
    for (;;) {
      const token = this.#accept('*') ?? this.#accept('/') ?? this.#accept('%');
      if (token === undefined) return left;
      left = call(`_${token.text}_`, token.at, left, this.#unary());
    }
  }

  #unary(): Expr {
    const token = this.#token;
    if (this.#is('!')) {
      let count = 0;
      while (this.#accept('!') !== undefined) count++;
      const operand = this.#member();
      return count % 2 === 1 ? call('!_', token.at, operand) : operand;
    }
    if (this.#is('-')) {
      const next = this.#tokens[this.#next + 1] as Token;
      if (next.kind === 'int' || next.kind === 'double') {
        this.#take();
        return this.#postfix(this.#number(this.#take(), '-', token.at));
      }
      let count = 0;
      while (this.#accept('-') !== undefined) count++;
      const operand = this.#member();
      return count % 2 === 1 ? call('-_', token.at, operand) : operand;
    }
    return this.#member();
  }

  #member(): Expr {
    return this.#postfix(this.#primary());
  }

  #postfix(start: Expr): Expr {
    let expr = start;
    for (;;) {
      const dot = this.#accept('.');
      if (dot !== undefined) expr = this.#selection(expr, dot);
      else if (this.#is('{') && structName(expr) !== undefined)
        expr = this.#struct(structName(expr) as string);
      else {
        const open = this.#accept('[');
        if (open === undefined) return expr;
        const optional = this.#accept('?') !== undefined;
        const index = this.#expression();
        this.#expect(']');
        expr = call(optional ? '_[?_]' : '_[_]', open.at, expr, index);
      }
    }
  }

  #selection(operand: Expr, dot: Token): Expr {
    const optional = this.#accept('?') !== undefined;
    const name = this.#take();
    if (name.kind !== 'identifier' || (reserved.has(name.text) && name.text === 'in')) {
      throw new LexFault(
        name.at,
        `Syntax error: no viable alternative at input '.${name.kind === 'end' ? '' : name.text}'`,
      );
    }
    const open = optional ? undefined : this.#accept('(');
    if (open === undefined) {
      return { op: 'select', at: dot.at, operand, field: name.text, test: false, optional };
    }
    const args = this.#arguments(')');
    const macro = expandMacro(name.text, operand, args, open.at);
    return macro ?? { op: 'call', at: open.at, name: name.text, target: operand, args };
  }

  #arguments(close: string): Expr[] {
    const args: Expr[] = [];
    if (this.#accept(close) !== undefined) return args;
    do args.push(this.#expression());
    while (this.#accept(',') !== undefined);
    this.#expect(close);
    return args;
  }

  #primary(): Expr {
    const token = this.#take();
    const { at } = token;
    switch (token.kind) {
      case 'int':
      case 'uint':
      case 'double':
        return this.#number(token, '', at);
      case 'string':
        return { op: 'literal', at, value: token.text, type: types.string };
      case 'bytes':
        return { op: 'literal', at, value: token.bytes ?? new Uint8Array(), type: types.bytes };
      case 'identifier':
        return this.#identifier(token);
      case 'end':
        throw new LexFault(at, `Syntax error: mismatched input '<EOF>' expecting ${operandTokens}`);
      default:
        return this.#bracketed(token);
    }
  }

  #identifier({ text, at }: Token): Expr {
    if (text === 'true' || text === 'false') {
      return { op: 'literal', at, value: text === 'true', type: types.bool };
    }
    if (text === 'null') return { op: 'literal', at, value: null, type: types.nullType };
    if (reserved.has(text)) throw new LexFault(at, `reserved identifier: ${text}`);
    const open = this.#accept('(');
    if (open === undefined) return { op: 'identifier', at, name: text };
    const args = this.#arguments(')');
    const macro = expandMacro(text, undefined, args, open.at);
    return macro ?? { op: 'call', at: open.at, name: text, target: undefined, args };
  }

  #bracketed({ text, at }: Token): Expr {
    if (text === '(') {
      const inner = this.#expression();
      this.#expect(')');
      return inner;
    }
    if (text === '[') return this.#list(at);
    if (text === '{') return { op: 'map', at, entries: this.#entries() };
    if (text === '.') {
      const name = this.#take();
      if (name.kind === 'identifier') return this.#identifier(name);
    }
    throw new LexFault(at, `Syntax error: mismatched input '${text}' expecting ${operandTokens}`);
  }

  #list(at: number): Expr {
    const items: Expr[] = [];
    const optional = new Set<number>();
    while (!this.#is(']')) {
      if (this.#accept('?') !== undefined) optional.add(items.length);
      items.push(this.#expression());
      if (this.#accept(',') === undefined) break;
    }
    this.#expect(']');
    return { op: 'list', at, items, optional };
  }

  #struct(name: string): Expr {
    const { at } = this.#expect('{');
    const fields: { name: string; value: Expr; optional: boolean }[] = [];
    while (!this.#is('}')) {
      const optional = this.#accept('?') !== undefined;
      const field = this.#take();
      if (field.kind !== 'identifier') {
        throw new LexFault(field.at, `Syntax error: mismatched input '${field.text}' expecting IDENTIFIER`);
      }
      this.#expect(':');
      fields.push({ name: field.text, value: this.#expression(), optional });
      if (this.#accept(',') === undefined) break;
    }
    this.#expect('}');
    return { op: 'struct', at, name, fields };
  }

  #entries(): MapEntry[] {
    const entries: MapEntry[] = [];
    while (!this.#is('}')) {
      const optional = this.#accept('?') !== undefined;
      const key = this.#expression();
      this.#expect(':');
      entries.push({ key, value: this.#expression(), optional });
      if (this.#accept(',') === undefined) break;
    }
    this.#expect('}');
    return entries;
  }

  #number({ kind, text, at: own }: Token, sign: string, at: number): Expr {
    if (kind === 'double') return { op: 'literal', at, value: Number(sign + text), type: types.double };
    const value = sign === '-' ? -BigInt(text) : BigInt(text);
    if (kind === 'uint') {
      if (value > 2n ** 64n - 1n) throw new LexFault(own, 'invalid uint literal');
      return { op: 'literal', at, value: new CelUint(value), type: types.uint };
    }
    if (value > 2n ** 63n - 1n || value < -(2n ** 63n)) throw new LexFault(own, 'invalid int literal');
    return { op: 'literal', at, value, type: types.int };
  }
}

/** The name of a type that a chain of plain selections spells. */
function structName(expr: Expr): string | undefined {
  if (expr.op === 'identifier') return expr.name;
  if (expr.op !== 'select' || expr.test || expr.optional) return undefined;
  const head = structName(expr.operand);
  return head === undefined ? undefined : `${head}.${expr.field}`;
}

function call(name: string, at: number, ...args: Expr[]): Call {
  return { op: 'call', at, name, target: undefined, args };
}
