import type { FamilyOptions, MetricsRegistry } from '@coxswain/machinery';

const seconds = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30];
const lengths = [0, 10, 25, 50, 100, 250, 500, 1000];
const watches = [0, 1, 10, 100, 1000, 10_000];
const seats = [1, 2, 4, 8, 16, 32, 64, 100];
const demand = [0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.4, 1.7, 2, 2.8, 4, 6];
const seatParts = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1];
const requestParts = [0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.25, 0.5, 0.75, 1];

/** Of what is weighed by time upstream says nothing. */
type FlowStability = NonNullable<FamilyOptions['stability']>;

const both = ['priority_level', 'flow_schema'];
const level = ['priority_level'];
const bounds = ['priority_level', 'bound'];

/** The families of priority and fairness. */
export function flowMetrics(registry: MetricsRegistry) {
  const options = (
    name: string,
    help: string,
    labels: readonly string[],
    stability: FlowStability,
  ): FamilyOptions => ({ name: `apiserver_flowcontrol_${name}`, help, labels, stability });
  const counter = (name: string, help: string, labels = both, stability: FlowStability = 'ALPHA') =>
    registry.counter(options(name, help, labels, stability));
  const gauge = (name: string, help: string, labels = level, stability: FlowStability = 'ALPHA') =>
    registry.gauge(options(name, help, labels, stability));
  const histogram = (
    name: string,
    help: string,
    labels: readonly string[],
    buckets: readonly number[],
    stability: FlowStability = 'ALPHA',
  ) => registry.histogram({ ...options(name, help, labels, stability), buckets });
  return {
    rejected: counter(
      'rejected_requests_total',
      'Requests that were refused, and why.',
      [...both, 'reason'],
      'BETA',
    ),
    dispatched: counter('dispatched_requests_total', 'Requests that were let run.', both, 'BETA'),
    passedOver: counter(
      'request_dispatch_no_accommodation_total',
      'Times that the next request needed more seats than were free.',
    ),
    waiting: histogram(
      'request_wait_duration_seconds',
      'Time that requests waited in queues.',
      [...both, 'execute'],
      seconds,
      'BETA',
    ),
    execution: histogram(
      'request_execution_seconds',
      'Time from dispatch to the end of requests; of watches, to the end of their beginning.',
      [...both, 'type'],
      seconds,
    ),
    queueLength: histogram(
      'request_queue_length_after_enqueue',
      'Length of the queue after a request joined it.',
      both,
      lengths,
    ),
    watchCounts: histogram(
      'watch_count_samples',
      'Watches that look at what a write changes.',
      both,
      watches,
    ),
    seats: histogram('work_estimated_seats', 'Seats that requests were taken to need.', both, seats),
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
    demand: histogram(
      'demand_seats',
      'Demand as a part of the seats, weighed by its time.',
      level,
      demand,
      'UNSAID',
    ),
    seatUtilization: histogram(
      'priority_level_seat_utilization',
      'Seats that are taken as a part of all, weighed by their time.',
      ['phase', ...level],
      seatParts,
      'UNSAID',
    ),
    requestUtilization: histogram(
      'priority_level_request_utilization',
      'Requests as a part of what the level takes, weighed by their time.',
      ['phase', ...level],
      requestParts,
      'UNSAID',
    ),
    progress: gauge('current_r', 'Progress of the queues at the last change.'),
    dispatchProgress: gauge('dispatch_r', 'Progress of the queues at the last dispatch.'),
    latest: gauge('latest_s', 'Progress at which the request was due that was dispatched last.'),
    next: gauge('next_s_bounds', 'Least and most, over queues, at which the next request was due.', bounds),
    nextDiscounted: gauge(
      'next_discounted_s_bounds',
      'The same without the estimated work that runs.',
      bounds,
    ),
  };
}

export type FlowMetrics = ReturnType<typeof flowMetrics>;
