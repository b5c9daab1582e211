import type { Collect } from './figure.ts';
import type { ServerProcess } from './server-process.ts';

/** A server under load, and where its figures go. */
export interface Load {
  readonly server: ServerProcess;
  /** How many operations a quick run makes of so many. */
  readonly n: (count: number) => number;
  readonly collect: Collect;
}
