import * as types from '../types.ts';
import { CelUint } from '../values.ts';
import { noteFault } from './hole.ts';
import type { Expr } from './syntax-tree.ts';
import type { TokenReader } from './token-reader.ts';

/** Reads a literal, or what only begins like one. */
export function readLiteral(input: TokenReader): Expr {
  const { token } = input;
  const { at, type } = token;
  switch (type) {
    case 'NUM_INT':
    case 'NUM_UINT':
    case 'NUM_FLOAT':
      return readNumber(input, '', at);
    case "'-'": {
      const next = input.peek();
      if (next.type !== 'NUM_INT' && next.type !== 'NUM_FLOAT') throw input.noWay(token, next, 'literal');
      input.take();
      return readNumber(input, '-', at);
    }
    case 'STRING':
      return { op: 'literal', at, value: input.take().text, type: types.string };
    case 'BYTES': {
      const { bytes = new Uint8Array() } = input.take();
      return { op: 'literal', at, value: bytes, type: types.bytes };
    }
    case "'true'":
    case "'false'":
      return { op: 'literal', at, value: input.take().text === 'true', type: types.bool };
    case "'null'":
      input.take();
      return { op: 'literal', at, value: null, type: types.nullType };
    default:
      throw input.noWay(token, token, 'primary');
  }
}

function readNumber(input: TokenReader, sign: string, at: number): Expr {
  const { type, text } = input.take();
  if (type === 'NUM_FLOAT') return { op: 'literal', at, value: Number(sign + text), type: types.double };
  const value = sign === '-' ? -BigInt(text) : BigInt(text);
  if (type === 'NUM_UINT') {
    if (value > 2n ** 64n - 1n) return noteFault(input, at, 'invalid uint literal');
    return { op: 'literal', at, value: new CelUint(value), type: types.uint };
  }
  if (value > 2n ** 63n - 1n || value < -(2n ** 63n)) return noteFault(input, at, 'invalid int literal');
  return { op: 'literal', at, value, type: types.int };
}
