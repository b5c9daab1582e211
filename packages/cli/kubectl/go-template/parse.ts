import { Failure } from '../error-text.ts';
import { unquoteGo } from './go-text.ts';
import type { GoValue } from './go-value.ts';
import { lexTemplate, type Token, type TokenKind, templateError } from './lex.ts';

interface Place {
  /** Where it stands in the template. */
  readonly at: number;
  /** As it is written, for errors. */
  readonly source: string;
}

/** What can stand as an operand. */
export type Operand = Place &
  (
    | { readonly kind: 'dot' | 'nil' }
    | { readonly kind: 'literal'; readonly value: GoValue }
    | { readonly kind: 'identifier'; readonly name: string }
    | { readonly kind: 'field'; readonly names: readonly string[] }
    | { readonly kind: 'variable'; readonly name: string; readonly names: readonly string[] }
    | { readonly kind: 'chain'; readonly pipeline: Pipeline; readonly names: readonly string[] }
  );

export interface Command extends Place {
  readonly operands: readonly [Operand, ...Operand[]];
}

export interface Pipeline extends Place {
  readonly declared: readonly string[];
  /** The variables are set, not declared. */
  readonly assigns: boolean;
  readonly commands: readonly Command[];
}

export type TemplateNode = Place &
  (
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'action'; readonly pipeline: Pipeline }
    | {
        readonly kind: 'if' | 'range' | 'with';
        readonly pipeline: Pipeline;
        readonly body: readonly TemplateNode[];
        readonly otherwise: readonly TemplateNode[];
      }
    | { readonly kind: 'template'; readonly name: string; readonly pipeline: Pipeline | undefined }
    | { readonly kind: 'break' | 'continue' }
  );

/** A parsed template: its own body, and those that it defines. */
export interface ParsedTemplate {
  readonly body: readonly TemplateNode[];
  readonly defined: ReadonlyMap<string, readonly TemplateNode[]>;
}

/** Parses a template of Go's text/template. Throws `Failure` with its texts. */
export function parseTemplate(source: string): ParsedTemplate {
  const parser = new Parser(source);
  const { nodes, ended } = parser.list();
  if (ended !== undefined) parser.fail(`unexpected {{${ended}}}`);
  return { body: nodes, defined: parser.defined };
}

class Parser {
  readonly defined = new Map<string, readonly TemplateNode[]>();
  readonly #source: string;
  readonly #tokens: readonly Token[];
  /** What is declared where the parser stands. */
  #variables: readonly string[] = ['$'];
  #next = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = lexTemplate(source);
  }

  /** Nodes up to `{{end}}`, `{{else}}` or the end of the template. */
  list(): { nodes: TemplateNode[]; ended: string | undefined } {
    const nodes: TemplateNode[] = [];
    for (;;) {
      const token = this.#take();
      if (token.kind === 'end') return { nodes, ended: undefined };
      if (token.kind === 'text') {
        nodes.push({ kind: 'text', text: token.text, at: token.at, source: token.text });
        continue;
      }
      this.#space();
      const word = this.#peek().kind === 'identifier' ? this.#peek().text : '';
      if (word === 'end' || word === 'else') {
        this.#next++;
        if (word === 'end') this.#close('end');
        return { nodes, ended: word };
      }
      const node = this.#action(word, token.at);
      if (node !== undefined) nodes.push(node);
    }
  }

  fail(why: string, at = this.#tokens[this.#next - 1]?.at ?? 0): never {
    throw new Failure(templateError(this.#source, at, why));
  }

  #action(word: string, at: number): TemplateNode | undefined {
    switch (word) {
      case 'if':
      case 'range':
      case 'with':
        this.#next++;
        return this.#control(word, at);
      case 'break':
      case 'continue':
        this.#next++;
        this.#close(word);
        return { kind: word, at, source: word };
      case 'define':
      case 'block':
      case 'template':
        this.#next++;
        return this.#named(word);
      default: {
        const pipeline = this.#pipeline('command', 'close');
        this.#close('command');
        return { kind: 'action', pipeline, at, source: pipeline.source };
      }
    }
  }

  #control(kind: 'if' | 'range' | 'with', at: number): TemplateNode {
    const outer = this.#variables;
    const pipeline = this.#pipeline(kind, 'close');
    this.#close(kind);
    const { nodes: body, ended } = this.list();
    if (ended === undefined) this.fail('unexpected EOF');
    const otherwise = ended === 'else' ? this.#else(kind) : [];
    this.#variables = outer;
    return { kind, pipeline, body, otherwise, at, source: kind };
  }

  #else(kind: string): readonly TemplateNode[] {
    this.#space();
    const token = this.#peek();
    if (
      token.kind === 'identifier' &&
      (token.text === 'if' || token.text === 'with') &&
      token.text === kind
    ) {
      this.#next++;
      return [this.#control(token.text, token.at)];
    }
    this.#close('else');
    const { nodes, ended } = this.list();
    if (ended !== 'end') this.fail(ended === undefined ? 'unexpected EOF' : 'expected end; found {{else}}');
    return nodes;
  }

  #named(kind: 'define' | 'block' | 'template'): TemplateNode | undefined {
    this.#space();
    const token = this.#take();
    if (token.kind !== 'string') this.fail(`unexpected ${shown(token)} in ${kind} clause`);
    const name = unquoteGo(token.text);
    this.#space();
    const bare = kind === 'define' || this.#peek().kind === 'close';
    const pipeline = bare ? undefined : this.#pipeline(`${kind} clause`, 'close');
    this.#close(`${kind} clause`);
    if (kind !== 'template') {
      const outer = this.#variables;
      this.#variables = ['$'];
      const { nodes, ended } = this.list();
      this.#variables = outer;
      if (ended !== 'end') {
        this.fail(`unexpected ${ended === undefined ? 'EOF' : `{{${ended}}}`} in ${kind} clause`);
      }
      this.defined.set(name, nodes);
      if (kind === 'define') return undefined;
    }
    const source = `{{template ${token.text}${pipeline === undefined ? '' : ` ${pipeline.source}`}}}`;
    return { kind: 'template', name, pipeline, at: token.at, source };
  }

  #pipeline(context: string, stop: TokenKind): Pipeline {
    this.#space();
    const first = this.#peek();
    const { declared, assigns } = this.#declarations(context);
    const commands: Command[] = [];
    for (;;) {
      this.#space();
      const token = this.#peek();
      if (token.kind === stop) break;
      if (token.kind === 'pipe') {
        if (commands.length === 0) this.fail(`unexpected "|" in ${context}`, token.at);
        this.#next++;
        this.#space();
        if (this.#peek().kind === stop) this.fail(`missing value for ${context}`, token.at);
        continue;
      }
      commands.push(this.#command(context));
    }
    if (!assigns) this.#variables = [...this.#variables, ...declared];
    if (commands.length === 0) this.fail(`missing value for ${context}`, first.at);
    const source = this.#source.slice(first.at, this.#peek().at).trim().replace(/\s-$/, '');
    return { declared, assigns, commands, at: first.at, source };
  }

  #declarations(context: string): { declared: string[]; assigns: boolean } {
    const none = { declared: [], assigns: false };
    const start = this.#next;
    const declared: string[] = [];
    while (this.#peek().kind === 'variable') {
      declared.push(this.#take().text);
      this.#space();
      const token = this.#take();
      if (token.kind === 'declare' || token.kind === 'assign') {
        return { declared, assigns: token.kind === 'assign' };
      }
      if (token.kind !== 'comma' || context !== 'range' || declared.length === 2) break;
      this.#space();
    }
    this.#next = start;
    return none;
  }

  #command(context: string): Command {
    const operands: Operand[] = [];
    const { at } = this.#peek();
    for (;;) {
      this.#space();
      const token = this.#peek();
      if (token.kind === 'close' || token.kind === 'right' || token.kind === 'pipe') break;
      operands.push(this.#operand(context));
      const after = this.#peek();
      if (!['space', 'close', 'right', 'pipe'].includes(after.kind)) {
        this.fail(`unexpected ${shown(after)} in operand`, after.at);
      }
    }
    const [first, ...more] = operands;
    if (first === undefined) this.fail('empty command', at);
    const end = (operands.at(-1) as Operand).at + (operands.at(-1) as Operand).source.length;
    return { operands: [first, ...more], at, source: this.#source.slice(at, end) };
  }

  #operand(context: string): Operand {
    const start = this.#next;
    const token = this.#take();
    const { at, text } = token;
    const place = (): Place => ({ at, source: this.#source.slice(at, this.#peek().at) });
    switch (token.kind) {
      case 'dot':
        return { kind: 'dot', ...place() };
      case 'nil':
        return { kind: 'nil', ...place() };
      case 'bool':
        return { kind: 'literal', value: text === 'true', ...place() };
      case 'number':
        return { kind: 'literal', value: this.#number(token), ...place() };
      case 'char':
        return { kind: 'literal', value: BigInt(unquoteGo(text).codePointAt(0) ?? 0), ...place() };
      case 'string':
        return { kind: 'literal', value: unquoteGo(text), ...place() };
      case 'identifier':
        return { kind: 'identifier', name: text, ...place() };
      case 'field':
        this.#next = start;
        return { kind: 'field', names: this.#fields(), ...place() };
      case 'variable':
        if (!this.#variables.includes(text)) this.fail(`undefined variable "${text}"`, at);
        return { kind: 'variable', name: text, names: this.#fields(), ...place() };
      case 'left': {
        const pipeline = this.#pipeline('parenthesized pipeline', 'right');
        this.#next++;
        return { kind: 'chain', pipeline, names: this.#fields(), ...place() };
      }
      default:
        return this.fail(`unexpected ${shown(token)} in ${context}`, at);
    }
  }

  #fields(): string[] {
    const names: string[] = [];
    while (this.#peek().kind === 'field') names.push(this.#take().text.slice(1));
    return names;
  }

  #number({ text, at }: Token): GoValue {
    const plain = text.replaceAll('_', '');
    if (/^[+-]?(0[xXbBoO]|\d+$)/.test(plain)) {
      const octal = /^([+-]?)0(\d+)$/.exec(plain);
      const digits = octal === null ? plain.replace(/^[+-]/, '') : `0o${octal[2]}`;
      return plain.startsWith('-') ? -BigInt(digits) : BigInt(digits);
    }
    const value = Number(plain);
    if (Number.isNaN(value)) this.fail(`bad number syntax: "${text}"`, at);
    return value;
  }

  #close(context: string): void {
    this.#space();
    const token = this.#take();
    if (token.kind !== 'close') this.fail(`unexpected ${shown(token)} in ${context}`, token.at);
  }

  #space(): void {
    while (this.#peek().kind === 'space') this.#next++;
  }

  #peek(): Token {
    return this.#tokens[Math.min(this.#next, this.#tokens.length - 1)] as Token;
  }

  #take(): Token {
    const token = this.#peek();
    this.#next++;
    return token;
  }
}

function shown({ kind, text }: Token): string {
  if (kind === 'end') return 'EOF';
  return kind === 'identifier' ? `<${text}>` : JSON.stringify(text);
}
