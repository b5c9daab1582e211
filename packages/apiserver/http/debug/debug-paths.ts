import type { Clock } from '@coxswain/machinery';
import { dumpFlowControl } from '../../flow-control/dump.ts';
import type { FlowControl } from '../../flow-control/flow-control.ts';
import type { ParsedQuery } from '../query.ts';
import { type Response, replyText } from '../reply.ts';
import { Pprof } from './pprof.ts';

/** Serves what follows `/debug/`; false where there is no such path. */
export type DebugPaths = (path: string, query: ParsedQuery, response: Response) => boolean | Promise<boolean>;

const profiles = '/debug/pprof';
const flowControl = '/debug/api_priority_and_fairness/';

/** @param control absent without priority and fairness */
export function debugPaths(clock: Clock, profiling: boolean, control: FlowControl | undefined): DebugPaths {
  const pprof = profiling ? new Pprof(clock) : undefined;
  return (path, query, response) => {
    if (pprof !== undefined && (path === profiles || path.startsWith(`${profiles}/`))) {
      return pprof.serve(path.slice(profiles.length + 1), query, response);
    }
    if (control === undefined || !path.startsWith(flowControl)) return false;
    const details = (query.values['includeRequestDetails'] ?? '') !== '';
    const text = dumpFlowControl(control, path.slice(flowControl.length), details);
    if (text === undefined) return false;
    replyText(response, 200, text);
    return true;
  };
}
