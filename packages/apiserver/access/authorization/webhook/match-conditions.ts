import {
  CelCompileError,
  CelRuntimeError,
  type CelType,
  CostMeter,
  celTypes,
  type Declarations,
  Expression,
  fromJson,
  kubernetesLibrary,
  type ObjectType,
  runtimeTypeText,
} from '@coxswain/cel';
import { duplicate, type FieldError, type FieldPath, invalid, required, tooMany } from '@coxswain/machinery';
import { aggregate } from '../../../config-file/config-file-error.ts';
import type { ReviewSpec } from './review-spec.ts';

const { listOf, mapOf, string } = celTypes;

/** Upstream's bounds: conditions of one webhook, and the cost of each. */
const maxConditions = 64;
const costLimit = 1_000_000;

function objectType(name: string, fields: Readonly<Record<string, CelType>>): ObjectType {
  return {
    kind: 'object',
    name,
    field: (field) => (Object.hasOwn(fields, field) ? fields[field] : undefined),
    names: () => Object.keys(fields),
  };
}

const requirement = objectType('kubernetes.SelectorRequirement', {
  key: string,
  operator: string,
  values: listOf(string),
});
const selectorFields = { rawSelector: string, requirements: listOf(requirement) };
const requestType = objectType('kubernetes.SubjectAccessReviewSpec', {
  resourceAttributes: objectType('kubernetes.ResourceAttributes', {
    namespace: string,
    verb: string,
    group: string,
    version: string,
    resource: string,
    subresource: string,
    name: string,
    fieldSelector: objectType('kubernetes.FieldSelectorAttributes', selectorFields),
    labelSelector: objectType('kubernetes.LabelSelectorAttributes', selectorFields),
  }),
  nonResourceAttributes: objectType('kubernetes.NonResourceAttributes', { path: string, verb: string }),
  user: string,
  groups: listOf(string),
  extra: mapOf(string, listOf(string)),
  uid: string,
});
const declarations: Declarations = {
  functions: kubernetesLibrary,
  variables: new Map([['request', requestType as CelType]]),
};

/** Compiles the conditions of a webhook; faults go to `errors`. @param path of the authorizer */
export function compileMatchConditions(
  conditions: readonly { readonly expression?: string }[],
  path: FieldPath,
  errors: FieldError[],
): readonly Expression[] {
  if (conditions.length > maxConditions) {
    errors.push(tooMany(path.child('matchConditions'), conditions.length, maxConditions));
    return [];
  }
  const seen = new Set<string>();
  const made: Expression[] = [];
  conditions.forEach(({ expression: source = '' }, i) => {
    const at = path.child('matchConditions').index(i).child('expression');
    if (source.trim() === '') errors.push(required(at));
    else if (seen.has(source)) errors.push(duplicate(at, source));
    else {
      seen.add(source);
      const compiled = compile(source);
      if (typeof compiled === 'string') errors.push(invalid(at, source, compiled));
      else made.push(compiled);
    }
  });
  return made;
}

function compile(source: string): Expression | string {
  try {
    const expression = new Expression(source, declarations);
    if (expression.type.kind === 'bool') return expression;
    return `must evaluate to bool but got ${runtimeTypeText(expression.type)}`;
  } catch (error) {
    if (error instanceof CelCompileError) return `compilation failed: ${error.message}`;
    throw error;
  }
}

/** Whether all conditions hold; one that does not settles it, else the text of those that failed. */
export function matches(
  conditions: readonly Expression[],
  spec: ReviewSpec,
): boolean | { readonly error: string } {
  if (conditions.length === 0) return true;
  const values = { request: fromJson(visible(spec), requestType) };
  const errors: string[] = [];
  for (const condition of conditions) {
    try {
      if (condition.evaluate(values, new CostMeter(costLimit)) !== true) return false;
    } catch (error) {
      if (!(error instanceof CelRuntimeError)) throw error;
      errors.push(
        `cel evaluation error: expression '${condition.source}' resulted in error: ${error.message}`,
      );
    }
  }
  return errors.length === 0 ? true : { error: aggregate(errors) };
}

/** Expressions see every text of the request, the empty ones too. */
function visible(spec: ReviewSpec): Record<string, unknown> {
  const { user = '', groups = [], uid = '', extra = {}, resourceAttributes, nonResourceAttributes } = spec;
  return {
    user,
    groups,
    uid,
    extra,
    ...(resourceAttributes === undefined
      ? {}
      : {
          resourceAttributes: {
            namespace: '',
            verb: '',
            group: '',
            version: '',
            resource: '',
            subresource: '',
            name: '',
            ...resourceAttributes,
          },
        }),
    ...(nonResourceAttributes === undefined
      ? {}
      : { nonResourceAttributes: { path: '', verb: '', ...nonResourceAttributes } }),
  };
}
