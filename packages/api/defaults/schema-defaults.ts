import { copyJson, type TypeFact, type ValueFact } from '@coxswain/machinery';
import type { Json } from '../validation/values.ts';

/** What there is to do for one type: its own defaults, and the members below which there are some. */
interface Plan {
  readonly defaults: readonly (readonly [name: string, value: unknown])[];
  readonly members: readonly (readonly [name: string, shape: 'object' | 'array' | 'map', plan: Plan])[];
}

const nothing: Plan = { defaults: [], members: [] };
const plans = new Map<TypeFact, Plan>();

/** Applies the defaults that stand in the schema, in place. Types without any are not walked. */
export function applySchemaDefaults(object: Json, type: TypeFact): void {
  run(object, planOf(type));
}

function run(object: Json, plan: Plan): void {
  for (const [name, value] of plan.defaults) {
    if (object[name] === undefined) object[name] = copyJson(value);
  }
  for (const [name, shape, inner] of plan.members) {
    const value = object[name];
    if (value === undefined || value === null) continue;
    if (shape === 'object') run(value, inner);
    else if (shape === 'array') for (const item of value) run(item, inner);
    else for (const key of Object.keys(value)) run(value[key], inner);
  }
}

function planOf(type: TypeFact, above: ReadonlySet<TypeFact> = new Set()): Plan {
  const known = plans.get(type);
  if (known !== undefined) return known;
  if (above.has(type)) return nothing; // only JSON schemas hold themselves, and have no defaults
  const defaults: [string, unknown][] = [];
  const members: [string, 'object' | 'array' | 'map', Plan][] = [];
  const within = new Set(above).add(type);
  for (const field of type.ordered) {
    if (isWorthSaying(field.default)) defaults.push([field.name, field.default]);
    const inner = typeIn(field.value);
    if (inner === undefined) continue;
    const plan = planOf(inner, within);
    if (plan !== nothing) members.push([field.name, shapeOf(field.value), plan]);
  }
  const plan = defaults.length + members.length === 0 ? nothing : { defaults, members };
  plans.set(type, plan);
  return plan;
}

/** Zero values are what absent members are anyway. */
function isWorthSaying(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

function shapeOf(value: ValueFact): 'object' | 'array' | 'map' {
  return value.kind === 'array' || value.kind === 'map' ? value.kind : 'object';
}

function typeIn(value: ValueFact): TypeFact | undefined {
  if (value.kind === 'object') return value.type;
  const inner = value.kind === 'array' ? value.items : value.kind === 'map' ? value.values : undefined;
  return inner?.kind === 'object' ? inner.type : undefined;
}
