import { describe } from 'node:test';
import { discovery } from './api-machinery/discovery.ts';
import { flowControl } from './api-machinery/flow-control.ts';
import { garbageCollector } from './api-machinery/garbage-collector.ts';
import { lists } from './api-machinery/lists.ts';
import { namespaces } from './api-machinery/namespaces.ts';
import { resourceQuota } from './api-machinery/resource-quota.ts';
import { watchers } from './api-machinery/watchers.ts';
import { concurrent, conformanceSuite } from './support/suite.ts';

// Compaction is frequent, for a list's continue token to expire soon; it takes two rounds.
const suite = conformanceSuite('coa1', '--etcd-compaction-interval=5s');

describe('[sig-api-machinery]', concurrent, () => {
  discovery(suite);
  flowControl(suite);
  garbageCollector(suite);
  lists(suite);
  namespaces(suite);
  resourceQuota(suite);
  watchers(suite);
});
