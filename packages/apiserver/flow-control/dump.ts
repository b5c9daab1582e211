import { type Clock, formatGoDuration, formatMicroTime } from '@coxswain/machinery';
import type { FlowControl } from './flow-control.ts';
import type { FlowTicket } from './flow-ticket.ts';
import type { PriorityLevel } from './priority-level.ts';
import { formatSeatSeconds } from './seat-work.ts';

/** What Go tells of a time that has not come. */
const noTime = '0001-01-01T00:00:00Z';
/** The place of requests that are in no queue, or in none any more. */
const nowhere = '-1';

/** What `/debug/api_priority_and_fairness/NAME` tells; undefined where there is no such dump. */
export function dumpFlowControl(
  control: FlowControl,
  clock: Clock,
  name: string,
  details: boolean,
): string | undefined {
  const levels = [...control.levels.values()].sort((a, b) => (a.config.name < b.config.name ? -1 : 1));
  switch (name) {
    case 'dump_priority_levels':
      return table([levelColumns, ...levels.map(levelRow)]);
    case 'dump_queues':
      return table([queueColumns, ...levels.flatMap(queueRows)]);
    case 'dump_requests':
      return table([
        details ? [...requestColumns, ...detailColumns] : requestColumns,
        ...levels.flatMap((level) => requestRows(level, clock, details)),
      ]);
    default:
      return undefined;
  }
}

const levelColumns = [
  'PriorityLevelName',
  'ActiveQueues',
  'IsIdle',
  'IsQuiescing',
  'WaitingRequests',
  'ExecutingRequests',
  'DispatchedRequests',
  'RejectedRequests',
  'TimedoutRequests',
  'CancelledRequests',
];

function levelRow({ config, queues, idle, quiescing }: PriorityLevel): string[] {
  return [
    config.name,
    String(queues.queues.filter((queue) => queue.waiting.length > 0).length),
    String(idle),
    String(quiescing),
    String(queues.requestsWaiting),
    String(queues.requestsExecuting),
    String(queues.dispatched),
    String(queues.rejected),
    // Upstream counts those whose time is over among the cancelled.
    '0',
    String(queues.cancelled),
  ];
}

const queueColumns = [
  'PriorityLevelName',
  'Index',
  'PendingRequests',
  'ExecutingRequests',
  'SeatsInUse',
  'NextDispatchR',
  'InitialSeatsSum',
  'MaxSeatsSum',
  'TotalWorkSum',
];

function queueRows({ config, queues }: PriorityLevel): string[][] {
  return queues.queues.map((queue) => [
    config.name,
    String(queue.index),
    String(queue.waiting.length),
    String(queue.executing.size),
    String(queue.seatsInUse),
    formatSeatSeconds(queue.nextDispatch),
    String(queue.initialSeatsWaiting),
    String(queue.seatsWaiting),
    formatSeatSeconds(queue.workWaiting),
  ]);
}

const requestColumns = [
  'PriorityLevelName',
  'FlowSchemaName',
  'QueueIndex',
  'RequestIndexInQueue',
  'FlowDistingsher',
  'ArriveTime',
  'InitialSeats',
  'FinalSeats',
  'AdditionalLatency',
  'StartTime',
];
const detailColumns = [
  'UserName',
  'Verb',
  'APIPath',
  'Namespace',
  'Name',
  'APIVersion',
  'Resource',
  'SubResource',
];

function requestRows({ queues }: PriorityLevel, clock: Clock, details: boolean): string[][] {
  const row = (queue: string, place: string) => (request: unknown) =>
    requestRow(request as FlowTicket, queue, place, clock, details);
  return [
    ...queues.queues.flatMap((queue) => {
      const index = String(queue.index);
      return [
        ...queue.waiting.map((request, place) => row(index, String(place))(request)),
        ...[...queue.executing].map(row(index, nowhere)),
      ];
    }),
    ...[...queues.unqueued].map(row(nowhere, nowhere)),
  ];
}

function requestRow(
  { facts, estimate, arrived, started }: FlowTicket,
  queue: string,
  place: string,
  clock: Clock,
  details: boolean,
): string[] {
  const { flow, user, info } = facts;
  const { schema, distinguisher } = flow;
  const row = [
    schema.level.config.name,
    schema.config.name,
    queue,
    place,
    distinguisher,
    wallTime(arrived, clock),
    String(estimate.initialSeats),
    String(estimate.finalSeats),
    formatGoDuration(estimate.additionalMs),
    started < 0 ? noTime : wallTime(started, clock),
  ];
  if (!details) return row;
  const { verb, path, namespace, name, apiVersion, resource, subresource } = info;
  return [...row, user.name, verb, path, namespace, name, apiVersion, resource, subresource];
}

/** A monotonic time as Go prints what the clock showed, without zeros at the end. */
function wallTime(monotonic: number, clock: Clock): string {
  const time = formatMicroTime(clock.now() - (clock.monotonic() - monotonic));
  return time.replace(/\.?0*Z$/, 'Z');
}

/** Columns with commas, padded to one width as Go's tabwriter does it. */
function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.slice(0, -1).forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 8, cell.length + 2);
    });
  }
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === row.length - 1 ? cell : `${cell},`.padEnd(widths[i] as number))).join('');
  return `${rows.map(line).join('\n')}\n`;
}
