import type { Clock, Histogram } from '@coxswain/machinery';

/** A power of two. Looking at the clock twice costs a tenth of a microsecond, as much as what is measured. */
const every = 8;

interface Outcome {
  readonly histogram: Histogram;
  /** Seconds of the last one that was measured. */
  last: number;
  /** How many have ended since. */
  waiting: number;
}

/** Gives the series of an outcome. */
interface Outcomes {
  with(outcome: string): Histogram;
}

/**
 * How long something takes that happens with every request, by its outcome. One in eight is measured and stands
 * for those since the last, so that counts are exact and times are of a sample.
 */
export class SampledDurations {
  readonly #clock: Clock;
  readonly #family: Outcomes;
  readonly #outcomes = new Map<string, Outcome>();
  #begun = 0;
  #last = 0;

  constructor(family: Outcomes, clock: Clock) {
    this.#family = family;
    this.#clock = clock;
  }

  /** When it began, for `end`; 0 where nobody looks. */
  begin(): number {
    return (this.#begun++ & (every - 1)) === 0 ? this.#clock.monotonic() : 0;
  }

  end(began: number, outcome: string): void {
    const known = this.#outcomes.get(outcome) ?? this.#add(outcome);
    known.waiting++;
    if (began === 0) return;
    this.#last = (this.#clock.monotonic() - began) / 1000;
    known.last = this.#last;
    known.histogram.observe(known.last, known.waiting);
    known.waiting = 0;
  }

  /** Counts those that wait for a measured one. */
  flush(): void {
    for (const outcome of this.#outcomes.values()) {
      if (outcome.waiting === 0) continue;
      const seconds = outcome.histogram.count === 0 ? this.#last : outcome.last;
      outcome.histogram.observe(seconds, outcome.waiting);
      outcome.waiting = 0;
    }
  }

  #add(name: string): Outcome {
    const outcome = { histogram: this.#family.with(name), last: 0, waiting: 0 };
    this.#outcomes.set(name, outcome);
    return outcome;
  }
}
