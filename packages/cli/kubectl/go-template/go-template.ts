import { Failure } from '../error-text.ts';
import { functions } from './functions.ts';
import { formatValue, type GoValue, goValue, isMap, isTrue, sortedKeys } from './go-value.ts';
import { templateError } from './lex.ts';
import {
  type Command,
  type Operand,
  type ParsedTemplate,
  type Pipeline,
  parseTemplate,
  type TemplateNode,
} from './parse.ts';

/** Deeper than any template that ends calls itself. */
const maxDepth = 1_000;

type Place = { readonly at: number; readonly source: string };

class Leave extends Error {
  readonly kind: 'break' | 'continue';

  constructor(kind: 'break' | 'continue') {
    super(kind);
    this.kind = kind;
  }
}

/** A compiled template of Go's text/template, with the functions that kubectl adds. */
export class GoTemplate {
  readonly source: string;
  readonly #parsed: ParsedTemplate;
  readonly #allowMissing: boolean;

  /**
   * @param allowMissing take keys that a map lacks for nothing, else throw
   * @throws Failure when the template is wrong
   */
  constructor(source: string, allowMissing = true) {
    this.source = source;
    this.#parsed = parseTemplate(source);
    this.#allowMissing = allowMissing;
    checkFunctions(source, this.#parsed);
  }

  /**
   * Writes the template's text for `data`, piece by piece.
   * @throws Failure when it cannot go on; what was written before stays written
   */
  execute(data: unknown, write: (text: string) => void): void {
    const value = goValue(data);
    const run = new Execution(this.source, this.#parsed, this.#allowMissing, write);
    run.list(this.#parsed.body, value, [{ name: '$', value }]);
  }
}

interface Variable {
  readonly name: string;
  value: GoValue;
}

type Scope = readonly Variable[];

class Execution {
  readonly #source: string;
  readonly #parsed: ParsedTemplate;
  readonly #allowMissing: boolean;
  readonly #write: (text: string) => void;
  #place: Place = { at: 0, source: '' };
  #depth = 0;

  constructor(source: string, parsed: ParsedTemplate, allowMissing: boolean, write: (text: string) => void) {
    this.#source = source;
    this.#parsed = parsed;
    this.#allowMissing = allowMissing;
    this.#write = write;
  }

  list(nodes: readonly TemplateNode[], dot: GoValue, outer: Scope): void {
    let scope = outer;
    for (const node of nodes) scope = this.#node(node, dot, scope);
  }

  /** Gives the scope with what the node declared. */
  #node(node: TemplateNode, dot: GoValue, scope: Scope): Scope {
    this.#place = node;
    switch (node.kind) {
      case 'text':
        this.#write(node.text);
        return scope;
      case 'action': {
        const [value, inner] = this.#pipeline(node.pipeline, dot, scope);
        if (node.pipeline.declared.length === 0)
          this.#write(value == null ? '<no value>' : formatValue(value));
        return inner;
      }
      case 'if':
      case 'with': {
        const [value, inner] = this.#pipeline(node.pipeline, dot, scope);
        if (isTrue(value)) this.list(node.body, node.kind === 'with' ? value : dot, inner);
        else this.list(node.otherwise, dot, inner);
        return scope;
      }
      case 'range':
        this.#range(node, dot, scope);
        return scope;
      case 'template':
        this.#call(node.name, node.pipeline, dot, scope);
        return scope;
      default:
        throw new Leave(node.kind);
    }
  }

  #range(node: Extract<TemplateNode, { kind: 'if' | 'range' | 'with' }>, dot: GoValue, scope: Scope): void {
    const { declared } = node.pipeline;
    const [value] = this.#pipeline({ ...node.pipeline, declared: [] }, dot, scope);
    const entries = this.#entries(value);
    if (entries.length === 0) this.list(node.otherwise, dot, scope);
    for (const [key, item] of entries) {
      const [first = '', second] = declared;
      const values = second === undefined ? [item] : [key, item];
      const names = second === undefined ? [first] : [first, second];
      let inner = scope;
      if (node.pipeline.assigns) {
        for (const [i, name] of names.entries()) this.#assign(name, values[i], scope);
      } else if (declared.length > 0)
        inner = [...scope, ...names.map((name, i) => ({ name, value: values[i] }))];
      try {
        this.list(node.body, item, inner);
      } catch (error) {
        if (!(error instanceof Leave)) throw error;
        if (error.kind === 'break') return;
      }
    }
  }

  #entries(value: GoValue): (readonly [GoValue, GoValue])[] {
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) return value.map((item, i) => [BigInt(i), goValue(item)] as const);
    if (isMap(value)) return sortedKeys(value).map((key) => [key, goValue(value[key])] as const);
    if (typeof value === 'bigint') {
      return Array.from({ length: Math.max(0, Number(value)) }, (_, i) => [BigInt(i), BigInt(i)] as const);
    }
    return this.#fail(`range can't iterate over ${formatValue(value)}`);
  }

  #call(name: string, pipeline: Pipeline | undefined, dot: GoValue, scope: Scope): void {
    const body = this.#parsed.defined.get(name);
    if (body === undefined) this.#fail(`template "${name}" not defined`);
    if (++this.#depth > maxDepth) this.#fail(`exceeded maximum template depth (${maxDepth})`);
    const value = pipeline === undefined ? undefined : this.#pipeline(pipeline, dot, scope)[0];
    this.list(body as readonly TemplateNode[], value, [{ name: '$', value }]);
    this.#depth--;
  }

  #pipeline(pipeline: Pipeline, dot: GoValue, scope: Scope): [GoValue, Scope] {
    let value: GoValue;
    pipeline.commands.forEach((command, i) => {
      value = this.#command(command, dot, scope, i === 0 ? [] : [value]);
    });
    if (pipeline.assigns) {
      for (const name of pipeline.declared) this.#assign(name, value, scope);
      return [value, scope];
    }
    return [value, [...scope, ...pipeline.declared.map((name) => ({ name, value }))]];
  }

  /** @param piped what came from the command before, as the last argument */
  #command(command: Command, dot: GoValue, scope: Scope, piped: readonly GoValue[]): GoValue {
    const [first, ...rest] = command.operands;
    if (first.kind !== 'identifier') {
      if (rest.length > 0 || piped.length > 0) {
        this.#place = first;
        this.#fail(`can't give argument to non-function ${first.source}`);
      }
      return this.#operand(first, dot, scope);
    }
    const { name } = first;
    if (name === 'and' || name === 'or') {
      let value: GoValue;
      for (const operand of rest) {
        value = this.#operand(operand, dot, scope);
        if (isTrue(value) === (name === 'or')) return value;
      }
      return piped.length > 0 ? piped[0] : value;
    }
    const args = [...rest.map((operand) => this.#operand(operand, dot, scope)), ...piped];
    this.#place = command;
    try {
      return functions[name]?.(args);
    } catch (error) {
      return this.#fail(`error calling ${name}: ${(error as Error).message}`);
    }
  }

  #operand(operand: Operand, dot: GoValue, scope: Scope): GoValue {
    this.#place = placeOf(operand);
    switch (operand.kind) {
      case 'dot':
        return dot;
      case 'nil':
        return this.#fail('nil is not a command');
      case 'literal':
        return operand.value;
      case 'field':
        return this.#fields(dot, operand.names);
      case 'variable':
        return this.#fields(this.#variable(operand.name, scope).value, operand.names);
      case 'chain': {
        const [value] = this.#pipeline(operand.pipeline, dot, scope);
        this.#place = operand;
        return this.#fields(value, operand.names);
      }
      case 'identifier':
        return functions[operand.name]?.([]);
    }
  }

  #fields(start: GoValue, names: readonly string[]): GoValue {
    let value = start;
    for (const name of names) {
      if (value === undefined) continue;
      if (value === null) this.#fail(`nil pointer evaluating interface {}.${name}`);
      if (!isMap(value)) this.#fail(`can't evaluate field ${name} in type interface {}`);
      const held: { readonly [key: string]: unknown } = value;
      if (!Object.hasOwn(held, name) && !this.#allowMissing) this.#fail(`map has no entry for key "${name}"`);
      value = Object.hasOwn(held, name) ? goValue(held[name]) : undefined;
    }
    return value;
  }

  #variable(name: string, scope: Scope): Variable {
    return scope.findLast((each) => each.name === name) ?? this.#fail(`undefined variable: ${name}`);
  }

  #assign(name: string, value: GoValue, scope: Scope): void {
    this.#variable(name, scope).value = value;
  }

  #fail(why: string): never {
    const { at, source } = this.#place;
    const before = this.#source.slice(0, at);
    const line = before.split('\n').length;
    const column = Buffer.byteLength(before.slice(before.lastIndexOf('\n') + 1));
    throw new Failure(`template: output:${line}:${column}: executing "output" at <${source}>: ${why}`);
  }
}

/** A path of several fields is placed at its second, as text/template does. */
function placeOf(operand: Operand): Place {
  if (operand.kind !== 'field' || operand.names.length < 2) return operand;
  return { source: operand.source, at: operand.at + 1 + (operand.names[0] as string).length };
}

/** Functions must be known before anything is written. */
function checkFunctions(source: string, { body, defined }: ParsedTemplate): void {
  const pipeline = (each: Pipeline | undefined): void => {
    for (const { operands } of each?.commands ?? []) {
      for (const operand of operands) {
        if (operand.kind === 'chain') pipeline(operand.pipeline);
        if (operand.kind !== 'identifier' || operand.name === 'and' || operand.name === 'or') continue;
        if (!Object.hasOwn(functions, operand.name)) {
          throw new Failure(templateError(source, operand.at, `function "${operand.name}" not defined`));
        }
      }
    }
  };
  const list = (nodes: readonly TemplateNode[]): void => {
    for (const node of nodes) {
      if ('pipeline' in node) pipeline(node.pipeline);
      if ('body' in node) for (const inner of [node.body, node.otherwise]) list(inner);
    }
  };
  for (const nodes of [body, ...defined.values()]) list(nodes);
}
