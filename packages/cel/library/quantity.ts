import { parseQuantity, type Quantity, QuantityParseError } from '@coxswain/machinery';
import { FunctionTable } from '../functions.ts';
import { CelRuntimeError } from '../issue.ts';
import type { CelOpaque } from '../values.ts';

class QuantityValue implements CelOpaque {
  readonly typeName = 'kubernetes.Quantity';
  readonly quantity: Quantity;

  constructor(quantity: Quantity) {
    this.quantity = quantity;
  }

  equals(other: CelOpaque): boolean {
    return other instanceof QuantityValue && this.quantity.compare(other.quantity) === 0;
  }
}

function parse(text: string): Quantity | undefined {
  try {
    return parseQuantity(text);
  } catch (error) {
    if (error instanceof QuantityParseError) return undefined;
    throw error;
  }
}

function quantity(text: string): QuantityValue {
  const parsed = parse(text);
  if (parsed === undefined) {
    throw new CelRuntimeError(
      `quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
    );
  }
  return new QuantityValue(parsed);
}

const type = 'kubernetes.Quantity';
const ofInt = (value: bigint): Quantity => parseQuantity(String(value));
const isInteger = ({ quantity: q }: QuantityValue): boolean =>
  q.compare(parseQuantity(String(q.value()))) === 0 && q.value() < 2n ** 63n && q.value() >= -(2n ** 63n);

/** Kubernetes quantities. */
export const quantityLibrary = new FunctionTable()
  .fn('quantity', `string -> ${type}`, quantity)
  .fn('isQuantity', 'string -> bool', (text: string) => parse(text) !== undefined)
  .fn('sign', `${type} -> int`, (q: QuantityValue) => BigInt(Math.sign(q.quantity.compare(ofInt(0n)))))
  .method('isInteger', `${type} -> bool`, isInteger)
  .method('asInteger', `${type} -> int`, (q: QuantityValue) => {
    if (!isInteger(q)) throw new CelRuntimeError('cannot convert value to integer');
    return q.quantity.value();
  })
  .method(
    'asApproximateFloat',
    `${type} -> double`,
    (q: QuantityValue) => Number(q.quantity.milliValue()) / 1000,
  )
  .method(
    'add',
    `${type}, ${type} -> ${type}`,
    (a: QuantityValue, b: QuantityValue) => new QuantityValue(a.quantity.add(b.quantity)),
  )
  .method(
    'add',
    `${type}, int -> ${type}`,
    (a: QuantityValue, b: bigint) => new QuantityValue(a.quantity.add(ofInt(b))),
  )
  .method(
    'sub',
    `${type}, ${type} -> ${type}`,
    (a: QuantityValue, b: QuantityValue) => new QuantityValue(a.quantity.subtract(b.quantity)),
  )
  .method(
    'sub',
    `${type}, int -> ${type}`,
    (a: QuantityValue, b: bigint) => new QuantityValue(a.quantity.subtract(ofInt(b))),
  )
  .method(
    'isLessThan',
    `${type}, ${type} -> bool`,
    (a: QuantityValue, b: QuantityValue) => a.quantity.compare(b.quantity) < 0,
  )
  .method(
    'isGreaterThan',
    `${type}, ${type} -> bool`,
    (a: QuantityValue, b: QuantityValue) => a.quantity.compare(b.quantity) > 0,
  )
  .method('compareTo', `${type}, ${type} -> int`, (a: QuantityValue, b: QuantityValue) =>
    BigInt(Math.sign(a.quantity.compare(b.quantity))),
  );
