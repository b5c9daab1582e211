import {
  admissionLibrary,
  type CelType,
  type CelValue,
  CostMeter,
  celTypes,
  type Declarations,
  declarationsOf,
  FunctionTable,
  isList,
  isMap,
  type ObjectType,
  objectType,
  toJson,
} from '@coxswain/cel';
import {
  applyJsonPatch,
  copyJson,
  decodeJsonPatch,
  type KubeObject,
  mergeConfiguration,
  PatchError,
  StatusError,
  type TypeFact,
} from '@coxswain/machinery';
import {
  type Compiled,
  compileAs,
  compileConditions,
  compileExactly,
  evaluateWithin,
  type MatchCondition,
  requestCostLimit,
} from './match-conditions.ts';
import { PendingDecision } from './pending-decision.ts';
import { LazyVariables, type PolicyFault, type Variable } from './policy.ts';

const { dyn, string } = celTypes;

interface Mutation {
  readonly kind: 'ApplyConfiguration' | 'JSONPatch';
  readonly compiled: Compiled;
}

const jsonPatch = objectType('JSONPatch', { op: string, path: string, from: string, value: dyn });

const mutationLibrary = admissionLibrary.with(
  new FunctionTable().fn('jsonpatch.escapeKey', 'string -> string', (key: string) =>
    key.replaceAll('~', '~0').replaceAll('/', '~1'),
  ),
);

/** `Object`, `Object.spec`, ...: partial objects, whose fields are checked when they are merged. */
function partialObject(name: string): ObjectType {
  return { kind: 'object', name, field: () => dyn, names: () => [] };
}

function structs(name: string): ObjectType | undefined {
  if (name === 'JSONPatch') return jsonPatch;
  return /^Object(\.\w+)*$/.test(name) ? partialObject(name) : undefined;
}

/** A MutatingAdmissionPolicy ready to be evaluated. */
export class CompiledMutations {
  readonly conditions: readonly MatchCondition[];
  readonly faults: readonly PolicyFault[];
  readonly #variables: readonly Variable[];
  readonly #mutations: readonly Mutation[];

  constructor(policy: KubeObject) {
    const spec = policy['spec'] ?? {};
    const options = { params: spec.paramKind !== undefined && spec.paramKind !== null };
    const faults: PolicyFault[] = [];
    const note = (compiled: Compiled, source: string, ...path: (string | number)[]): Compiled => {
      if ('fault' in compiled) faults.push({ path, source, text: compiled.fault });
      return compiled;
    };
    const declared = (variables?: Readonly<Record<string, CelType>>): Declarations => ({
      ...declarationsOf(options, variables),
      functions: mutationLibrary,
      structs,
    });
    const conditions = (spec.matchConditions ?? []) as { name: string; expression: string }[];
    this.conditions = compileConditions(conditions, declarationsOf(options));
    this.conditions.forEach(({ compiled, source }, i) => {
      note(compiled, source, 'matchConditions', i, 'expression');
    });
    const types: Record<string, CelType> = {};
    this.#variables = ((spec.variables ?? []) as { name: string; expression: string }[]).map(
      ({ name, expression }, i) => {
        const compiled = compileAs(expression, declared({ ...types }), []);
        types[name] = 'expression' in compiled ? compiled.expression.type : dyn;
        return { name, compiled: note(compiled, expression, 'variables', i, 'expression') };
      },
    );
    const all = declared(types);
    this.#mutations = ((spec.mutations ?? []) as KubeObject[]).map((mutation, i) => {
      const kind = mutation['patchType'] === 'JSONPatch' ? 'JSONPatch' : 'ApplyConfiguration';
      const member = kind === 'JSONPatch' ? 'jsonPatch' : 'applyConfiguration';
      const source: string = (mutation[member]?.expression ?? '').trim();
      const compiled = compileExactly(source, all, kind === 'JSONPatch' ? 'list(JSONPatch)' : 'Object');
      return { kind, compiled: note(compiled, source, 'mutations', i, member, 'expression') };
    });
    this.faults = faults;
  }

  /**
   * The object with all mutations made, each seeing what those before it made. What fails is left out and told of.
   * @param valuesOf what expressions see when the object is the given one
   * @param read gives what a mutation made as a reader of it would see it; strict of what may hold anything
   * @throws StatusError where that cannot be read
   */
  mutate(
    object: KubeObject,
    type: TypeFact,
    valuesOf: (object: KubeObject) => Readonly<Record<string, CelValue>>,
    fail: (text: string) => void,
    read: (object: KubeObject, strict: boolean) => KubeObject = (made) => made,
  ): KubeObject {
    let current = object;
    for (const { kind, compiled } of this.#mutations) {
      const values = valuesOf(current);
      const budget = new CostMeter(requestCostLimit);
      const scope = { ...values, variables: new LazyVariables(this.#variables, values, budget) };
      try {
        const made = evaluateWithin(budget, compiled, scope);
        if (kind === 'JSONPatch') {
          const next = patched(current, made);
          if (next !== current) current = read(next, true);
        } else current = read(merged(type, current, made), false);
      } catch (error) {
        if (error instanceof PendingDecision || error instanceof StatusError) throw error;
        fail((error as Error).message);
      }
    }
    return current;
  }
}

function merged(type: TypeFact, object: KubeObject, made: CelValue): KubeObject {
  checkNames(made, ['Object']);
  try {
    return mergeConfiguration(type, object, partialOf(made));
  } catch (error) {
    throw new Error(`error applying patch: ${(error as Error).message}`);
  }
}

/** Partial objects bear the names of the fields that they are in. @throws Error where one does not */
function checkNames(value: CelValue, path: readonly string[]): void {
  if (isList(value)) {
    for (const item of value) checkNames(item, path);
    return;
  }
  if (!isMap(value)) return;
  const { objectType } = value;
  const wanted = path.join('.');
  if (objectType !== undefined && objectType !== wanted) {
    const names = `${JSON.stringify(objectType)}, expected ${JSON.stringify(wanted)}`;
    throw new Error(
      `type mismatch: unexpected type name ${names}, which matches field name path from root Object type`,
    );
  }
  for (const key of value.keys()) {
    checkNames(value.get(key) as CelValue, objectType === undefined ? path : [...path, String(key)]);
  }
}

function partialOf(value: CelValue): unknown {
  const partial = toJson(value) as Record<string, unknown>;
  // The object is of the kind that it is of.
  for (const member of ['apiVersion', 'kind']) delete partial[member];
  return partial;
}

function patched(object: KubeObject, value: CelValue): KubeObject {
  if (!isList(value)) {
    throw new Error('type mismatch: JSONPatchType.expression should evaluate to array');
  }
  try {
    return applyJsonPatch(copyJson(object), decodeJsonPatch(toJson(value))) as KubeObject;
  } catch (error) {
    // A test that fails means that there is nothing to do.
    if (error instanceof PatchError && error.message.endsWith(': test failed')) return object;
    throw new Error(`JSON Patch: ${(error as Error).message}`);
  }
}
