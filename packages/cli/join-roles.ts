import type { Client } from '@coxswain/client';
import { isAlreadyExists, type KubeObject } from '@coxswain/machinery';

const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1' } as const;
const apiVersion = 'rbac.authorization.k8s.io/v1';
const clusterInfoReader = 'system:coxswain:cluster-info';

type Subject = Readonly<{ kind: string; apiGroup: string; name: string }>;

const group = (name: string): Subject => ({ kind: 'Group', apiGroup: rbac.group, name });

function clusterBinding(name: string, role: string, subject: Subject): KubeObject {
  return {
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: rbac.group, kind: 'ClusterRole', name: role },
    subjects: [subject],
  };
}

const certificates = 'system:certificates.k8s.io:certificatesigningrequests';

/** What kubeadm grants for joining: ask for a node's certificate, have it approved, and renew it as the node. */
const objects: readonly (readonly [resource: string, namespace: string | undefined, object: KubeObject])[] = [
  [
    'clusterrolebindings',
    undefined,
    clusterBinding('system:coxswain:bootstrap', 'system:node-bootstrapper', group('system:bootstrappers')),
  ],
  [
    'clusterrolebindings',
    undefined,
    clusterBinding(
      'system:coxswain:approve-bootstrap',
      `${certificates}:nodeclient`,
      group('system:bootstrappers'),
    ),
  ],
  [
    'clusterrolebindings',
    undefined,
    clusterBinding(
      'system:coxswain:approve-renewal',
      `${certificates}:selfnodeclient`,
      group('system:nodes'),
    ),
  ],
  [
    'roles',
    'kube-public',
    {
      apiVersion,
      kind: 'Role',
      metadata: { name: clusterInfoReader, namespace: 'kube-public' },
      rules: [
        { apiGroups: [''], resources: ['configmaps'], resourceNames: ['cluster-info'], verbs: ['get'] },
      ],
    },
  ],
  [
    'rolebindings',
    'kube-public',
    {
      apiVersion,
      kind: 'RoleBinding',
      metadata: { name: clusterInfoReader, namespace: 'kube-public' },
      roleRef: { apiGroup: rbac.group, kind: 'Role', name: clusterInfoReader },
      subjects: [{ kind: 'User', apiGroup: rbac.group, name: 'system:anonymous' }],
    },
  ],
];

/** Creates what is missing of the roles that joining needs. `client` must be allowed to grant them. */
export async function ensureJoinRoles(client: Client): Promise<void> {
  for (const [resource, namespace, object] of objects) {
    try {
      await client.resource({ ...rbac, resource }, namespace).create(object);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }
}
