import type { ValueFact } from './facts.ts';

/** What Go writes for the zero value of a type that is no struct. */
export function zeroValueOf(kind: ValueFact['kind']): unknown {
  switch (kind) {
    case 'string':
    case 'duration':
      return '';
    case 'quantity':
      return '0';
    case 'bool':
      return false;
    case 'int32':
    case 'int64':
    case 'float64':
    case 'intOrString':
      return 0;
    default:
      return null;
  }
}
