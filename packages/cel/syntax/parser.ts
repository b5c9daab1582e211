import { CelCompileError } from '../issue.ts';
import { after, first, products, relations, sums } from './grammar.ts';
import { endEarly } from './hole.ts';
import type { Token, TokenType } from './lexer.ts';
import { OperandParser } from './operand-parser.ts';
import { call, type Expr } from './syntax-tree.ts';
import { type Follow, TokenReader } from './token-reader.ts';
import { isDeeperThan } from './tree-depth.ts';

/** cel-go's limits of nesting and of characters. */
const maxDepth = 250;
const maxLength = 100_000;

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
  readonly #operands: OperandParser;
  #depth = 0;

  constructor(source: string) {
    const length = [...source].length;
    const tooLong = length > maxLength;
    this.#in = new TokenReader(tooLong ? '' : source);
    this.#operands = new OperandParser(this.#in, (following) => this.#inside(following));
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
        return endEarly(this.#in, mark, thrown);
      }
    });
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
      expr = endEarly(this.#in, mark, thrown);
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
      this.#in.sync(first.operand, 'unary');
      const { token } = this.#in;
      if (token.type === "'!'") return this.#repeated(token, first.operand);
      if (token.type !== "'-'") return this.#operands.member();
      const next = this.#in.peek();
      if (next.type === 'NUM_INT' || next.type === 'NUM_FLOAT') return this.#operands.member();
      if (!first.primary.has(next.type)) throw this.#in.noWay(token, next, 'unary');
      return this.#repeated(token, first.primary);
    } catch (thrown) {
      return endEarly(this.#in, mark, thrown);
    }
  }

  /** `!` or `-`, any number of times: an even one is none. */
  #repeated({ type, text, at }: Token, next: ReadonlySet<TokenType>): Expr {
    let count = 0;
    while (this.#in.accept(type) !== undefined) {
      count++;
      this.#in.skipTo(next);
    }
    const operand = this.#operands.member();
    return count % 2 === 1 ? call(`${text}_`, at, operand) : operand;
  }
}
