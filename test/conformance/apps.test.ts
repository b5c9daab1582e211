import { describe } from 'node:test';
import { daemonSets } from './apps/daemon-sets.ts';
import { deployments } from './apps/deployments.ts';
import { replicaSets } from './apps/replica-sets.ts';
import { statefulSets } from './apps/stateful-sets.ts';
import { concurrent, conformanceSuite, serial } from './support/suite.ts';

const suite = conformanceSuite('coa4');

describe('[sig-apps]', concurrent, () => {
  deployments(suite);
  replicaSets(suite);
  statefulSets(suite);
});

describe('[sig-apps] on every node', serial, () => {
  daemonSets(suite);
});
