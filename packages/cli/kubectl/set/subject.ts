import { deepEqual, type KubeObject } from '@coxswain/machinery';
import { Failure } from '../error-text.ts';
import { selectorFlags } from '../shared-flags.ts';
import type { Verb } from '../verb.ts';
import { changeObjects, setFlags } from './change-objects.ts';

const group = 'rbac.authorization.k8s.io';

export const subject: Verb = {
  usage:
    'set subject (-f FILENAME | TYPE NAME) [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]',
  summary: 'Update the user, group, or service account in a role binding or cluster role binding.',
  flags: {
    ...setFlags,
    ...selectorFlags,
    group: { type: 'strings', help: 'Groups to bind to the role' },
    serviceaccount: { type: 'strings', help: 'Service accounts to bind to the role, as namespace:name' },
    user: { type: 'strings', help: 'Users to bind to the role' },
  },
  run: async (session) => {
    const { flags, args } = session;
    const sorted = (name: string): string[] => [...new Set(flags.values(name))].sort();
    const [users, groups, accounts] = [sorted('user'), sorted('group'), sorted('serviceaccount')];
    if (flags.bool('all') && flags.string('selector')) {
      throw new Failure('cannot set --all and --selector at the same time');
    }
    if (users.length + groups.length + accounts.length === 0) {
      throw new Failure('you must specify at least one value of user, group or serviceaccount');
    }
    const namespace = await session.namespace();
    return changeObjects(session, {
      resources: args,
      done: 'subjects updated',
      change: (object, { mapping, name }) => {
        const wanted = [
          ...users.map((name) => ({ apiGroup: group, kind: 'User', name })),
          ...groups.map((name) => ({ apiGroup: group, kind: 'Group', name })),
          ...accounts.map((account) => accountSubject(account, object, namespace)),
        ];
        if (!/^(Cluster)?RoleBinding$/.test(object.kind)) {
          throw new Failure(
            `${mapping.resource}/${name} setting subjects is only supported for RoleBinding/ClusterRoleBinding`,
          );
        }
        const held: readonly object[] = object['subjects'] ?? [];
        object['subjects'] = [
          ...held,
          ...wanted.filter((each) => !held.some((other) => deepEqual(each, other))),
        ];
      },
    });
  },
};

function accountSubject(account: string, { kind }: KubeObject, fallback: string): object {
  const [namespace = '', name = '', ...more] = account.split(':');
  if (name === '' || more.length > 0) throw new Failure('serviceaccount must be <namespace>:<name>');
  if (namespace === '' && kind === 'ClusterRoleBinding') {
    throw new Failure('serviceaccount must be <namespace>:<name>, namespace must be specified');
  }
  return { kind: 'ServiceAccount', name, namespace: namespace || fallback };
}
