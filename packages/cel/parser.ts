import { CelCompileError } from './issue.ts';
import type { Token, TokenType } from './lexer.ts';
import { expandMacro, isMacroFault } from './macros.ts';
import { type Follow, follow, TokenReader } from './syntax-recovery.ts';
import type { Call, Expr, MapEntry } from './syntax-tree.ts';
import { isDeeperThan } from './tree-depth.ts';
import * as types from './types.ts';
import { CelUint } from './values.ts';

/** cel-go's limits of nesting and of characters. */
const maxDepth = 250;
const maxLength = 100_000;

const reserved: ReadonlySet<string> = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

const relations: ReadonlySet<TokenType> = new Set<TokenType>([
  "'<'",
  "'<='",
  "'>'",
  "'>='",
  "'=='",
  "'!='",
  "'in'",
]);
const sums: readonly TokenType[] = ["'+'", "'-'"];
const products: readonly TokenType[] = ["'*'", "'/'", "'%'"];

/** What may begin the parts of the grammar. */
const literals: readonly TokenType[] = [
  "'true'",
  "'false'",
  "'null'",
  'NUM_FLOAT',
  'NUM_INT',
  'NUM_UINT',
  'STRING',
  'BYTES',
];
const primaryStart = new Set<TokenType>(["'['", "'{'", "'('", "'.'", "'-'", ...literals, 'IDENTIFIER']);
const operandStart = new Set<TokenType>([...primaryStart, "'!'"]);
const optionalStart = new Set<TokenType>([...operandStart, "'?'"]);
const argumentsStart = new Set<TokenType>([...operandStart, "')'"]);
const listStart = new Set<TokenType>([...optionalStart, "','", "']'"]);
const mapStart = new Set<TokenType>([...optionalStart, "','", "'}'"]);
const names = new Set<TokenType>(['IDENTIFIER', 'ESC_IDENTIFIER']);
const optionalName = new Set<TokenType>(["'?'", ...names]);
const fieldsStart = new Set<TokenType>(["'}'", "','", ...optionalName]);
const listEnd = new Set<TokenType>(["','", "']'"]);
const mapEnd = new Set<TokenType>(["','", "'}'"]);

/** What may come after them, by where they stand. */
const after = {
  source: follow(['<EOF>'], false),
  condition: follow(["'?'"], true),
  choice: follow(["':'"], false),
  or: follow(["'||'"], true),
  and: follow(["'&&'"], true),
  relation: follow([...relations], true),
  calculation: follow([...products, ...sums], true),
  primary: follow(["'.'", "'['"], true),
  argument: follow(["','", "')'"], false),
  nested: follow(["')'"], false),
  index: follow(["']'"], false),
  item: follow(["','", "']'"], false),
  key: follow(["':'"], false),
  entry: follow(["','", "'}'"], false),
  operand: { types: operandStart, end: false },
  rule: follow([], true),
} satisfies Readonly<Record<string, Follow>>;

/** Parses an expression. @throws CelCompileError with cel-go's text */
export function parse(source: string): Expr {
  const parser = new Parser(source);
  const tree = parser.parse();
  if (tree === undefined || parser.issues.length > 0) throw new CelCompileError(source, parser.issues);
  if (isDeeperThan(tree, maxDepth + 1)) {
    throw new CelCompileError(source, [{ at: -1, message: 'max recursion depth exceeded' }]);
  }
  return tree;
}

class Parser {
  readonly #in: TokenReader;
  #depth = 0;

  constructor(source: string) {
    const length = [...source].length;
    const tooLong = length > maxLength;
    this.#in = new TokenReader(tooLong ? '' : source);
    if (!tooLong) return;
    const message = `expression code point size exceeds limit: size: ${length}, limit ${maxLength}`;
    this.#in.issues.push({ at: -1, message });
  }

  get issues(): TokenReader['issues'] {
    return this.#in.issues;
  }

  parse(): Expr | undefined {
    if (this.issues.some(({ at }) => at < 0)) return undefined;
    return this.#in.attempt(() => {
      const { mark } = this.#in;
      try {
        const expr = this.#inside(after.source);
        this.#in.match('<EOF>', after.rule, 'start');
        return expr;
      } catch (thrown) {
        return this.#endEarly(mark, thrown);
      }
    });
  }

  /** The place in the tree of a rule that ends early. */
  #endEarly(mark: number, thrown: unknown): Expr {
    this.#in.endEarly(mark, thrown);
    return hole(this.#in.token.at);
  }

  #note(at: number, message: string): Expr {
    this.issues.push({ at, message });
    return hole(at);
  }

  /** An expression that is followed by what is given. */
  #inside(following: Follow): Expr {
    this.#in.enter(following);
    const expr = this.#expression();
    this.#in.leave();
    return expr;
  }

  #expression(): Expr {
    if (++this.#depth > maxDepth) this.#in.giveUp(`expression recursion limit exceeded: ${maxDepth}`);
    const { mark } = this.#in;
    let expr: Expr;
    try {
      expr = this.#logical('||', after.condition);
      const question = this.#in.accept("'?'");
      if (question !== undefined) {
        const whenTrue = this.#logical('||', after.choice);
        this.#in.match("':'", after.operand, 'expr');
        expr = call('_?_:_', question.at, expr, whenTrue, this.#inside(after.rule));
      }
    } catch (thrown) {
      expr = this.#endEarly(mark, thrown);
    }
    this.#depth--;
    return expr;
  }

  /** Chains of one operator become balanced trees, as cel-go's: deep chains must not nest deeply. */
  #logical(operator: '||' | '&&', following: Follow): Expr {
    this.#in.enter(following);
    const terms: Expr[] = [];
    const marks: number[] = [];
    for (;;) {
      if (operator === '||') terms.push(this.#logical('&&', after.or));
      else {
        this.#in.enter(after.and);
        terms.push(this.#relation());
        this.#in.leave();
      }
      const token = this.#in.accept(`'${operator}'`);
      if (token === undefined) break;
      marks.push(token.at);
    }
    this.#in.leave();
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
    while (relations.has(this.#in.token.type)) {
      const { text, at } = this.#in.take();
      left = call(text === 'in' ? '@in' : `_${text}_`, at, left, this.#sum());
    }
    return left;
  }

  #sum(): Expr {
    this.#in.enter(after.relation);
    let left = this.#product();
    while (sums.includes(this.#in.token.type)) {
      const { text, at } = this.#in.take();
      left = call(`_${text}_`, at, left, this.#product());
    }
    this.#in.leave();
    return left;
  }

  #product(): Expr {
    this.#in.enter(after.calculation);
    let left = this.#unary();
    while (products.includes(this.#in.token.type)) {
      const { text, at } = this.#in.take();
      left = call(`_${text}_`, at, left, this.#unary());
    }
    this.#in.leave();
    return left;
  }

  #unary(): Expr {
    const { mark } = this.#in;
    try {
      this.#in.sync(operandStart, 'unary');
      const { token } = this.#in;
      if (token.type === "'!'") return this.#repeated(token, operandStart);
      if (token.type !== "'-'") return this.#member();
      const next = this.#in.peek();
      if (next.type === 'NUM_INT' || next.type === 'NUM_FLOAT') return this.#member();
      if (!primaryStart.has(next.type)) throw this.#in.noWay(token, next, 'unary');
      return this.#repeated(token, primaryStart);
    } catch (thrown) {
      return this.#endEarly(mark, thrown);
    }
  }

  /** `!` or `-`, any number of times: an even one is none. */
  #repeated({ type, text, at }: Token, next: ReadonlySet<TokenType>): Expr {
    let count = 0;
    while (this.#in.accept(type) !== undefined) {
      count++;
      this.#in.skipTo(next);
    }
    const operand = this.#member();
    return count % 2 === 1 ? call(`${text}_`, at, operand) : operand;
  }

  #member(): Expr {
    const { mark } = this.#in;
    try {
      this.#in.enter(after.primary);
      const start = this.#primary();
      this.#in.leave();
      return this.#postfix(start);
    } catch (thrown) {
      return this.#endEarly(mark, thrown);
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
        this.#in.sync(optionalStart, 'member');
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
    if (!optionalName.has(next.type)) {
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
      this.#in.sync(names, 'escapeIdent');
      if (!names.has(this.#in.token.type)) throw this.#in.wrong(names, 'escapeIdent');
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
    if (args.some((arg) => holes.has(arg))) return hole(at);
    try {
      return expandMacro(name, target, args, at) ?? { op: 'call', at, name, target, args };
    } catch (fault) {
      if (!isMacroFault(fault)) throw fault;
      return this.#note(fault.issue.at, fault.issue.message);
    }
  }

  #arguments(place: string): Expr[] {
    const args: Expr[] = [];
    this.#in.sync(argumentsStart, place);
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
      this.#in.sync(primaryStart, 'primary');
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
          return this.#literal(token);
      }
    } catch (thrown) {
      return this.#endEarly(mark, thrown);
    }
  }

  #literal(token: Token): Expr {
    const { at, type } = token;
    switch (type) {
      case 'NUM_INT':
      case 'NUM_UINT':
      case 'NUM_FLOAT':
        return this.#number(this.#in.take(), '', at);
      case "'-'": {
        const next = this.#in.peek();
        if (next.type !== 'NUM_INT' && next.type !== 'NUM_FLOAT')
          throw this.#in.noWay(token, next, 'literal');
        this.#in.take();
        return this.#number(this.#in.take(), '-', at);
      }
      case 'STRING':
        return { op: 'literal', at, value: this.#in.take().text, type: types.string };
      case 'BYTES': {
        const { bytes = new Uint8Array() } = this.#in.take();
        return { op: 'literal', at, value: bytes, type: types.bytes };
      }
      case "'true'":
      case "'false'":
        return { op: 'literal', at, value: this.#in.take().text === 'true', type: types.bool };
      case "'null'":
        this.#in.take();
        return { op: 'literal', at, value: null, type: types.nullType };
      default:
        throw this.#in.noWay(token, token, 'primary');
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
    if (reserved.has(text)) return this.#note(at, `reserved identifier: ${text}`);
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
    this.#in.sync(listStart, 'primary');
    if (optionalStart.has(this.#in.token.type)) {
      do {
        if (this.#in.accept("'?'") !== undefined) optional.add(items.length);
        items.push(this.#inside(after.item));
      } while (this.#another(optionalStart));
    }
    this.#close("']'", listEnd);
    return { op: 'list', at, items, optional };
  }

  #map(): Expr {
    const { at } = this.#in.take();
    const entries: MapEntry[] = [];
    this.#in.sync(mapStart, 'primary');
    if (optionalStart.has(this.#in.token.type)) {
      this.#entries(() => {
        do {
          const optional = this.#in.accept("'?'") !== undefined;
          const key = this.#inside(after.key);
          entries.push({ key, value: this.#value('mapInitializerList'), optional });
        } while (this.#another(optionalStart));
      });
    }
    this.#close("'}'", mapEnd);
    return { op: 'map', at, entries };
  }

  #struct(name: string): Expr {
    const { at } = this.#in.take();
    const fields: { name: string; value: Expr; optional: boolean }[] = [];
    this.#in.sync(fieldsStart, 'primary');
    if (optionalName.has(this.#in.token.type)) {
      this.#entries(() => {
        do {
          const optional = this.#in.accept("'?'") !== undefined;
          const field = this.#name(after.key);
          fields.push({ name: field?.text ?? '', value: this.#value('fieldInitializerList'), optional });
        } while (this.#another(optionalName));
      });
    }
    this.#close("'}'", mapEnd);
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

  #number({ type, text }: Token, sign: string, at: number): Expr {
    if (type === 'NUM_FLOAT') return { op: 'literal', at, value: Number(sign + text), type: types.double };
    const value = sign === '-' ? -BigInt(text) : BigInt(text);
    if (type === 'NUM_UINT') {
      if (value > 2n ** 64n - 1n) return this.#note(at, 'invalid uint literal');
      return { op: 'literal', at, value: new CelUint(value), type: types.uint };
    }
    if (value > 2n ** 63n - 1n || value < -(2n ** 63n)) return this.#note(at, 'invalid int literal');
    return { op: 'literal', at, value, type: types.int };
  }
}

const holes = new WeakSet<Expr>();

/** What stands in the tree where the source has a fault; such a tree is not given out. */
function hole(at: number): Expr {
  const made: Expr = { op: 'literal', at, value: null, type: types.nullType };
  holes.add(made);
  return made;
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
