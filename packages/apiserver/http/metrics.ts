import { MetricsRegistry } from '@coxswain/machinery';

/** Upper bounds of the request duration buckets in seconds, as upstream's. */
const durationBounds = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
];

interface Series {
  readonly labels: string;
  total: number;
  sum: number;
  readonly buckets: number[];
}

/** What a request was, for its metrics. */
export interface MeasuredRequest {
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly scope: string;
}

/** Counts requests; costs one map lookup a request. Prometheus text is made when somebody asks. */
export class Metrics {
  readonly registry = new MetricsRegistry();
  readonly #series = new Map<string, Series>();
  readonly #gauges: (() => string)[] = [];

  observe(request: MeasuredRequest, code: number, seconds: number): void {
    const { verb, group, version, resource, subresource, scope } = request;
    const key = `${verb} ${code} ${group} ${version} ${resource} ${subresource} ${scope}`;
    let series = this.#series.get(key);
    if (series === undefined) {
      series = {
        labels:
          `code="${code}",dry_run="",group="${group}",resource="${resource}",scope="${scope}",` +
          `subresource="${subresource}",verb="${verb.toUpperCase()}",version="${version}"`,
        total: 0,
        sum: 0,
        buckets: durationBounds.map(() => 0),
      };
      this.#series.set(key, series);
    }
    series.total++;
    series.sum += seconds;
    const bucket = durationBounds.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) series.buckets[bucket]!++;
  }

  /** Adds lines that are computed at each scrape. */
  addGauge(lines: () => string): void {
    this.#gauges.push(lines);
  }

  /** Prometheus' text format. */
  text(): string {
    const out = ['# TYPE apiserver_request_total counter'];
    for (const series of this.#series.values()) {
      out.push(`apiserver_request_total{${series.labels}} ${series.total}`);
    }
    out.push('# TYPE apiserver_request_duration_seconds histogram');
    for (const series of this.#series.values()) {
      const labels = series.labels.slice(series.labels.indexOf(',') + 1);
      let sum = 0;
      series.buckets.forEach((count, i) => {
        sum += count;
        out.push(`apiserver_request_duration_seconds_bucket{${labels},le="${durationBounds[i]}"} ${sum}`);
      });
      out.push(`apiserver_request_duration_seconds_bucket{${labels},le="+Inf"} ${series.total}`);
      out.push(`apiserver_request_duration_seconds_sum{${labels}} ${series.sum}`);
      out.push(`apiserver_request_duration_seconds_count{${labels}} ${series.total}`);
    }
    for (const gauge of this.#gauges) out.push(gauge());
    return `${out.join('\n')}\n${this.registry.text()}`;
  }
}
