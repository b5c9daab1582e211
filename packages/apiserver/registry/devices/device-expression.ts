import {
  CelCompileError,
  celTypes,
  type Declarations,
  Expression,
  kubernetesLibrary,
  objectType,
  type SizeEstimator,
  typeText,
} from '@coxswain/cel';
import { type FieldError, type FieldPath, forbidden, invalid } from '@coxswain/machinery';

/** What a selector sees of a device: who drives it, its attributes and capacities by domain and name. */
const device = objectType('kubernetes.DRADevice', {
  driver: celTypes.string,
  allowMultipleAllocations: celTypes.bool,
  attributes: celTypes.mapOf(celTypes.string, celTypes.mapOf(celTypes.string, celTypes.dyn)),
  capacity: celTypes.mapOf(
    celTypes.string,
    celTypes.mapOf(celTypes.string, celTypes.opaque('kubernetes.Quantity')),
  ),
});

const declarations: Declarations = {
  functions: kubernetesLibrary,
  variables: new Map([['device', device]]),
};

const costLimit = 1_000_000;
const domainLength = 63;
const identifierLength = 32;
const valueLength = 64;
const mostAttributes = 32;

/** How large the parts of a device are at most. */
const sizes: SizeEstimator = ([variable, member, ...rest]) => {
  const atMost = (max: number) => ({ min: 0, max });
  if (variable !== 'device' || member === undefined) return undefined;
  if (member === 'driver') return atMost(domainLength);
  if (member !== 'attributes' && member !== 'capacity') return undefined;
  const [first, second] = rest;
  if (first === undefined) return atMost(mostAttributes);
  if (first === '@keys') return atMost(domainLength);
  if (second === undefined) return atMost(mostAttributes);
  return atMost(second === '@keys' ? identifierLength : valueLength);
};

/** What is wrong with an expression that selects devices; undefined when it can be evaluated for each of them. */
export function deviceExpressionFault(path: FieldPath, source: string): FieldError | undefined {
  try {
    const expression = new Expression(source, declarations);
    const { kind } = expression.type;
    if (kind !== 'bool' && kind !== 'dyn') {
      const text = `must evaluate to bool or the unknown type, not ${typeText(expression.type)}`;
      return invalid(path, source, text);
    }
    if (expression.estimateCost(sizes).max <= costLimit) return undefined;
    return forbidden(path, 'too complex, exceeds cost limit');
  } catch (error) {
    if (!(error instanceof CelCompileError)) throw error;
    return invalid(path, source, `compilation failed: ${error.message}`);
  }
}
