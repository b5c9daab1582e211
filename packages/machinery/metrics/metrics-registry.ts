import { Family, type FamilyOptions, type Series, type Stability } from './family.ts';
import { Counter, Gauge, Histogram } from './values.ts';

export interface HistogramOptions extends FamilyOptions {
  /** Upper bounds of the buckets, ascending, without the infinite one. */
  readonly buckets: readonly number[];
}

interface Writable {
  readonly name: string;
  readonly stability: Stability | undefined;
  write(out: string[]): void;
}

/** The metrics of a process or a part of one, in Prometheus' text form when somebody asks. */
export class MetricsRegistry {
  readonly #families = new Map<string, Writable>();
  readonly #before: (() => void)[] = [];
  #disabled: ReadonlySet<string> = new Set();

  counter(options: FamilyOptions): Family<Counter> {
    return this.#add(new Family('counter', options, () => new Counter()));
  }

  gauge(options: FamilyOptions): Family<Gauge> {
    return this.#add(new Family('gauge', options, () => new Gauge()));
  }

  histogram(options: HistogramOptions): Family<Histogram> {
    return this.#add(new Family('histogram', options, () => new Histogram(options.buckets)));
  }

  /** Calls `fn` before the metrics are written, so that it sets what is only known by looking. */
  beforeWrite(fn: () => void): void {
    this.#before.push(fn);
  }

  /** Leaves families out of what is written, be they there or yet to come. */
  disable(names: readonly string[]): void {
    this.#disabled = new Set(names);
  }

  /** Families by how far they may be relied on. */
  get stabilities(): readonly Stability[] {
    return [...this.#families.values()].flatMap(({ stability }) => stability ?? []);
  }

  /** Families by name, each with its HELP and TYPE. */
  text(): string {
    for (const fn of this.#before) fn();
    const out: string[] = [];
    for (const family of [...this.#families.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (!this.#disabled.has(family.name)) family.write(out);
    }
    return out.length === 0 ? '' : `${out.join('\n')}\n`;
  }

  /** A family that exists already keeps its series; two kinds under one name are a mistake. */
  #add<S extends Series>(family: Family<S>): Family<S> {
    const known = this.#families.get(family.name);
    if (known === undefined) {
      this.#families.set(family.name, family);
      return family;
    }
    if (!(known instanceof Family) || known.type !== family.type) {
      throw new TypeError(`metric ${family.name} is there already as another type`);
    }
    return known as Family<S>;
  }
}

/** `count` bounds from `start`, each `factor` times the one before. */
export function exponentialBuckets(start: number, factor: number, count: number): number[] {
  let bound = start;
  return Array.from({ length: count }, (_, i) => {
    // As Go does, whose bounds show the error that adds up.
    if (i > 0) bound *= factor;
    return bound;
  });
}
