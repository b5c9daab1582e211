import { describe } from 'node:test';
import { reviews } from './auth/reviews.ts';
import { serviceAccounts } from './auth/service-accounts.ts';
import { events } from './instrumentation/events.ts';
import { limitRanges } from './scheduling/limit-range.ts';
import { scheduling } from './scheduling/predicates.ts';
import { priorityClasses } from './scheduling/priority-class.ts';
import { concurrent, conformanceSuite, serial } from './support/suite.ts';

const suite = conformanceSuite('coa2');

describe('[sig-auth] [sig-instrumentation]', concurrent, () => {
  events(suite);
  reviews(suite);
  serviceAccounts(suite);
});

describe('[sig-scheduling]', serial, () => {
  limitRanges(suite);
  priorityClasses(suite);
  scheduling(suite);
});
