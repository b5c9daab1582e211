import { describe } from 'node:test';
import { kubectl } from './cli/kubectl.ts';
import { concurrent, conformanceSuite } from './support/suite.ts';

describe('[sig-cli] Kubectl client', concurrent, () => {
  kubectl(conformanceSuite('coa3'));
});
