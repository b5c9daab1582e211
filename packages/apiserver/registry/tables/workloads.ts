import { age, containerCells, labelsText, nameOf, selectorText } from './format.ts';
import { ageColumn, type ColumnSketch, column, field, nameColumn, type TableSketch, wide } from './table.ts';

/** Columns of the containers in a template, for wide output. */
export const templateColumns: readonly ColumnSketch[] = [
  wide('Containers', 'Names of each container in the template.'),
  wide('Images', 'Images referenced by each container in the template.'),
];

export const deployments: TableSketch = {
  columns: [
    nameColumn,
    column('Ready', 'Number of the pod with ready state'),
    column('Up-to-date', field('apps.v1.DeploymentStatus', 'updatedReplicas')),
    column('Available', field('apps.v1.DeploymentStatus', 'availableReplicas')),
    ageColumn,
    ...templateColumns,
    wide('Selector', field('apps.v1.DeploymentSpec', 'selector')),
  ],
  cells(object, now) {
    const { spec = {}, status = {} } = object;
    const selector = selectorText(spec.selector);
    return [
      nameOf(object),
      `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
      status.updatedReplicas ?? 0,
      status.availableReplicas ?? 0,
      age(object, now),
      ...containerCells(spec.template?.spec),
      selector === '<none>' ? '' : selector,
    ];
  },
};

export const statefulSets: TableSketch = {
  columns: [nameColumn, column('Ready', 'Number of the pod with ready state'), ageColumn, ...templateColumns],
  cells: (object, now) => [
    nameOf(object),
    `${object['status']?.readyReplicas ?? 0}/${object['spec']?.replicas ?? 0}`,
    age(object, now),
    ...containerCells(object['spec']?.template?.spec),
  ],
};

function replicaColumns(specType: string, statusType: string): readonly ColumnSketch[] {
  return [
    nameColumn,
    column('Desired', field(specType, 'replicas'), 'integer'),
    column('Current', field(statusType, 'replicas'), 'integer'),
    column('Ready', field(statusType, 'readyReplicas'), 'integer'),
    ageColumn,
    ...templateColumns,
    wide('Selector', field(specType, 'selector')),
  ];
}

export const replicaSets: TableSketch = {
  columns: replicaColumns('apps.v1.ReplicaSetSpec', 'apps.v1.ReplicaSetStatus'),
  cells(object, now) {
    const { spec = {}, status = {} } = object;
    return [
      nameOf(object),
      spec.replicas ?? 0,
      status.replicas ?? 0,
      status.readyReplicas ?? 0,
      age(object, now),
      ...containerCells(spec.template?.spec),
      selectorText(spec.selector),
    ];
  },
};

export const replicationControllers: TableSketch = {
  columns: replicaColumns('core.v1.ReplicationControllerSpec', 'core.v1.ReplicationControllerStatus'),
  cells(object, now) {
    const { spec = {}, status = {} } = object;
    return [
      nameOf(object),
      spec.replicas ?? 0,
      status.replicas ?? 0,
      status.readyReplicas ?? 0,
      age(object, now),
      ...containerCells(spec.template?.spec),
      labelsText(spec.selector),
    ];
  },
};

const daemonSetStatus = 'apps.v1.DaemonSetStatus';

export const daemonSets: TableSketch = {
  columns: [
    nameColumn,
    column('Desired', field(daemonSetStatus, 'desiredNumberScheduled'), 'integer'),
    column('Current', field(daemonSetStatus, 'currentNumberScheduled'), 'integer'),
    column('Ready', field(daemonSetStatus, 'numberReady'), 'integer'),
    column('Up-to-date', field(daemonSetStatus, 'updatedNumberScheduled'), 'integer'),
    column('Available', field(daemonSetStatus, 'numberAvailable'), 'integer'),
    column('Node Selector', field('core.v1.PodSpec', 'nodeSelector')),
    ageColumn,
    ...templateColumns,
    wide('Selector', field('apps.v1.DaemonSetSpec', 'selector')),
  ],
  cells(object, now) {
    const { spec = {}, status = {} } = object;
    return [
      nameOf(object),
      status.desiredNumberScheduled ?? 0,
      status.currentNumberScheduled ?? 0,
      status.numberReady ?? 0,
      status.updatedNumberScheduled ?? 0,
      status.numberAvailable ?? 0,
      labelsText(spec.template?.spec?.nodeSelector),
      age(object, now),
      ...containerCells(spec.template?.spec),
      selectorText(spec.selector),
    ];
  },
};

export const controllerRevisions: TableSketch = {
  columns: [
    nameColumn,
    column('Controller', 'Controller of the object'),
    column('Revision', field('apps.v1.ControllerRevision', 'revision')),
    ageColumn,
  ],
  cells(object, now) {
    const owner = object.metadata.ownerReferences?.find((reference) => reference.controller);
    const group = owner?.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : '';
    const controller = owner ? `${`${owner.kind}${group}`.toLowerCase()}/${owner.name}` : '<none>';
    return [nameOf(object), controller, object['revision'] ?? 0, age(object, now)];
  },
};
