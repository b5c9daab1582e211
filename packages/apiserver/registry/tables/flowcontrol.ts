import type { KubeObject } from '@coxswain/machinery';
import { age, nameOf } from './format.ts';
import { ageColumn, column, field, nameColumn, type TableSketch } from './table.ts';

const schemaSpec = 'flowcontrol.v1.FlowSchemaSpec';

const precedenceOf = (schema: KubeObject): number => schema['spec']?.matchingPrecedence ?? 0;

export const flowSchemas: TableSketch = {
  // as they are tried, lists come in the order of names
  compare: (a, b) => precedenceOf(a) - precedenceOf(b),
  columns: [
    nameColumn,
    column('PriorityLevel', field('flowcontrol.v1.PriorityLevelConfigurationReference', 'name')),
    column('MatchingPrecedence', field(schemaSpec, 'matchingPrecedence')),
    column('DistinguisherMethod', field(schemaSpec, 'distinguisherMethod')),
    ageColumn,
    column('MissingPL', 'references a broken or non-existent PriorityLevelConfiguration'),
  ],
  cells(object, now) {
    const { spec = {}, status = {} } = object;
    const dangling = (status.conditions ?? []).find((c: { type: string }) => c.type === 'Dangling');
    return [
      nameOf(object),
      spec.priorityLevelConfiguration?.name ?? '',
      spec.matchingPrecedence ?? 0,
      spec.distinguisherMethod?.type ?? '<none>',
      age(object, now),
      dangling?.status ?? '?',
    ];
  },
};

const queuing = 'flowcontrol.v1.QueuingConfiguration';

export const priorityLevelConfigurations: TableSketch = {
  columns: [
    nameColumn,
    column('Type', field('flowcontrol.v1.PriorityLevelConfigurationSpec', 'type')),
    column(
      'NominalConcurrencyShares',
      field('flowcontrol.v1.LimitedPriorityLevelConfiguration', 'nominalConcurrencyShares'),
    ),
    column('Queues', field(queuing, 'queues')),
    column('HandSize', field(queuing, 'handSize')),
    column('QueueLengthLimit', field(queuing, 'queueLengthLimit')),
    ageColumn,
  ],
  cells(object, now) {
    const { type = '', limited } = object['spec'] ?? {};
    const queues = limited?.limitResponse?.queuing;
    return [
      nameOf(object),
      type,
      limited ? (limited.nominalConcurrencyShares ?? 0) : '<none>',
      queues?.queues ?? '<none>',
      queues?.handSize ?? '<none>',
      queues?.queueLengthLimit ?? '<none>',
      age(object, now),
    ];
  },
};
