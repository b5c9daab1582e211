import type { FlagSpecs } from '../../flags.ts';
import { Failure } from '../error-text.ts';
import type { Session } from '../session.ts';
import { generatorVerb } from './generator.ts';

const rbac = 'rbac.authorization.k8s.io';
const subjectFlags: FlagSpecs = {
  clusterrole: { type: 'string', help: 'Cluster role to bind' },
  group: { type: 'strings', help: 'Groups to bind it to' },
  serviceaccount: { type: 'strings', help: 'Service accounts to bind it to, as namespace:name' },
  user: { type: 'strings', help: 'Users to bind it to' },
};

export const roleBinding = generatorVerb({
  usage:
    'create rolebinding NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname]',
  summary: 'Create a role binding for a particular role or cluster role.',
  flags: { ...subjectFlags, role: { type: 'string', help: 'Role to bind' } },
  failing: 'rolebinding',
  build: (session, name) => {
    const [role, clusterRole] = [session.flags.string('role'), session.flags.string('clusterrole')];
    if ((role === undefined) === (clusterRole === undefined)) {
      throw new Failure('exactly one of clusterrole or role must be specified');
    }
    const [kind, target] = role === undefined ? ['ClusterRole', clusterRole] : ['Role', role];
    return bindingOf('RoleBinding', name, kind as string, target as string, session);
  },
});

export const clusterRoleBinding = generatorVerb({
  usage:
    'create clusterrolebinding NAME --clusterrole=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname]',
  summary: 'Create a cluster role binding for a particular cluster role.',
  flags: subjectFlags,
  failing: 'clusterrolebinding',
  build: (session, name) => {
    const clusterRole = session.flags.string('clusterrole') ?? '';
    if (clusterRole === '') throw new Failure('clusterrole must be specified');
    return bindingOf('ClusterRoleBinding', name, 'ClusterRole', clusterRole, session);
  },
});

function bindingOf(kind: string, name: string, roleKind: string, roleName: string, session: Session) {
  return {
    apiVersion: `${rbac}/v1`,
    kind,
    metadata: { name },
    roleRef: { apiGroup: rbac, kind: roleKind, name: roleName },
    ...subjectsOf(session),
  };
}

function subjectsOf({ flags }: Session): { subjects?: object[] } {
  const subjects = [
    ...flags.strings('user').map((name) => ({ apiGroup: rbac, kind: 'User', name })),
    ...flags.strings('group').map((name) => ({ apiGroup: rbac, kind: 'Group', name })),
    ...flags.strings('serviceaccount').map((text) => {
      const [namespace, name, ...more] = text.split(':');
      if (!namespace || !name || more.length > 0) {
        throw new Failure('serviceaccount must be <namespace>:<name>');
      }
      return { kind: 'ServiceAccount', name, namespace };
    }),
  ];
  return subjects.length > 0 ? { subjects } : {};
}
