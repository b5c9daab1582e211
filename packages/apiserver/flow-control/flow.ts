import type { SchemaConfig } from './config.ts';
import type { Classification } from './contract.ts';
import type { FlowCounters } from './flow-counters.ts';
import type { PriorityLevel } from './priority-level.ts';

/** A FlowSchema at work. */
export interface Schema {
  readonly config: SchemaConfig;
  readonly level: PriorityLevel;
  readonly classification: Classification;
  /** Absent until a request comes. */
  counters: FlowCounters | undefined;
}

/** Requests that share a hand of queues. */
export interface Flow {
  readonly schema: Schema;
  readonly distinguisher: string;
  readonly hand: readonly number[];
}
