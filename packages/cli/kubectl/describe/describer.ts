import type { KubeObject } from '@coxswain/machinery';
import type { Session } from '../session.ts';
import type { Lines } from './lines.ts';

/** What a describer may need beside the object. */
export interface DescribeContext {
  readonly session: Session;
  /** Wall time in milliseconds. */
  readonly now: number;
}

/** Writes what is known of an object; events are added by the verb. */
export type Describer = (lines: Lines, object: KubeObject, context: DescribeContext) => Promise<void> | void;
