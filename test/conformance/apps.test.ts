import { describe } from 'node:test';
import { deployments } from './apps/deployments.ts';
import { replicaSets } from './apps/replica-sets.ts';
import { concurrent, conformanceSuite } from './support/suite.ts';

const suite = conformanceSuite('coa4');

describe('[sig-apps]', concurrent, () => {
  deployments(suite);
  replicaSets(suite);
});
