import { goFloat } from '../go-float.ts';
import type { Series } from './family.ts';

/** A number that only grows. */
export class Counter implements Series {
  value = 0;

  inc(by = 1): void {
    this.value += by;
  }

  lines(name: string, labels: string, out: string[]): void {
    out.push(`${name}${labels === '' ? '' : `{${labels}}`} ${goFloat(this.value)}`);
  }
}

/** A number that goes up and down. */
export class Gauge implements Series {
  value = 0;

  set(value: number): void {
    this.value = value;
  }

  inc(by = 1): void {
    this.value += by;
  }

  dec(by = 1): void {
    this.value -= by;
  }

  lines(name: string, labels: string, out: string[]): void {
    out.push(`${name}${labels === '' ? '' : `{${labels}}`} ${goFloat(this.value)}`);
  }
}

/** Counts observations by size. */
export class Histogram implements Series {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  /** @param bounds upper bounds of the buckets, ascending, without the infinite one */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Array<number>(bounds.length).fill(0);
  }

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  /** @param times how often the same value was seen; upstream weighs by nanoseconds where it watches a level */
  observe(value: number, times = 1): void {
    this.#count += times;
    this.#sum += value * times;
    const bounds = this.#bounds;
    for (let i = 0; i < bounds.length; i++) {
      if (value <= (bounds[i] as number)) {
        (this.#counts[i] as number) += times;
        return;
      }
    }
  }

  lines(name: string, labels: string, out: string[]): void {
    const before = labels === '' ? '' : `${labels},`;
    const all = labels === '' ? '' : `{${labels}}`;
    let sum = 0;
    this.#counts.forEach((count, i) => {
      sum += count;
      out.push(`${name}_bucket{${before}le="${goFloat(this.#bounds[i] as number)}"} ${goFloat(sum)}`);
    });
    out.push(
      `${name}_bucket{${before}le="+Inf"} ${goFloat(this.#count)}`,
      `${name}_sum${all} ${goFloat(this.#sum)}`,
      `${name}_count${all} ${goFloat(this.#count)}`,
    );
  }
}
