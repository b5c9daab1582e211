import type { KubeObject } from '@coxswain/machinery';
import { age, nameOf } from './format.ts';
import { ageColumn, column, createdColumn, nameColumn, type TableSketch, wide } from './table.ts';

/** Name and time of creation: roles, and kinds without a printer of their own. */
export const nameAndCreation: TableSketch = {
  columns: [nameColumn, createdColumn],
  cells: (object) => [nameOf(object), object.metadata.creationTimestamp ?? null],
};

interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

function subjectTexts(binding: KubeObject): string[] {
  const subjects = (binding['subjects'] ?? []) as Subject[];
  const named = (kind: string): Subject[] => subjects.filter((s) => s.kind === kind);
  return [
    named('User')
      .map((s) => s.name)
      .join(', '),
    named('Group')
      .map((s) => s.name)
      .join(', '),
    named('ServiceAccount')
      .map((s) => `${s.namespace ?? ''}/${s.name}`)
      .join(', '),
  ];
}

function bindings(kind: string, role: string): TableSketch {
  return {
    columns: [
      nameColumn,
      column('Role', role),
      ageColumn,
      wide('Users', `Users in the ${kind}`),
      wide('Groups', `Groups in the ${kind}`),
      wide('ServiceAccounts', `ServiceAccounts in the ${kind}`),
    ],
    cells: (object, now) => [
      nameOf(object),
      `${object['roleRef']?.kind}/${object['roleRef']?.name}`,
      age(object, now),
      ...subjectTexts(object),
    ],
  };
}

export const roleBindings: TableSketch = bindings(
  'roleBinding',
  'RoleRef can reference a Role in the current namespace or a ClusterRole in the global namespace. If the RoleRef cannot be resolved, the Authorizer must return an error.',
);

export const clusterRoleBindings: TableSketch = bindings(
  'clusterRoleBinding',
  'RoleRef can only reference a ClusterRole in the global namespace. If the RoleRef cannot be resolved, the Authorizer must return an error.',
);
