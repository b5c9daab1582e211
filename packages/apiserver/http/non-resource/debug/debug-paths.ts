import type { Clock } from '@coxswain/machinery';
import { dumpFlowControl } from '../../../flow-control/dump.ts';
import type { FlowControl } from '../../../flow-control/flow-control.ts';
import type { ParsedQuery } from '../../query.ts';
import { readBody } from '../../read-body.ts';
import { type Request, type Response, replyPlain, replyText } from '../../reply.ts';
import { Pprof } from './pprof.ts';

/** Serves what follows `/debug/`, whatever the method, as upstream does; false where there is no such path. */
export type DebugPaths = (
  path: string,
  query: ParsedQuery,
  request: Request,
  response: Response,
) => boolean | Promise<boolean>;

/** What of the server can be looked at and turned. */
export interface DebugOptions {
  readonly clock: Clock;
  readonly profiling: boolean;
  /** Absent without priority and fairness. */
  readonly control: FlowControl | undefined;
  /** Takes what is put to `/debug/flags/v`; absent: nothing can be. */
  readonly setVerbosity?: ((text: string) => void) | undefined;
}

const profiles = '/debug/pprof';
const verbosityFlag = '/debug/flags/v';
const flowControl = '/debug/api_priority_and_fairness/';

export function debugPaths({ clock, profiling, control, setVerbosity }: DebugOptions): DebugPaths {
  const pprof = profiling ? new Pprof(clock) : undefined;
  return (path, query, request, response) => {
    if (profiling && setVerbosity !== undefined && path === verbosityFlag) {
      return putFlag(request, response, setVerbosity);
    }
    if (pprof !== undefined && (path === profiles || path.startsWith(`${profiles}/`))) {
      return pprof.serve(path.slice(profiles.length + 1), query, response);
    }
    if (control === undefined || !path.startsWith(flowControl)) return false;
    const details = (query.values['includeRequestDetails'] ?? '') !== '';
    const text = dumpFlowControl(control, clock, path.slice(flowControl.length), details);
    if (text === undefined) return false;
    replyPlain(response, 200, text);
    return true;
  };
}

/** A flag of the process that runs: what is put counts from now on. */
async function putFlag(request: Request, response: Response, set: (text: string) => void): Promise<true> {
  if (request.method !== 'PUT') {
    replyText(response, 406, 'unsupported http method');
    return true;
  }
  const text = (await readBody(request)).toString('utf8');
  try {
    set(text);
    replyText(response, 200, `successfully set klog.logging.verbosity to ${text}`);
  } catch (error) {
    replyText(response, 400, `failed set klog.logging.verbosity ${text}: ${(error as Error).message}`);
  }
  return true;
}
