import { describe } from 'node:test';
import { cronJobs } from './apps/cron-jobs.ts';
import { daemonSets } from './apps/daemon-sets.ts';
import { deployments } from './apps/deployments.ts';
import { disruption } from './apps/disruption.ts';
import { jobs } from './apps/jobs.ts';
import { replicaSets } from './apps/replica-sets.ts';
import { statefulSets } from './apps/stateful-sets.ts';
import { concurrent, conformanceSuite, serial } from './support/suite.ts';

const suite = conformanceSuite('coa4');

describe('[sig-apps]', { concurrency: true }, () => {
  // Schedules wait for the turn of minutes, while the others work.
  describe('scheduled', concurrent, () => cronJobs(suite));

  describe('workloads', concurrent, () => {
    deployments(suite);
    disruption(suite);
    jobs(suite);
    replicaSets(suite);
    statefulSets(suite);
  });

  describe('on every node', serial, () => daemonSets(suite));
});
