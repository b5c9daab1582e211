import { CelCostError } from './issue.ts';
import type { CelValue } from './values.ts';

/** What variables stand for in one evaluation. */
export interface Activation {
  /** Undefined where there is none of that name. */
  resolve(name: string): CelValue | undefined;
}

/** Counts the work of an evaluation. */
export class CostMeter {
  readonly limit: number;
  spent = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Takes back what was counted, or is about to be. */
  refund(cost: number): void {
    this.spent -= cost;
  }

  /** Leaves nothing to spend. */
  exhaust(): void {
    this.spent = this.limit;
  }

  /** @throws CelCostError when the limit is passed */
  spend(cost: number): void {
    this.spent += cost;
    if (this.spent > this.limit) {
      throw new CelCostError('operation cancelled: actual cost limit exceeded');
    }
  }
}

/** The scopes of an evaluation, the innermost first. */
export interface Frame {
  readonly root: Activation;
  readonly meter: CostMeter;
  readonly name: string;
  readonly value: CelValue;
  readonly parent: Frame | undefined;
}

/** A part of an expression, ready to run. */
export type Run = (frame: Frame) => CelValue;

/** The value of a name, of the innermost scope. */
export function lookUp(frame: Frame, name: string): CelValue | undefined {
  for (let at: Frame | undefined = frame; at !== undefined; at = at.parent) {
    if (at.name === name) return at.value;
  }
  return frame.root.resolve(name);
}

export const bind = (frame: Frame, name: string, value: CelValue): Frame => ({
  root: frame.root,
  meter: frame.meter,
  name,
  value,
  parent: frame,
});
