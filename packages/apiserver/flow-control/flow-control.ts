import type { Clock, Counter, Gauge, Histogram, KubeObject, MetricsRegistry } from '@coxswain/machinery';
import type { UserInfo } from '../access/contract.ts';
import { bootstrapObjects } from '../bootstrap/objects.ts';
import type { RequestInfo } from '../http/request-info.ts';
import type { RequestQuery } from '../registry/context.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import { distribute, seatLimits } from './concurrency.ts';
import { inOrder, type LevelConfig, levelConfig, type SchemaConfig, schemaConfig } from './config.ts';
import {
  type Classification,
  type RequestLimiter,
  type Ticket,
  TooManyRequests,
  type WaitingTicket,
} from './contract.ts';
import { DroppedRequests } from './dropped-requests.ts';
import { type Rejection, SeatedRequest } from './fair-queues.ts';
import { type FlowMetrics, flowMetrics } from './flow-metrics.ts';
import { seatsOf } from './list-width.ts';
import { matches } from './matches.ts';
import { PriorityLevel } from './priority-level.ts';
import { hashFlow } from './shuffle-shard.ts';

export interface FlowControlOptions {
  readonly clock: Clock;
  readonly resources: ResourceRegistry;
  readonly metrics: MetricsRegistry;
  /** Seats of the whole server: `--max-requests-inflight` and `--max-mutating-requests-inflight` together. */
  readonly serverSeats: number;
  /** How long a request may wait in a queue. */
  readonly waitLimitMs: number;
}

/** Seats move between levels this often. */
const adjustMs = 10_000;
/** Kinds of requests that are remembered for a user before they are looked at anew. */
const rememberedKinds = 1024;
const mandatory = ['exempt', 'catch-all'];

/** What is counted of the requests of a FlowSchema. */
interface Counters {
  readonly dispatched: Counter;
  readonly waited: Histogram;
  readonly execution: Histogram;
  readonly queueLength: Histogram;
  readonly seats: Histogram;
  readonly executing: Gauge;
  readonly executingSeats: Gauge;
  readonly inqueue: Gauge;
  readonly inqueueSeats: Gauge;
}

/** A FlowSchema at work. */
interface Schema {
  readonly config: SchemaConfig;
  readonly level: PriorityLevel;
  readonly classification: Classification;
  /** Absent until a request comes. */
  counters: Counters | undefined;
}

/** Requests that share a hand of queues. */
export interface Flow {
  readonly schema: Schema;
  readonly distinguisher: string;
  readonly hand: readonly number[];
}

/** What a user asks of one resource in one namespace, or of one path. */
interface Kind {
  readonly verb: string;
  readonly group: string;
  readonly subresource: string;
  readonly flow: Flow;
}

/** Kinds of a user's requests by namespace and resource; paths are kept as resources in no namespace. */
interface Kinds {
  count: number;
  readonly namespaces: Map<string, Map<string, Kind[]>>;
}

/** API priority and fairness: which requests run, which wait and which are refused. */
export class FlowControl implements RequestLimiter {
  readonly #options: FlowControlOptions;
  readonly #metrics: FlowMetrics;
  readonly #dropped: DroppedRequests;
  readonly #levels = new Map<string, PriorityLevel>();
  #schemas: readonly Schema[] = [];
  /** What a user's requests of a kind are; forgotten with the configuration. */
  #known = new WeakMap<UserInfo, Kinds>();
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
    const levels = withMandatory(levelObjects, 'PriorityLevelConfiguration').map(levelConfig);
    const schemas = withMandatory(schemaObjects, 'FlowSchema').map(schemaConfig);
    this.#digestLevels(levels);
    this.#schemas = inOrder(schemas).flatMap((config) => {
      const level = this.#levels.get(config.level);
      return level === undefined || level.quiescing
        ? []
        : [
            {
              config,
              level,
              classification: { levelUid: level.config.uid, schemaUid: config.uid },
              counters: undefined,
            },
          ];
    });
    this.#known = new WeakMap();
    this.adjust();
  }

  admit(user: UserInfo, info: RequestInfo, query: RequestQuery, now: number): Ticket | WaitingTicket {
    const flow = this.#classify(user, info);
    const { schema } = flow;
    const { level } = schema;
    schema.counters ??= this.#countersOf(schema);
    const { counters } = schema;
    const seats = seatsOf(this.#options.resources, info, query, level.widest);
    counters.seats.observe(seats);
    const request = new FlowTicket(flow, counters, user, info, seats, now);
    if (level.config.exempt) {
      level.exemptExecuting += seats;
      level.exemptDispatched++;
      level.note(now);
      request.runs(now);
      return request;
    }
    const rejection = level.queues.start(request, flow.hand);
    level.note(now);
    if (rejection !== undefined) throw this.#refusal(schema, rejection);
    if (request.queue !== undefined) counters.queueLength.observe(request.queue.waiting.length);
    if (request.started < 0) return this.#wait(schema, counters, request);
    request.runs(now);
    return request;
  }

  /** Lends and borrows seats by the demand of the last period. */
  adjust(): void {
    const now = this.#options.clock.monotonic();
    const metrics = this.#metrics;
    for (const [name, level] of this.#levels) if (level.quiescing && level.idle) this.#levels.delete(name);
    const limited = [...this.#levels.values()].filter((level) => !level.config.exempt);
    const claims = [...this.#levels.values()].map((level) => {
      const { name } = level.config;
      const summary = level.demand.summarize(now);
      metrics.demandAverage.with(name).set(summary.average);
      metrics.demandDeviation.with(name).set(summary.deviation);
      metrics.demandHigh.with(name).set(summary.highWatermark);
      metrics.demandSmoothed.with(name).set(level.demand.smoothed);
      metrics.demand.with(name).observe(summary.average / Math.max(1, level.limits.nominal));
      // Seats in use are not taken away at once; those never used may be lent down to the lower limit.
      const floor = Math.min(level.limits.nominal, summary.highWatermark);
      const lower = Math.max(level.limits.lower, floor);
      return { level, lower, upper: level.limits.upper, target: Math.max(lower, level.demand.smoothed) };
    });
    const mine = claims.filter(({ level }) => !level.config.exempt);
    const seats = limited.reduce((sum, level) => sum + level.limits.nominal, 0);
    const { fraction, parts } = distribute(seats, mine);
    metrics.fraction.with().set(fraction);
    mine.forEach(({ level, target }, i) => {
      const { name } = level.config;
      level.queues.setLimit(Math.max(1, Math.round(parts[i] as number)));
      metrics.target.with(name).set(target);
      metrics.current.with(name).set(level.queues.limit);
    });
  }

  #digestLevels(configs: readonly LevelConfig[]): void {
    const { clock, serverSeats, waitLimitMs } = this.#options;
    const limits = seatLimits(configs, serverSeats);
    const names = new Set(configs.map(({ name }) => name));
    for (const config of configs) {
      const seats = limits.get(config.name) as NonNullable<ReturnType<typeof limits.get>>;
      const level = this.#levels.get(config.name);
      if (level !== undefined) level.configure(config, seats, waitLimitMs);
      else this.#levels.set(config.name, new PriorityLevel(clock, config, seats, waitLimitMs));
      this.#metrics.nominal.with(config.name).set(seats.nominal);
      this.#metrics.lower.with(config.name).set(seats.lower);
      this.#metrics.upper.with(config.name).set(seats.upper);
    }
    for (const [name, level] of this.#levels) if (!names.has(name)) level.quiescing = true;
  }

  #countersOf({ config, level }: Schema): Counters {
    const labels = [level.config.name, config.name] as const;
    const metrics = this.#metrics;
    return {
      dispatched: metrics.dispatched.with(...labels),
      waited: metrics.waiting.with(...labels, 'true'),
      execution: metrics.execution.with(...labels, 'regular'),
      queueLength: metrics.queueLength.with(...labels),
      seats: metrics.seats.with(...labels),
      executing: metrics.executingRequests.with(...labels),
      executingSeats: metrics.executingSeats.with(...labels),
      inqueue: metrics.inqueueRequests.with(...labels),
      inqueueSeats: metrics.inqueueSeats.with(...labels),
    };
  }

  #classify(user: UserInfo, info: RequestInfo): Flow {
    let kinds = this.#known.get(user);
    if (kinds === undefined || kinds.count >= rememberedKinds) {
      kinds = { count: 0, namespaces: new Map() };
      this.#known.set(user, kinds);
    }
    const { verb, group, subresource, namespace } = info;
    let resources = kinds.namespaces.get(namespace);
    if (resources === undefined) {
      resources = new Map();
      kinds.namespaces.set(namespace, resources);
    }
    const resource = info.resourceRequest ? info.resource : info.path;
    let known = resources.get(resource);
    if (known === undefined) {
      known = [];
      resources.set(resource, known);
    }
    for (const kind of known) {
      if (kind.verb === verb && kind.group === group && kind.subresource === subresource) return kind.flow;
    }
    const flow = this.#match(user, info);
    known.push({ verb, group, subresource, flow });
    kinds.count++;
    return flow;
  }

  #match(user: UserInfo, info: RequestInfo): Flow {
    const last = this.#schemas.find(({ config }) => config.name === 'catch-all');
    const schema = this.#schemas.find(({ config }) => matches(config, user, info)) ?? last;
    if (schema === undefined) throw new Error('classifying a request: there is no catch-all flow schema');
    const { distinguisher: by, name } = schema.config;
    const distinguisher = by === 'ByUser' ? user.name : by === 'ByNamespace' ? info.namespace : '';
    return { schema, distinguisher, hand: schema.level.queues.handOf(hashFlow(name, distinguisher)) };
  }

  #wait(schema: Schema, counters: Counters, request: FlowTicket): WaitingTicket {
    const { clock } = this.#options;
    const { level } = schema;
    counters.inqueue.inc();
    counters.inqueueSeats.inc(request.seats);
    const ticket = new Promise<Ticket>((resolve, reject) => {
      request.decide = (rejection) => {
        const now = clock.monotonic();
        counters.inqueue.dec();
        counters.inqueueSeats.dec(request.seats);
        level.note(now);
        if (rejection === undefined) {
          request.runs(now);
          resolve(request);
          return;
        }
        const waited = this.#metrics.waiting.with(level.config.name, schema.config.name, 'false');
        waited.observe((now - request.arrived) / 1000);
        reject(this.#refusal(schema, rejection));
      };
    });
    return { ticket, cancel: () => level.queues.cancel(request) };
  }

  #refusal(schema: Schema, reason: Rejection): TooManyRequests {
    const { name } = schema.level.config;
    this.#metrics.rejected.with(name, schema.config.name, reason).inc();
    const retryAfter = this.#dropped.retryAfter(name);
    this.#dropped.record(name);
    return new TooManyRequests(retryAfter, schema.classification);
  }
}

/** A request of a flow: waiting, or with its seats. */
export class FlowTicket extends SeatedRequest implements Ticket {
  readonly flow: Flow;
  readonly user: UserInfo;
  readonly info: RequestInfo;
  readonly #counters: Counters;
  #began = 0;

  constructor(flow: Flow, counters: Counters, user: UserInfo, info: RequestInfo, seats: number, now: number) {
    super(seats, now);
    this.flow = flow;
    this.user = user;
    this.info = info;
    this.#counters = counters;
  }

  get classification(): Classification {
    return this.flow.schema.classification;
  }

  /** It has its seats. */
  runs(now: number): void {
    const counters = this.#counters;
    this.#began = now;
    counters.dispatched.inc();
    counters.waited.observe((now - this.arrived) / 1000);
    counters.executing.inc();
    counters.executingSeats.inc(this.seats);
  }

  release(now: number): void {
    const { level } = this.flow.schema;
    const counters = this.#counters;
    counters.executing.dec();
    counters.executingSeats.dec(this.seats);
    counters.execution.observe((now - this.#began) / 1000);
    // A level that was exempt when the request came keeps it out of its queues.
    if (this.started < 0) level.exemptExecuting -= this.seats;
    else level.queues.finish(this, now);
    level.note(now);
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
