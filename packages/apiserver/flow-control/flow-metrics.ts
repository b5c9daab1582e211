import { exponentialBuckets, type MetricsRegistry } from '@coxswain/machinery';

const seconds = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30];
const lengths = [0, 10, 25, 50, 100, 250, 500, 1000];
const seats = [1, 2, 4, 10];

const both = ['priority_level', 'flow_schema'];
const level = ['priority_level'];
const prefix = 'apiserver_flowcontrol_';

/** The families of priority and fairness. */
export function flowMetrics(registry: MetricsRegistry) {
  const gauge = (name: string, help: string, labels = level, stability: 'ALPHA' | 'BETA' = 'ALPHA') =>
    registry.gauge({ name: prefix + name, help, labels, stability });
  return {
    rejected: registry.counter({
      name: `${prefix}rejected_requests_total`,
      help: 'Requests that were refused, and why.',
      labels: [...both, 'reason'],
      stability: 'BETA',
    }),
    dispatched: registry.counter({
      name: `${prefix}dispatched_requests_total`,
      help: 'Requests that were let run.',
      labels: both,
      stability: 'BETA',
    }),
    waiting: registry.histogram({
      name: `${prefix}request_wait_duration_seconds`,
      help: 'Time that requests waited in queues.',
      labels: [...both, 'execute'],
      buckets: seconds,
      stability: 'BETA',
    }),
    execution: registry.histogram({
      name: `${prefix}request_execution_seconds`,
      help: 'Time from dispatch to the end of requests.',
      labels: [...both, 'type'],
      buckets: seconds,
    }),
    queueLength: registry.histogram({
      name: `${prefix}request_queue_length_after_enqueue`,
      help: 'Length of the queue after a request joined it.',
      labels: both,
      buckets: lengths,
    }),
    seats: registry.histogram({
      name: `${prefix}work_estimated_seats`,
      help: 'Seats that requests were taken to need.',
      labels: both,
      buckets: seats,
    }),
    executingRequests: gauge('current_executing_requests', 'Requests that run.', both, 'BETA'),
    inqueueRequests: gauge('current_inqueue_requests', 'Requests that wait in queues.', both, 'BETA'),
    executingSeats: gauge('current_executing_seats', 'Seats of the requests that run.', both, 'BETA'),
    inqueueSeats: gauge('current_inqueue_seats', 'Seats of the requests that wait.', both),
    nominal: gauge('nominal_limit_seats', 'Seats by shares.', level, 'BETA'),
    lower: gauge('lower_limit_seats', 'Seats that are never lent.'),
    upper: gauge('upper_limit_seats', 'Seats with all that may be borrowed.'),
    current: gauge('current_limit_seats', 'Seats as they are distributed now.'),
    target: gauge('target_seats', 'Seats that the distribution aimed at.'),
    fraction: gauge('seat_fair_frac', 'Fraction of the targets that everybody gets.', []),
    demandAverage: gauge('demand_seats_average', 'Mean demand of the last period.'),
    demandDeviation: gauge('demand_seats_stdev', 'Standard deviation of demand in the last period.'),
    demandHigh: gauge('demand_seats_high_watermark', 'Highest demand of the last period.'),
    demandSmoothed: gauge('demand_seats_smoothed', 'Smoothed demand.'),
    demand: registry.histogram({
      name: `${prefix}demand_seats`,
      help: 'Demand for seats as a fraction of the nominal limit, at each adjustment.',
      labels: level,
      buckets: [0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.4, 1.7, 2, ...exponentialBuckets(2.8, Math.SQRT2, 6)],
    }),
  };
}

export type FlowMetrics = ReturnType<typeof flowMetrics>;
