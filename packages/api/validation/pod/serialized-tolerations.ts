import { JsonSyntaxError, NumberLiteral, parseJsonExactly } from '../../decode/json-parser.ts';
import type { Json } from '../values.ts';

/** The members of the internal struct, which has no JSON names: its own names count, in any case. */
const members: Readonly<Record<string, readonly [member: string, shown: string, type: string]>> = {
  key: ['key', 'Key', 'string'],
  operator: ['operator', 'Operator', 'core.TolerationOperator'],
  value: ['value', 'Value', 'string'],
  effect: ['effect', 'Effect', 'core.TaintEffect'],
  tolerationseconds: ['tolerationSeconds', 'TolerationSeconds', 'int64'],
};

/** GetTolerationsFromPodAnnotations: the tolerations that a text holds, or what Go says is wrong with it. */
export function parseTolerations(text: string): Json[] | string {
  let value: unknown;
  try {
    value = parseJsonExactly(text).value;
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error.message;
    throw error;
  }
  if (value === null) return [];
  if (!Array.isArray(value)) return mismatch(value, 'Go value of type []core.Toleration');
  const out: Json[] = [];
  for (const item of value) {
    const toleration = tolerationOf(item);
    if (typeof toleration === 'string') return toleration;
    out.push(toleration);
  }
  return out;
}

function tolerationOf(item: unknown): Json | string {
  if (item === null) return {};
  if (typeof item !== 'object' || Array.isArray(item) || item instanceof NumberLiteral) {
    return mismatch(item, 'Go value of type core.Toleration');
  }
  const out: Json = {};
  for (const [name, value] of Object.entries(item)) {
    const known = members[name.toLowerCase()];
    if (known === undefined || value === null) continue;
    const [member, shown, type] = known;
    const isRight = type === 'int64' ? Number.isInteger(value) : typeof value === 'string';
    if (!isRight) return mismatch(value, `Go struct field Toleration.${shown} of type ${type}`);
    out[member] = value;
  }
  return out;
}

function mismatch(value: unknown, target: string): string {
  return `json: cannot unmarshal ${describe(value)} into ${target}`;
}

function describe(value: unknown): string {
  if (value instanceof NumberLiteral) return `number ${value.text}`;
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
