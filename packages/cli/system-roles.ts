import type { Client } from '@coxswain/client';
import { isAlreadyExists, type KubeObject } from '@coxswain/machinery';

/** Whom the part that keeps Service `kube-dns` acts as. */
export const dnsPublisherUser = 'system:coxswain:dns-publisher';

/** Lets agents run proxy, DNS and pod network with the credentials of their node. */
const nodeNetwork = 'system:coxswain:node-network';

const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1' } as const;
const apiVersion = 'rbac.authorization.k8s.io/v1';

interface Subject {
  readonly kind: string;
  readonly apiGroup: string;
  readonly name: string;
}

const publisher: Subject = { kind: 'User', apiGroup: rbac.group, name: dnsPublisherUser };
const nodes: Subject = { kind: 'Group', apiGroup: rbac.group, name: 'system:nodes' };

/** The roles and bindings of parts that upstream's bootstrap policy does not know. */
const objects: readonly (readonly [resource: string, namespace: string | undefined, object: KubeObject])[] = [
  [
    'clusterroles',
    undefined,
    {
      apiVersion,
      kind: 'ClusterRole',
      metadata: { name: dnsPublisherUser },
      rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] }],
    },
  ],
  ['clusterrolebindings', undefined, binding('ClusterRole', dnsPublisherUser, dnsPublisherUser, publisher)],
  // A machine with a kubelet runs a proxy as well: it can read what proxies read in any case.
  ['clusterrolebindings', undefined, binding('ClusterRole', nodeNetwork, 'system:node-proxier', nodes)],
  [
    'roles',
    'kube-system',
    {
      apiVersion,
      kind: 'Role',
      metadata: { name: dnsPublisherUser, namespace: 'kube-system' },
      rules: [
        { apiGroups: [''], resources: ['services'], verbs: ['get', 'create'] },
        {
          apiGroups: ['discovery.k8s.io'],
          resources: ['endpointslices'],
          verbs: ['get', 'list', 'create', 'update', 'delete'],
        },
      ],
    },
  ],
  [
    'rolebindings',
    'kube-system',
    binding('Role', dnsPublisherUser, dnsPublisherUser, publisher, 'kube-system'),
  ],
];

function binding(
  kind: 'Role' | 'ClusterRole',
  name: string,
  role: string,
  subject: Subject,
  namespace?: string,
): KubeObject {
  return {
    apiVersion,
    kind: `${kind}Binding`,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    roleRef: { apiGroup: rbac.group, kind, name: role },
    subjects: [subject],
  };
}

/** Creates the roles that are missing. `client` must be allowed to grant them. */
export async function ensureSystemRoles(client: Client): Promise<void> {
  for (const [resource, namespace, object] of objects) {
    try {
      await client.resource({ ...rbac, resource }, namespace).create(object);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }
}
