import type { FlowControl, FlowTicket } from './flow-control.ts';
import type { PriorityLevel } from './priority-level.ts';

const none = '<none>';

/** What `/debug/api_priority_and_fairness/NAME` tells; undefined where there is no such dump. */
export function dumpFlowControl(control: FlowControl, name: string, details: boolean): string | undefined {
  const levels = [...control.levels.values()];
  switch (name) {
    case 'dump_priority_levels':
      return table([levelColumns, ...levels.map(levelRow)]);
    case 'dump_queues':
      return table([queueColumns, ...levels.flatMap(queueRows)]);
    case 'dump_requests':
      return table([
        details ? [...requestColumns, ...detailColumns] : requestColumns,
        ...levels.flatMap((level) => requestRows(level, details)),
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

function levelRow({
  config,
  queues,
  idle,
  quiescing,
  exemptExecuting,
  exemptDispatched,
}: PriorityLevel): string[] {
  return [
    config.name,
    String(queues.queues.filter((queue) => queue.waiting.length > 0).length),
    String(idle),
    String(quiescing),
    String(queues.requestsWaiting),
    String(queues.requestsExecuting + exemptExecuting),
    String(queues.dispatched + exemptDispatched),
    String(queues.rejected),
    String(queues.timedOut),
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
  if (config.exempt) return [[config.name, ...queueColumns.slice(1).map(() => none)]];
  return queues.queues.map((queue) => [
    config.name,
    String(queue.index),
    String(queue.waiting.length),
    String(queue.executing.size),
    String(queue.seatsInUse),
    seatSeconds(queue.nextDispatch),
    String(queue.seatsWaiting),
    String(queue.seatsWaiting),
    seatSeconds(queue.seatsWaiting * 3),
  ]);
}

/** Milliseconds of seats as upstream prints seat-seconds. */
function seatSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(8)}ss`;
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

function requestRows({ config, queues }: PriorityLevel, details: boolean): string[][] {
  return queues.queues.flatMap((queue) =>
    queue.waiting.map((request, index) => {
      const { flow, user, info } = request as FlowTicket;
      const row = [
        config.name,
        flow.schema.config.name,
        String(queue.index),
        String(index),
        flow.distinguisher,
        // Arrival is measured by a clock that only runs forward.
        `${(request.arrived / 1000).toFixed(6)}s`,
        String(request.seats),
        '0',
        '0s',
        '',
      ];
      if (!details) return row;
      const { verb, path, namespace, name, apiVersion, resource, subresource } = info;
      return [...row, user.name, verb, path, namespace, name, apiVersion, resource, subresource];
    }),
  );
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
