import { age, nameOf, selectorStruct } from './format.ts';
import { ageColumn, column, nameColumn, type TableSketch } from './table.ts';

export const webhookConfigurations: TableSketch = {
  columns: [
    nameColumn,
    column(
      'Webhooks',
      'Webhooks indicates the number of webhooks registered in this configuration',
      'integer',
    ),
    ageColumn,
  ],
  cells: (object, now) => [nameOf(object), (object['webhooks'] ?? []).length, age(object, now)],
};

function policies(name: string, about: string, list: string): TableSketch {
  return {
    columns: [
      nameColumn,
      column(name, about, 'integer'),
      column('ParamKind', 'ParamKind specifies the kind of resources used to parameterize this policy'),
      ageColumn,
    ],
    cells(object, now) {
      const spec = object['spec'] ?? {};
      const kind = spec.paramKind ? `${spec.paramKind.apiVersion}/${spec.paramKind.kind}` : '<unset>';
      return [nameOf(object), (spec[list] ?? []).length, kind, age(object, now)];
    },
  };
}

export const validatingAdmissionPolicies: TableSketch = policies(
  'Validations',
  'Validations indicates the number of validation rules defined in this configuration',
  'validations',
);

export const mutatingAdmissionPolicies: TableSketch = policies(
  'Mutations',
  'Mutations indicates the number of mutations rules defined in this configuration',
  'mutations',
);

export const admissionPolicyBindings: TableSketch = {
  columns: [
    nameColumn,
    column('PolicyName', 'PolicyName indicates the policy definition which the policy binding binds to'),
    column('ParamRef', 'ParamRef indicates the param resource which sets the configration param'),
    ageColumn,
  ],
  cells(object, now) {
    const { policyName = '', paramRef } = object['spec'] ?? {};
    let reference = '<unset>';
    // which namespace is not said here for kinds that have none and for those that are looked up in any
    if (paramRef?.name) reference = `${paramRef.namespace || '*'}/${paramRef.name}`;
    else if (paramRef?.selector) reference = selectorStruct(paramRef.selector);
    return [nameOf(object), policyName, reference, age(object, now)];
  },
};
