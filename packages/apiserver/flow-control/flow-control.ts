import type { Clock, KubeObject, MetricsRegistry } from '@coxswain/machinery';
import type { UserInfo } from '../access/contract.ts';
import { bootstrapObjects } from '../bootstrap/objects.ts';
import type { RequestInfo } from '../http/request-info.ts';
import type { RequestQuery } from '../registry/context.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import { borrow } from './borrowing.ts';
import { seatLimits } from './concurrency.ts';
import { inOrder, type LevelConfig, levelConfig, schemaConfig } from './config.ts';
import { type RequestLimiter, type Ticket, TooManyRequests, type WaitingTicket } from './contract.ts';
import { DroppedRequests } from './dropped-requests.ts';
import type { Flow, Schema } from './flow.ts';
import { FlowClassifier } from './flow-classifier.ts';
import { FlowCounters } from './flow-counters.ts';
import { type FlowMetrics, flowMetrics } from './flow-metrics.ts';
import { FlowTicket, type TicketOwner } from './flow-ticket.ts';
import { listSeats } from './list-work.ts';
import { mutatingWork, tellsWatchers } from './mutating-work.ts';
import { PriorityLevel } from './priority-level.ts';
import { seatSeconds } from './seat-work.ts';
import type { Rejection } from './seated-request.ts';
import { WatchTracker } from './watch-tracker.ts';
import { oneSeat, type WorkEstimate } from './work-estimate.ts';

export interface FlowControlOptions {
  readonly clock: Clock;
  readonly resources: ResourceRegistry;
  readonly metrics: MetricsRegistry;
  /** Seats of the whole server: `--max-requests-inflight` and `--max-mutating-requests-inflight` together. */
  readonly serverSeats: number;
  /** Is told how many requests may run at once and how many may wait. */
  readonly limited?: (executing: number, waiting: number) => void;
}

/** Seats move between levels this often. */
const adjustMs = 10_000;
/** A level without seats is measured by this part of the server's. */
const partOfServer = 1 / 10;
const mandatory = ['exempt', 'catch-all'];

/** API priority and fairness: which requests run, which wait and which are refused. */
export class FlowControl implements RequestLimiter, TicketOwner {
  readonly #options: FlowControlOptions;
  readonly #metrics: FlowMetrics;
  readonly #dropped: DroppedRequests;
  readonly #watches = new WatchTracker();
  readonly #levels = new Map<string, PriorityLevel>();
  #classifier = new FlowClassifier([]);
  /** The configuration as it is now. */
  #levelObjects: readonly KubeObject[] = [];
  #schemaObjects: readonly KubeObject[] = [];
  #timer: { cancel(): void };

  constructor(options: FlowControlOptions) {
    this.#options = options;
    this.#metrics = flowMetrics(options.metrics);
    this.#dropped = new DroppedRequests(options.clock);
    this.digest([], []);
    const adjust = (): void => {
      this.adjust();
      this.#timer = options.clock.after(adjustMs, adjust);
    };
    this.#timer = options.clock.after(adjustMs, adjust);
    options.metrics.beforeWrite(() => this.#tellProgress());
  }

  close(): void {
    this.#timer.cancel();
  }

  /** Levels by name, also those that are being drained. */
  get levels(): ReadonlyMap<string, PriorityLevel> {
    return this.#levels;
  }

  /** Takes the configuration objects as they are now; the mandatory ones are there even when they are not. */
  digest(levelObjects: readonly KubeObject[], schemaObjects: readonly KubeObject[]): void {
    this.#levelObjects = levelObjects;
    this.#schemaObjects = schemaObjects;
    this.#digestLevels(withMandatory(levelObjects, 'PriorityLevelConfiguration').map(levelConfig));
    const schemas = withMandatory(schemaObjects, 'FlowSchema').map(schemaConfig);
    const atWork = inOrder(schemas).flatMap((config): Schema[] => {
      const level = this.#levels.get(config.level);
      if (level === undefined || level.quiescing) return [];
      const classification = { levelUid: level.config.uid, schemaUid: config.uid };
      return [{ config, level, classification, counters: undefined }];
    });
    this.#classifier = new FlowClassifier(atWork);
    this.adjust();
  }

  admit(
    user: UserInfo,
    info: RequestInfo,
    query: RequestQuery,
    waitLimitMs: number,
    now: number,
  ): Ticket | WaitingTicket {
    const flow = this.#classifier.classify(user, info);
    const { schema, hand } = flow;
    const { level } = schema;
    schema.counters ??= this.#countersOf(schema);
    const { counters } = schema;
    const estimate = this.#estimate(info, query, level, counters);
    const request = new FlowTicket(this, { flow, user, info }, counters, estimate, now);
    counters.seats.observe(request.seats);
    const rejection = level.queues.start(request, hand, waitLimitMs);
    if (rejection !== undefined) {
      if (counters.queued !== undefined) this.#waitedInVain(schema, 0);
      throw this.#refusal(schema, rejection);
    }
    if (request.queue !== undefined) {
      // One that runs at once has been in its queue too, for no time.
      const { length } = request.queue.waiting;
      counters.queued?.length.observe(request.started < 0 ? length : length + 1);
    }
    if (request.started < 0) return this.#wait(schema, counters, request);
    request.runs();
    return request;
  }

  watchBegins(info: RequestInfo, query: RequestQuery): () => void {
    return this.#watches.register(info, query['fieldSelector']);
  }

  /** Lends and borrows seats by the demand of the last period. */
  adjust(): void {
    const now = this.#options.clock.monotonic();
    const metrics = this.#metrics;
    const levels = [...this.#levels.values()];
    for (const { load } of levels) load.demand.summarize(now);
    const { fraction, loans } = borrow(
      levels.map(({ config, limits, queues, load: { demand } }) => ({
        exempt: config.exempt,
        limits,
        highWatermark: demand.highWatermark,
        smoothed: demand.smoothed,
        current: queues.limit,
      })),
    );
    metrics.fraction.with().set(fraction);
    levels.forEach((level, i) => {
      const { name } = level.config;
      const { demand } = level.load;
      const { current, target } = loans[i] as (typeof loans)[number];
      metrics.demandAverage.with(name).set(demand.average);
      metrics.demandDeviation.with(name).set(demand.deviation);
      metrics.demandHigh.with(name).set(demand.highWatermark);
      metrics.demandSmoothed.with(name).set(demand.smoothed);
      metrics.target.with(name).set(target);
      metrics.current.with(name).set(current);
      const { serverSeats } = this.#options;
      const measure = current > 0 ? current : Math.max(1, Math.round(serverSeats * partOfServer));
      level.load.setLimits(level.config, measure, now);
      level.queues.setLimit(current);
    });
  }

  passedOver({ schema }: Flow): void {
    this.#metrics.passedOver.with(schema.level.config.name, schema.config.name).inc();
  }

  drained(): void {
    queueMicrotask(() => this.digest(this.#levelObjects, this.#schemaObjects));
  }

  #digestLevels(wanted: readonly LevelConfig[]): void {
    const { clock, serverSeats, limited } = this.#options;
    const names = new Set(wanted.map(({ name }) => name));
    for (const [name, level] of this.#levels) {
      if (names.has(name)) level.quiescing = false;
      else if (level.idle) this.#levels.delete(name);
      else level.quiescing = true;
    }
    // Levels that drain keep their part until they have.
    const draining = [...this.#levels.values()].filter(({ quiescing }) => quiescing);
    const configs = [...wanted, ...draining.map(({ config }) => config)];
    const limits = seatLimits(configs, serverSeats);
    let executing = 0;
    let waiting = 0;
    for (const config of configs) {
      const seats = limits.get(config.name) as NonNullable<ReturnType<typeof limits.get>>;
      const level = this.#levels.get(config.name);
      if (level !== undefined) level.configure(config, seats);
      else this.#levels.set(config.name, new PriorityLevel(clock, config, seats, this.#metrics));
      this.#metrics.nominal.with(config.name).set(seats.nominal);
      this.#metrics.lower.with(config.name).set(seats.lower);
      this.#metrics.upper.with(config.name).set(seats.upper);
      executing += seats.nominal;
      waiting += config.queues * config.queueLengthLimit;
    }
    limited?.(executing, waiting);
  }

  #estimate(
    info: RequestInfo,
    query: RequestQuery,
    level: PriorityLevel,
    counters: FlowCounters,
  ): WorkEstimate {
    if (!info.resourceRequest) return oneSeat;
    const { verb } = info;
    if (verb === 'list' || verb === 'watch') {
      const seats = listSeats(this.#options.resources, info, query, level.widest);
      return seats === 1 ? oneSeat : { initialSeats: seats, finalSeats: 0, additionalMs: 0 };
    }
    if (!tellsWatchers(info)) return oneSeat;
    const watches = this.#watches.interested(info);
    counters.watchCounts.observe(watches);
    return mutatingWork(watches, level.widest);
  }

  #countersOf({ config, level }: Schema): FlowCounters {
    return new FlowCounters(this.#metrics, level.config.name, config.name, !level.config.exempt);
  }

  #wait(schema: Schema, counters: FlowCounters, request: FlowTicket): WaitingTicket {
    const { clock } = this.#options;
    const { queues } = schema.level;
    const { seats } = request;
    counters.queued?.requests.inc();
    counters.queued?.seats.inc(seats);
    const ticket = new Promise<Ticket>((resolve, reject) => {
      request.decide = (rejection) => {
        counters.queued?.requests.dec();
        counters.queued?.seats.dec(seats);
        if (rejection === undefined) {
          request.runs();
          resolve(request);
          return;
        }
        this.#waitedInVain(schema, clock.monotonic() - request.arrived);
        reject(this.#refusal(schema, rejection));
      };
    });
    return { ticket, cancel: () => queues.cancel(request) };
  }

  #waitedInVain({ level, config }: Schema, ms: number): void {
    this.#metrics.waiting.with(level.config.name, config.name, 'false').observe(ms / 1000);
  }

  #refusal(schema: Schema, reason: Rejection): TooManyRequests {
    const { name } = schema.level.config;
    this.#metrics.rejected.with(name, schema.config.name, reason).inc();
    this.#dropped.record(name);
    return new TooManyRequests(this.#dropped.retryAfter(name), schema.classification);
  }

  /** What is only told when somebody asks. */
  #tellProgress(): void {
    const now = this.#options.clock.monotonic();
    const { progress, dispatchProgress, latest, next, nextDiscounted } = this.#metrics;
    for (const [name, { queues, load }] of this.#levels) {
      load.settle(now);
      progress.with(name).set(seatSeconds(queues.progress));
      const { dispatch } = queues;
      if (dispatch.none) continue;
      dispatchProgress.with(name).set(seatSeconds(dispatch.at));
      latest.with(name).set(seatSeconds(dispatch.latest));
      next.with(name, 'min').set(seatSeconds(dispatch.nextMin));
      next.with(name, 'max').set(seatSeconds(dispatch.nextMax));
      nextDiscounted.with(name, 'min').set(seatSeconds(dispatch.discountedMin));
      nextDiscounted.with(name, 'max').set(seatSeconds(dispatch.discountedMax));
    }
  }
}

/** The objects that are there, and those of the mandatory ones that are not as the release has them. */
function withMandatory(objects: readonly KubeObject[], kind: string): readonly KubeObject[] {
  const names = new Set(objects.map(({ metadata }) => metadata.name));
  const missing = bootstrapObjects().filter(
    ({ object }) =>
      object.kind === kind &&
      mandatory.includes(object.metadata.name ?? '') &&
      !names.has(object.metadata.name),
  );
  return [...objects, ...missing.map(({ object }) => object)];
}
