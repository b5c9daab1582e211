import {
  admissionLibrary,
  CelRuntimeError,
  type CelType,
  type CelValue,
  CostMeter,
  celTypes,
  type Declarations,
  declarationsOf,
  FunctionTable,
  isList,
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
  type TypeFact,
} from '@coxswain/machinery';
import {
  type Compiled,
  compileAs,
  compileConditions,
  type MatchCondition,
  requestCostLimit,
} from './match-conditions.ts';
import { LazyVariables, type PolicyFault, run, type Variable } from './policy.ts';

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
    const options = { params: spec.paramKind !== undefined && spec.paramKind !== null, namespace: true };
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
    this.conditions.forEach(({ compiled }, i) => {
      note(compiled, conditions[i]?.expression ?? '', 'matchConditions', i, 'expression');
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
      const source: string = mutation[member]?.expression ?? '';
      const compiled = compileAs(source, all, [kind === 'JSONPatch' ? 'list' : 'object']);
      return { kind, compiled: note(compiled, source, 'mutations', i, member, 'expression') };
    });
    this.faults = faults;
  }

  /**
   * The object with all mutations made, each seeing what those before it made.
   * @param valuesOf what expressions see when the object is the given one
   * @throws CelRuntimeError, or an Error of the patch
   */
  mutate(
    object: KubeObject,
    type: TypeFact,
    valuesOf: (object: KubeObject) => Readonly<Record<string, CelValue>>,
  ): KubeObject {
    const budget = new CostMeter(requestCostLimit);
    let current = object;
    for (const { kind, compiled } of this.#mutations) {
      const values = valuesOf(current);
      const scope = { ...values, variables: new LazyVariables(this.#variables, values, budget) };
      const made = run(compiled, scope, budget);
      current =
        kind === 'JSONPatch' ? patched(current, made) : mergeConfiguration(type, current, partialOf(made));
    }
    return current;
  }
}

function partialOf(value: CelValue): unknown {
  const partial = toJson(value) as Record<string, unknown>;
  for (const member of ['apiVersion', 'kind']) {
    if (partial[member] !== undefined) throw new CelRuntimeError(`${member} may not be changed`);
  }
  return partial;
}

function patched(object: KubeObject, value: CelValue): KubeObject {
  if (!isList(value)) throw new CelRuntimeError('a JSON patch must be a list');
  return applyJsonPatch(copyJson(object), decodeJsonPatch(toJson(value))) as KubeObject;
}
