/** How much a metric's name and labels may be relied on (Kubernetes' metric stability levels). */
export type Stability = 'ALPHA' | 'BETA' | 'STABLE';

/** Of metrics that Kubernetes has not made: nothing is said. */
const unsaid = 'UNSAID';

/** What a family of series is called and told apart by. */
export interface FamilyOptions {
  readonly name: string;
  /** One sentence for the HELP line. */
  readonly help: string;
  readonly labels?: readonly string[];
  /** Absent: ALPHA. */
  readonly stability?: Stability | typeof unsaid;
}

/** Writes what one series has to say, a line each. */
export interface Series {
  lines(name: string, labels: string, out: string[]): void;
}

/** All series of one name, told apart by the values of their labels. */
export class Family<S extends Series> {
  readonly name: string;
  readonly type: string;
  /** Undefined where nothing is said of it. */
  readonly stability: Stability | undefined;
  readonly #help: string;
  readonly #labels: readonly string[];
  readonly #make: () => S;
  readonly #series = new Map<string, { readonly labels: string; readonly series: S }>();

  constructor(type: string, options: FamilyOptions, make: () => S) {
    this.name = options.name;
    this.type = type;
    const { stability = 'ALPHA', help } = options;
    this.stability = stability === unsaid ? undefined : stability;
    this.#help = this.stability === undefined ? help : `[${this.stability}] ${help}`;
    this.#labels = options.labels ?? [];
    this.#make = make;
    if (this.#labels.length === 0) this.with();
  }

  /** The series of these label values, in the order of `labels`; made when it is new. Keep it where speed matters. */
  with(...values: readonly string[]): S {
    const key = values.length === 1 ? (values[0] as string) : values.join('\u0000');
    const known = this.#series.get(key);
    if (known !== undefined) return known.series;
    const series = this.#make();
    this.#add(series, values);
    return series;
  }

  #add(series: S, values: readonly string[]): void {
    if (values.length !== this.#labels.length) {
      throw new TypeError(`metric ${this.name} has ${this.#labels.length} labels, not ${values.length}`);
    }
    const labels = this.#labels
      .map((label, i) => `${label}="${escapeLabel(values[i] as string)}"`)
      .sort()
      .join(',');
    this.#series.set(values.join('\u0000'), { labels, series });
  }

  /** Tells a series that somebody else has made as that of these label values. */
  put(series: S, ...values: readonly string[]): void {
    this.remove(...values);
    this.#add(series, values);
  }

  /** Forgets a series. */
  remove(...values: readonly string[]): void {
    this.#series.delete(values.join('\u0000'));
  }

  /** Forgets all series. */
  clear(): void {
    this.#series.clear();
  }

  /** Prometheus' text form; nothing where there is no series. */
  write(out: string[]): void {
    if (this.#series.size === 0) return;
    out.push(`# HELP ${this.name} ${this.#help}`, `# TYPE ${this.name} ${this.type}`);
    const all = [...this.#series.values()].sort((a, b) => (a.labels < b.labels ? -1 : 1));
    for (const { labels, series } of all) series.lines(this.name, labels, out);
  }
}

function escapeLabel(value: string): string {
  return /["\\\n]/.test(value)
    ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
    : value;
}
