import { CelRuntimeError } from './issue.ts';
import { type CelValue, typeNameOf } from './values.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));
const times = ['google.protobuf.Timestamp', 'google.protobuf.Duration'] as const;
const numbers = words('int uint double');
const comparable = words(`bool int uint double string bytes ${times.join(' ')}`);

/** The types that have an operator of the language itself as their first operand, whatever the others are. */
const operators: Readonly<Record<string, ReadonlySet<string>>> = {
  '_+_': words(`int uint double string bytes list ${times.join(' ')}`),
  '_-_': words(`int uint double ${times.join(' ')}`),
  '_*_': numbers,
  '_/_': numbers,
  '_%_': words('int uint'),
  '-_': words('bool int double google.protobuf.Duration'),
  '_<_': comparable,
  '_<=_': comparable,
  '_>_': comparable,
  '_>=_': comparable,
  size: words('string bytes list map'),
  matches: words('string'),
};

/** Types that are asked for what they have no operator for, and do not name it. */
const receivers: ReadonlySet<string> = new Set(['string', ...times]);

/** Those that name neither themselves nor what they were given. */
const nameless = words('!_ _&&_ _||_ _?_:_ @in _[_] _[?_] sort contains startsWith endsWith');

/** The error of a call that no signature fits, as cel-go's dispatch tells of it. */
export function noSuchOverload(name: string, args: readonly CelValue[]): CelRuntimeError {
  const text = 'no such overload';
  if (nameless.has(name)) return new CelRuntimeError(text);
  const given = args.map(typeNameOf);
  const having = Object.hasOwn(operators, name) ? operators[name] : undefined;
  if (having === undefined) return new CelRuntimeError(`${text}: ${name}(${given.join(', ')})`);
  const [first = ''] = given;
  return new CelRuntimeError(having.has(first) || receivers.has(first) ? text : `${text}: ${name}`);
}
