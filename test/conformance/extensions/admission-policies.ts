import assert from 'node:assert/strict';
import { deployment } from '../../e2e/support/objects.ts';
import type { Behaviours } from '../support/behaviours.ts';
import { runLifecycle } from '../support/lifecycle.ts';
import type { Scope } from '../support/scope.ts';

const apiVersion = 'admissionregistration.k8s.io/v1';

/** A policy for the deployments of one namespace, bound. */
async function bind(s: Scope, kind: 'Validating' | 'Mutating', spec: object): Promise<() => Promise<void>> {
  const name = `${kind.toLowerCase()}-${s.namespace}`;
  const inNamespace = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': s.namespace } } };
  const resourceRules = [
    {
      operations: ['CREATE', 'UPDATE'],
      apiGroups: ['apps'],
      apiVersions: ['v1'],
      resources: ['deployments'],
    },
  ];
  await s.create(
    {
      apiVersion,
      kind: `${kind}AdmissionPolicy`,
      metadata: { name },
      spec: { failurePolicy: 'Fail', matchConstraints: { ...inNamespace, resourceRules }, ...spec },
    },
    {
      apiVersion,
      kind: `${kind}AdmissionPolicyBinding`,
      metadata: { name },
      spec: { policyName: name, ...(kind === 'Validating' ? { validationActions: ['Deny'] } : {}) },
    },
  );
  const plural = `${kind.toLowerCase()}admissionpolic`;
  return async () => {
    await s.delete(`${plural}ybindings.admissionregistration.k8s.io`, name);
    await s.delete(`${plural}ies.admissionregistration.k8s.io`, name);
  };
}

const policy = (kind: string, more: object) => (name: string) => ({
  apiVersion,
  kind,
  metadata: { name },
  spec: {
    matchConstraints: {
      resourceRules: [
        { operations: ['CREATE'], apiGroups: ['none.example.com'], apiVersions: ['v1'], resources: ['*'] },
      ],
    },
    ...more,
  },
});

const binding =
  (kind: string, more: object = {}) =>
  (name: string) => ({
    apiVersion,
    kind,
    metadata: { name },
    spec: { policyName: 'none.example.com', ...more },
  });

const group = 'admissionregistration.k8s.io';

export const admissionPolicies: Behaviours = (behaviour) => {
  behaviour('ValidatingAdmissionPolicy should validate against a Deployment', async (s) => {
    const remove = await bind(s, 'Validating', {
      validations: [
        {
          expression: 'object.spec.replicas > 1',
          messageExpression: "'wants more than 1, has ' + string(object.spec.replicas)",
        },
        { expression: 'namespaceObject.metadata.name == request.namespace' },
      ],
    });
    const { message } = await s.refusal(deployment('small', 1));
    assert.match(message, /denied request: wants more than 1, has 1$/);
    await s.create(deployment('large', 2));
    await remove();
  });

  behaviour('ValidatingAdmissionPolicy should allow expressions to refer variables.', async (s) => {
    const remove = await bind(s, 'Validating', {
      variables: [
        { name: 'replicas', expression: 'object.spec.replicas' },
        { name: 'oddReplicas', expression: 'variables.replicas % 2 == 1' },
      ],
      validations: [{ expression: 'variables.replicas > 1' }, { expression: 'variables.oddReplicas' }],
    });
    const { message } = await s.refusal(deployment('even', 2));
    assert.match(message, /failed expression: variables.oddReplicas$/);
    await s.create(deployment('odd', 3));
    await remove();
  });

  behaviour('ValidatingAdmissionPolicy should type check validation expressions', async (s) => {
    const name = `checked-${s.namespace}`;
    const remove = await bind(s, 'Validating', {
      validations: [{ expression: "object.spec.replicas > '1'" }],
    });
    const checked = await s.until(
      'validatingadmissionpolicies.admissionregistration.k8s.io',
      `validating-${s.namespace}`,
      'type checked',
      (found) => found.status?.typeChecking !== undefined,
    );
    const [{ fieldRef, warning }] = checked.status.typeChecking.expressionWarnings;
    assert.equal(fieldRef, 'spec.validations[0].expression', name);
    assert.match(warning, /apps\/v1, Kind=Deployment: .*found no matching overload for '_>_'/);
    await remove();
  });

  behaviour('ValidatingAdmissionPolicy should support ValidatingAdmissionPolicy API operations', (s) =>
    runLifecycle(s, {
      resource: `validatingadmissionpolicies.${group}`,
      namespaced: false,
      make: policy('ValidatingAdmissionPolicy', { validations: [{ expression: 'true' }] }),
      change: { spec: { failurePolicy: 'Ignore' } },
    }),
  );

  behaviour('ValidatingAdmissionPolicy should support ValidatingAdmissionPolicyBinding API operations', (s) =>
    runLifecycle(s, {
      resource: `validatingadmissionpolicybindings.${group}`,
      namespaced: false,
      make: binding('ValidatingAdmissionPolicyBinding', { validationActions: ['Deny'] }),
    }),
  );

  behaviour('MutatingAdmissionPolicy should mutate a Deployment', async (s) => {
    const remove = await bind(s, 'Mutating', {
      reinvocationPolicy: 'Never',
      mutations: [
        {
          patchType: 'ApplyConfiguration',
          applyConfiguration: {
            expression: 'Object{spec: Object.spec{replicas: object.spec.replicas + 100}}',
          },
        },
      ],
    });
    const made = await s.create(deployment('many', 0));
    await remove();
    assert.equal(made.spec.replicas, 100);
  });

  behaviour('MutatingAdmissionPolicy should mutate a Deployment with annotations', async (s) => {
    const remove = await bind(s, 'Mutating', {
      reinvocationPolicy: 'IfNeeded',
      mutations: [
        {
          patchType: 'JSONPatch',
          jsonPatch: {
            expression:
              "[JSONPatch{op: 'add', path: '/metadata/annotations', value: {'my-foo-annotation': 'myAnnotationValue'}}]",
          },
        },
      ],
    });
    const made = await s.create(deployment('noted', 0));
    await remove();
    assert.equal(made.metadata.annotations['my-foo-annotation'], 'myAnnotationValue');
  });

  behaviour('MutatingAdmissionPolicy should support MutatingAdmissionPolicy API operations', (s) =>
    runLifecycle(s, {
      resource: `mutatingadmissionpolicies.${group}`,
      namespaced: false,
      make: policy('MutatingAdmissionPolicy', {
        reinvocationPolicy: 'Never',
        mutations: [
          {
            patchType: 'JSONPatch',
            jsonPatch: { expression: "[JSONPatch{op: 'test', path: '/kind', value: 'None'}]" },
          },
        ],
      }),
      change: { spec: { failurePolicy: 'Ignore' } },
    }),
  );

  behaviour('MutatingAdmissionPolicy should support MutatingAdmissionPolicyBinding API operations', (s) =>
    runLifecycle(s, {
      resource: `mutatingadmissionpolicybindings.${group}`,
      namespaced: false,
      make: binding('MutatingAdmissionPolicyBinding'),
    }),
  );
};
