import type { Flags } from '../../flags.ts';
import { Failure } from '../error-text.ts';

/** kubectl's defaults: only this machine, and no commands in containers. */
export const acceptHosts = '^localhost$,^127\\.0\\.0\\.1$,^\\[::1\\]$';
export const acceptPaths = '^.*';
export const rejectPaths = '^/api/.*/pods/.*/exec,^/api/.*/pods/.*/attach';

type Expressions = readonly RegExp[];

/** Says which requests of others the proxy passes on: a page in a browser can send them too. */
export class RequestFilter {
  readonly #acceptHosts: Expressions;
  readonly #acceptPaths: Expressions;
  readonly #rejectMethods: Expressions;
  readonly #rejectPaths: Expressions;

  constructor(texts: {
    readonly acceptHosts: string;
    readonly acceptPaths: string;
    readonly rejectMethods: string;
    readonly rejectPaths: string;
  }) {
    this.#acceptHosts = expressions(texts.acceptHosts);
    this.#acceptPaths = expressions(texts.acceptPaths);
    this.#rejectMethods = expressions(texts.rejectMethods);
    this.#rejectPaths = expressions(texts.rejectPaths);
  }

  /** The filter of a command line. Throws `Failure` for an expression that is none. */
  static of(flags: Flags): RequestFilter {
    const text = (flag: string): string => flags.string(flag) ?? '';
    return new RequestFilter({
      acceptHosts: text('accept-hosts'),
      acceptPaths: text('accept-paths'),
      rejectMethods: text('reject-methods'),
      rejectPaths: text('reject-paths'),
    });
  }

  /** @param host as the Host header has it, with or without a port */
  accepts(method: string, path: string, host: string): boolean {
    const name = host.replace(/:\d+$/, '');
    if (fits(this.#rejectPaths, path) || fits(this.#rejectMethods, method)) return false;
    return fits(this.#acceptPaths, path) && fits(this.#acceptHosts, name);
  }
}

function expressions(text: string): Expressions {
  return text === '' ? [] : text.split(',').map(expression);
}

function expression(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (cause) {
    throw new Failure(`Error compiling re: ${(cause as Error).message}`, { cause });
  }
}

function fits(all: Expressions, text: string): boolean {
  return all.some((each) => each.test(text));
}
