import type { HeldLoop } from '../support/held-loop.ts';

const rbac = '/apis/rbac.authorization.k8s.io/v1';
const authorization = '/apis/authorization.k8s.io/v1';
const apiVersion = 'rbac.authorization.k8s.io/v1';
const roleBindings = 5_000;
const rules = 8_000;

/** Questions about what a user may, among many bindings and rules. */
export async function access(loop: HeldLoop): Promise<void> {
  const namespaced = `${rbac}/namespaces/default`;
  await loop.post(`${namespaced}/roles`, {
    apiVersion,
    kind: 'Role',
    metadata: { name: 'reader' },
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
  });
  await loop.fill(`${namespaced}/rolebindings`, roleBindings, (index) =>
    JSON.stringify({
      apiVersion,
      kind: 'RoleBinding',
      metadata: { name: `binding-${index}` },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: `user-${index}` }],
    }),
  );
  const review = (user: string, resource: string): Promise<unknown> =>
    loop.post(`${authorization}/subjectaccessreviews`, {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user, resourceAttributes: { namespace: 'default', verb: 'get', resource } },
    });
  for (const round of ['', ', again']) {
    await loop.held(`access review among ${roleBindings} bindings${round}`, () =>
      review('user-4999', 'secrets'),
    );
  }
  await loop.held(`create, role of ${rules} rules`, () =>
    loop.post(`${rbac}/clusterroles`, {
      apiVersion,
      kind: 'ClusterRole',
      metadata: { name: 'many' },
      rules: Array.from({ length: rules }, (_, i) => ({
        apiGroups: [`group-${i}.example.com`],
        resources: ['things', 'others'],
        verbs: ['get', 'list'],
      })),
    }),
  );
  await loop.held('create, binding to it', () =>
    loop.post(`${rbac}/clusterrolebindings`, {
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'many' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'many' },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'somebody' }],
    }),
  );
  for (const round of ['', ', again']) {
    await loop.held(`access review among ${rules} rules${round}`, () => review('somebody', 'secrets'));
  }
  const impersonate = 'Impersonate-User: somebody\r\n';
  const rulesReview = JSON.stringify({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectRulesReview',
    spec: { namespace: 'default' },
  });
  await loop.held(`rules review of ${rules} rules`, () =>
    loop.send(
      'POST',
      `${authorization}/selfsubjectrulesreviews`,
      rulesReview,
      undefined,
      undefined,
      impersonate,
    ),
  );
  await loop.held(`create, role of ${rules} rules by somebody who has them`, async () => {
    // It is refused, after every rule has been looked for.
    await loop.client.request(
      'POST',
      `${rbac}/clusterroles`,
      JSON.stringify({
        apiVersion,
        kind: 'ClusterRole',
        metadata: { name: 'many-again' },
        rules: Array.from({ length: rules }, (_, i) => ({
          apiGroups: [`group-${i}.example.com`],
          resources: ['things', 'others'],
          verbs: ['get'],
        })),
      }),
    );
  });
  await loop.held('change of one binding', () =>
    loop.send(
      'PATCH',
      `${namespaced}/rolebindings/binding-7`,
      JSON.stringify({ metadata: { labels: { a: 'b' } } }),
      'application/merge-patch+json',
    ),
  );
  await loop.held('access review after that', () => review('user-7', 'pods'));
}
