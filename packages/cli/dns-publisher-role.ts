import type { Client } from '@coxswain/client';
import { isAlreadyExists, type KubeObject } from '@coxswain/machinery';

/** Whom the part that keeps Service `kube-dns` acts as. */
export const dnsPublisherUser = 'system:coxswain:dns-publisher';

const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1' } as const;

/** Gives the DNS publisher the rights it needs and no more. */
export async function dnsPublisherRole(client: Client): Promise<void> {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const metadata = { name: dnsPublisherUser };
  const ensure = async (
    resource: string,
    namespace: string | undefined,
    object: KubeObject,
  ): Promise<void> => {
    try {
      await client.resource({ ...rbac, resource }, namespace).create(object);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  };
  const subjects = [{ kind: 'User', apiGroup: rbac.group, name: dnsPublisherUser }];
  await ensure('clusterroles', undefined, {
    apiVersion,
    kind: 'ClusterRole',
    metadata,
    rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] }],
  });
  await ensure('clusterrolebindings', undefined, {
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata,
    roleRef: { apiGroup: rbac.group, kind: 'ClusterRole', name: dnsPublisherUser },
    subjects,
  });
  const inSystem = { ...metadata, namespace: 'kube-system' };
  await ensure('roles', 'kube-system', {
    apiVersion,
    kind: 'Role',
    metadata: inSystem,
    rules: [
      { apiGroups: [''], resources: ['services'], verbs: ['get', 'create'] },
      {
        apiGroups: ['discovery.k8s.io'],
        resources: ['endpointslices'],
        verbs: ['get', 'list', 'create', 'update', 'delete'],
      },
    ],
  });
  await ensure('rolebindings', 'kube-system', {
    apiVersion,
    kind: 'RoleBinding',
    metadata: inSystem,
    roleRef: { apiGroup: rbac.group, kind: 'Role', name: dnsPublisherUser },
    subjects,
  });
}
