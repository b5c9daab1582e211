import {
  type Counter,
  exponentialBuckets,
  type Family,
  type Gauge,
  type Histogram,
  MetricsRegistry,
  processMetrics,
} from '@coxswain/machinery';
import type { RequestInfo } from '../request-info.ts';
import { AccessMetrics } from './access-metrics.ts';
import {
  answerValues,
  bodyVerbOf,
  labels,
  plainLabels,
  plainValues,
  scopeOf,
  verbOf,
} from './request-labels.ts';

/** Upper bounds of the duration buckets in seconds, as upstream's. */
const durations = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
];
const sliDurations = durations.slice(2);
/** Requests whose kinds are remembered; clients may name anything. */
const rememberedKinds = 4096;

/** All that is counted of requests of one kind with one outcome. */
interface Counted {
  readonly total: Counter;
  readonly seconds: Histogram;
  readonly sliSeconds: Histogram | undefined;
  readonly sizes: Histogram | undefined;
}

/** Counts the events that watchers are sent. */
export interface WatchCounts {
  readonly total: Counter;
  readonly sizes: Histogram;
}

/** Upstream's metrics of requests. One map lookup a request; Prometheus' text is made when somebody asks. */
export class Metrics {
  readonly registry = new MetricsRegistry();
  /** What `/metrics/slis` tells. */
  readonly slis = new MetricsRegistry();
  readonly access = new AccessMetrics(this.registry);
  readonly #watchEvents = this.registry.counter({
    name: 'apiserver_watch_events_total',
    help: 'Events sent to watchers.',
    labels: ['group', 'resource', 'version'],
  });
  readonly #watchEventSizes = this.registry.histogram({
    name: 'apiserver_watch_events_sizes',
    help: 'Bytes of the events sent to watchers.',
    labels: ['group', 'resource', 'version'],
    buckets: exponentialBuckets(1024, 2, 8),
  });
  readonly #bodySizes = this.registry.histogram({
    name: 'apiserver_request_body_size_bytes',
    help: 'Bytes of the bodies of writes.',
    labels: ['group', 'resource', 'verb'],
    buckets: Array.from({ length: 31 }, (_, i) => 50_000 + i * 100_000),
  });
  readonly #watchLists = this.registry.histogram({
    name: 'apiserver_watch_list_duration_seconds',
    help: 'Seconds from the arrival of a watch to the end of what it began with.',
    labels: ['group', 'version', 'resource', 'scope'],
    buckets: [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 2, 4, 6, 8, 10, 15, 20, 30, 45, 60],
    stability: 'BETA',
  });
  readonly #tlsErrors = this.registry
    .counter({ name: 'apiserver_tls_handshake_errors_total', help: 'Handshakes that failed.' })
    .with();
  readonly #more: (() => string)[] = [];
  readonly #known = new Map<string, Counted>();
  readonly #total: Family<Counter>;
  readonly #seconds: Family<Histogram>;
  readonly #sliSeconds: Family<Histogram>;
  readonly #sizes: Family<Histogram>;
  readonly #longRunning: Family<Gauge>;
  readonly #terminations: Family<Counter>;
  readonly #deprecated: Family<Gauge>;

  constructor() {
    const { registry } = this;
    this.#total = registry.counter({
      name: 'apiserver_request_total',
      help: 'Requests by verb, resource and the code of the answer.',
      labels: ['code', ...labels],
      stability: 'STABLE',
    });
    this.#seconds = registry.histogram({
      name: 'apiserver_request_duration_seconds',
      help: 'Seconds from the arrival of a request to its answer.',
      labels,
      buckets: durations,
      stability: 'STABLE',
    });
    this.#sliSeconds = registry.histogram({
      name: 'apiserver_request_sli_duration_seconds',
      help: 'The same without requests that last as long as somebody wants them to.',
      labels: plainLabels,
      buckets: sliDurations,
    });
    this.#sizes = registry.histogram({
      name: 'apiserver_response_sizes',
      help: 'Bytes of the answers to reads.',
      labels: plainLabels,
      buckets: exponentialBuckets(1000, 10, 7),
      stability: 'STABLE',
    });
    this.#longRunning = registry.gauge({
      name: 'apiserver_longrunning_requests',
      help: 'Requests under way that last as long as somebody wants them to.',
      labels: plainLabels,
      stability: 'STABLE',
    });
    this.#terminations = registry.counter({
      name: 'apiserver_request_terminations_total',
      help: 'Requests that the server ended by itself, to protect itself.',
      labels: ['code', ...plainLabels],
    });
    this.#deprecated = registry.gauge({
      name: 'apiserver_requested_deprecated_apis',
      help: 'Deprecated APIs that were asked for, and the release that removes them.',
      labels: ['group', 'removed_release', 'resource', 'subresource', 'version'],
      stability: 'STABLE',
    });
  }

  /**
   * A request was answered that upstream counts: of a resource, or of a path that `countsPath`.
   * @param dryRun its label
   * @param size bytes of the body; absent where nobody knows
   * @param waited how many of the seconds it stood in a queue or waited for webhooks
   */
  observe(
    info: RequestInfo,
    dryRun: string,
    code: number,
    seconds: number,
    size: number | undefined,
    waited: number,
  ): void {
    const { group, version, resource, subresource, verb } = info;
    const path = info.resourceRequest ? '' : info.path;
    const key = `${code} ${dryRun}${verb} ${group}/${version}/${resource}/${subresource} ${scopeOf(info)}${path}`;
    let counted = this.#known.get(key);
    if (counted === undefined) {
      counted = this.#count(info, dryRun, code);
      if (this.#known.size >= rememberedKinds) this.#known.clear();
      this.#known.set(key, counted);
    }
    counted.total.value++;
    counted.seconds.observe(seconds);
    counted.sliSeconds?.observe(seconds - waited);
    if (size !== undefined) counted.sizes?.observe(size);
  }

  /** The body of a write was read. @param size bytes */
  bodyRead(info: RequestInfo, size: number): void {
    this.#bodySizes.with(info.group, info.resource, bodyVerbOf(info)).observe(size);
  }

  /** A watch has told what there was. @param ms since its request came */
  watchListed(info: RequestInfo, ms: number): void {
    const { group, version, resource } = info;
    this.#watchLists.with(group, version, resource, scopeOf(info)).observe(ms / 1000);
  }

  /** A request found no place. */
  dropped(info: RequestInfo, dryRun: string): void {
    const [component = '', ...plain] = plainValues(info);
    if (!info.resourceRequest) plain[3] = '';
    this.#total.with('429', component, dryRun, ...plain).inc();
  }

  /** A request begins that lasts; call what is given when it ends. */
  longRunning(info: RequestInfo): () => void {
    const gauge = this.#longRunning.with(...plainValues(info));
    gauge.inc();
    return () => gauge.dec();
  }

  /** What is counted of the events of a watch. */
  watchEvents({ group, resource, version }: RequestInfo): WatchCounts {
    return {
      total: this.#watchEvents.with(group, resource, version),
      sizes: this.#watchEventSizes.with(group, resource, version),
    };
  }

  /** A client and the server could not agree on a connection. */
  tlsFailed(): void {
    this.#tlsErrors.inc();
  }

  /** The server refused a request or ended it early. */
  terminated(info: RequestInfo, code: number): void {
    this.#terminations.with(String(code), ...plainValues(info)).inc();
  }

  /** A deprecated API was asked for. @param removed the release without it; '' where none is known */
  deprecated(
    info: Pick<RequestInfo, 'group' | 'version' | 'resource' | 'subresource'>,
    removed: string,
  ): void {
    this.#deprecated.with(info.group, removed, info.resource, info.subresource, info.version).set(1);
  }

  /** Adds families in Prometheus' text form, made at each scrape. */
  addGauge(lines: () => string): void {
    this.#more.push(lines);
  }

  /** Prometheus' text format. */
  text(): string {
    const more = this.#more.map((lines) => lines()).filter((text) => text !== '');
    return (
      this.registry.text() +
      processMetrics.text() +
      more.map((text) => (text.endsWith('\n') ? text : `${text}\n`)).join('')
    );
  }

  /** The same of the indicators of service. */
  sliText(): string {
    return this.slis.text();
  }

  #count(info: RequestInfo, dryRun: string, code: number): Counted {
    const plain = answerValues(info);
    const values = [plain[0] as string, dryRun, ...plain.slice(1)];
    const verb = verbOf(info);
    const lasting = verb === 'WATCH' || verb === 'CONNECT';
    // Other paths are there to be read, whatever the method.
    const isRead = verb === 'GET' || verb === 'LIST' || !info.resourceRequest;
    return {
      total: this.#total.with(String(code), ...values),
      seconds: this.#seconds.with(...values),
      sliSeconds: lasting || dryRun !== '' ? undefined : this.#sliSeconds.with(...plain),
      sizes: isRead ? this.#sizes.with(...plain) : undefined,
    };
  }
}
